import { Binary } from 'mongodb';
import type { Publication } from '../messaging/message-log';

/** A message as it lies in a document. */
export interface PublicationDocument {
  readonly topic: string;
  readonly key?: string;
  readonly value?: Binary;
  /** JSON, because a header may be called anything. */
  readonly headers: string;
  readonly time: number;
}

export function documentOf({ topic, key, value, headers, time }: Publication): PublicationDocument {
  return {
    topic,
    ...(key === undefined ? {} : { key }),
    ...(value === undefined ? {} : { value: new Binary(value) }),
    headers: JSON.stringify(headers),
    time,
  };
}

export function publicationOf({ topic, key, value, headers, time }: PublicationDocument): Publication {
  return {
    topic,
    key,
    value: value && Uint8Array.from(value.value()),
    headers: JSON.parse(headers) as Record<string, string>,
    time,
  };
}

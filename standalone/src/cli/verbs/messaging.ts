import type { Call } from '../call';
import { bytes, table } from '../display';
import type { Told } from '../told';
import type { Verb } from '../verb';
import { OUTBOX } from './outbox';

interface Topic {
  readonly topic: string;
  readonly messages: number;
  readonly bytes: number;
  readonly partitions: readonly { readonly partition: number }[];
  readonly groups: readonly { readonly group: string; readonly lag: number }[];
}

/** Messages: on their way out, and in the topics. */
export const MESSAGING: readonly Verb[] = [
  ...OUTBOX,
  {
    name: 'topics',
    says: 'List the topics, and how far each consumer group is in them.',
    instead: 'only an embedded library does. kafka-ui shows the topics of a distributed one.',
    data: 'in-place-of-url',
    run: topics,
  },
];

async function topics(call: Call): Promise<Told> {
  const { items } = await call.look<{ items: readonly Topic[] }>('/ops/topics');
  return call.told({ items }, (shown, paint) => {
    const rows = shown.items.map(({ topic, messages, bytes: weight, partitions, groups }) => {
      const read = groups.map(({ group, lag }) => (lag === 0 ? group : `${group} ${paint.warn(`${lag} behind`)}`));
      return [topic, partitions.length, messages, bytes(weight), read.join(', ')];
    });
    return rows.length === 0
      ? 'There is no topic.'
      : table(['topic', 'partitions', 'messages', 'size', 'read by'], rows, paint);
  });
}

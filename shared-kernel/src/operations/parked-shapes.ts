import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { textSchema } from '../contracts/bodies';
import { PARK_REASONS } from '../messaging/parking';
import type { ParkedMessage } from '../messaging/parking';

export const PARK_STATES = ['parked', 'released', 'obsolete', 'discarded'] as const satisfies ParkedMessage['state'][];

/** Who does it, and why: without it nothing is done about a parked message. */
export const operatorSchema = z.object({
  actor: textSchema(100).meta({ description: 'Who does it.', examples: ['minji'] }),
  reason: textSchema(500).meta({ description: 'Why; kept with the entry.', examples: ['the book is registered now'] }),
});

const parkedFields = {
  id: z.string(),
  group: z.string().meta({ description: 'Who could not handle it.' }),
  topic: z.string(),
  partition: z.int(),
  offset: z.int(),
  key: z.string().optional(),
  messageId: z.string().optional().meta({ description: '`ce_id` of the message.' }),
  type: z.string().optional().meta({ description: '`ce_type` of the message.' }),
  saga: z.string().optional(),
  reason: z.enum(PARK_REASONS),
  detail: z.string(),
  firstParkedAt: z.iso.datetime(),
  lastParkedAt: z.iso.datetime(),
  count: z.int().positive().meta({ description: 'How often it was parked.' }),
  state: z.enum(PARK_STATES),
};

const noteSchema = z.object({
  at: z.iso.datetime(),
  actor: z.string(),
  did: z.enum(['released', 'failed-again', 'obsolete', 'discarded', 'restored']),
  reason: z.string().optional(),
});

export const parkedSchema = z
  .object(parkedFields)
  .meta({ id: 'ParkedMessage', description: 'A message set aside so that its partition could go on.' });

export const parkedInFullSchema = z
  .object({
    ...parkedFields,
    time: z.iso.datetime().meta({ description: 'When it happened, as the message says.' }),
    headers: z.record(z.string(), z.string()),
    value: z
      .object({ encoding: z.enum(['utf-8', 'base64']), content: z.string() })
      .optional()
      .meta({ description: 'The bytes as they came: as text where they are UTF-8. Absent in a tombstone.' }),
    notes: z.array(noteSchema).meta({ description: 'What people did about it, oldest first.' }),
  })
  .meta({ id: 'ParkedMessageInFull', description: 'A parked message with its bytes, its headers and its history.' });

export function parkedShape(entry: ParkedMessage): z.input<typeof parkedSchema> {
  const { id, group, message, reason, detail, count, state } = entry;
  const { topic, partition, offset, key, headers } = message;
  return {
    id,
    group,
    topic,
    partition,
    offset,
    key,
    messageId: headers['ce_id'],
    type: headers['ce_type'],
    saga: headers['ce_sagaid'],
    reason,
    detail,
    firstParkedAt: new Date(entry.firstParkedAt).toISOString(),
    lastParkedAt: new Date(entry.lastParkedAt).toISOString(),
    count,
    state,
  };
}

export function parkedInFullShape(entry: ParkedMessage): z.input<typeof parkedInFullSchema> {
  const { time, headers, value } = entry.message;
  return {
    ...parkedShape(entry),
    time: new Date(time).toISOString(),
    headers,
    ...(value === undefined ? {} : { value: contentOf(value) }),
    notes: entry.notes.map(({ at, ...note }) => ({ at: new Date(at).toISOString(), ...note })),
  };
}

function contentOf(value: Uint8Array) {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return isUtf8(bytes)
    ? { encoding: 'utf-8' as const, content: bytes.toString('utf8') }
    : { encoding: 'base64' as const, content: bytes.toString('base64') };
}

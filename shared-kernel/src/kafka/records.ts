import { MessageRejected } from '../messaging/message-log';
import type { LogMessage, Publication } from '../messaging/message-log';
import type { FetchedPartition, FetchedRecord, OutgoingRecord } from './protocol';

/** What a record takes beside its key, value and headers, at the most. */
const RECORD_OVERHEAD = 32;
const HEADER_OVERHEAD = 6;

/** A message in the form in which it travels. */
export interface Weighed {
  readonly record: OutgoingRecord;
  readonly bytes: number;
}

/** Throws MessageRejected when it can never be taken. */
export function toRecord({ key, value, headers, time }: Publication, index: number, mostBytes: number): Weighed {
  if (!Number.isSafeInteger(time) || time < 0) {
    throw new MessageRejected(index, `The time of a message is in whole milliseconds since 1970, and ${time} is none.`);
  }
  const record = {
    key: key === undefined ? null : Buffer.from(key),
    value: value === undefined ? null : asBuffer(value),
    headers,
    timestamp: `${time}`,
  };
  let bytes = (record.key?.length ?? 0) + (record.value?.length ?? 0);
  let overhead = RECORD_OVERHEAD;
  for (const [name, text] of Object.entries(headers)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
    overhead += HEADER_OVERHEAD;
  }
  if (bytes > mostBytes) {
    throw new MessageRejected(index, `A message may have ${mostBytes} bytes, and this one has ${bytes}.`);
  }
  return { record, bytes: bytes + overhead };
}

/** What was fetched of a partition: the messages from `offset` on that count, and where to go on. */
export interface Fetched {
  readonly messages: readonly LogMessage[];
  readonly next: number;
}

/**
 * Leaves out what lies before `offset` (brokers answer whole batches), the marks that transactions leave, and messages of
 * transactions that were aborted. After a gap it goes on behind the batch, and not at the next number.
 */
export function fromFetch(topic: string, fetched: FetchedPartition, offset: number): Fetched {
  const last = fetched.messages.at(-1);
  if (!last) return { messages: [], next: offset };
  const messages = withoutAborted(fetched)
    .filter((record) => !record.isControlRecord && Number(record.offset) >= offset)
    .map((record) => toMessage(topic, fetched.partition, record));
  const { firstOffset, lastOffsetDelta } = last.batchContext;
  return { messages, next: Math.max(offset, Number(firstOffset) + lastOffsetDelta + 1) };
}

function withoutAborted({ messages, abortedTransactions }: FetchedPartition): readonly FetchedRecord[] {
  if (!abortedTransactions?.length) return messages;
  const toCome = abortedTransactions.toSorted((one, other) => Number(one.firstOffset) - Number(other.firstOffset));
  const aborted = new Set<string>();
  return messages.filter(({ offset, isControlRecord, batchContext: { producerId, inTransaction } }) => {
    while (toCome[0] && Number(offset) >= Number(toCome[0].firstOffset)) aborted.add(toCome.shift()!.producerId);
    // A producer has one transaction at a time, so its next mark is the end of this one.
    if (isControlRecord) aborted.delete(producerId);
    return !(inTransaction && aborted.has(producerId));
  });
}

function toMessage(topic: string, partition: number, record: FetchedRecord): LogMessage {
  return {
    topic,
    partition,
    offset: Number(record.offset),
    key: record.key?.toString(),
    value: record.value ?? undefined,
    headers: Object.fromEntries(Object.entries(record.headers).map(([name, value]) => [name, textOf(value)])),
    time: Number(record.timestamp),
  };
}

/** A header that came more than once is a list, and so is one whose name every object has; the last one counts. */
function textOf(value: unknown): string {
  const last: unknown = Array.isArray(value) ? value.at(-1) : value;
  return Buffer.isBuffer(last) ? last.toString() : '';
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

import { rememberRead } from '../messaging/cloud-event';
import type { LogMessage, Publication } from '../messaging/message-log';
import { Fault } from '../store/fault';
import { compactHeaders, expandHeaders } from './compact-headers';
import type { Stage, Transaction } from './group-commit';
import type { JournaledFile } from './journaled-file';
import type { SqlValue } from './sql-value';
import { Partition, Topic } from './topic';
import { WideWrite } from './wide-statement';

/** A message on its way, and its form on disk. It is a copy: the publisher may use its bytes again. */
export interface Prepared {
  readonly partition: Partition;
  readonly message: Omit<Publication, 'topic'>;
  readonly publication: Publication;
  readonly key: Uint8Array | null;
  readonly headers: Uint8Array;
  /** What key, value and headers weigh on disk. */
  readonly bytes: number;
}

interface MessageRow {
  readonly offset: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Uint8Array;
  readonly time: number;
}

interface PartitionRow {
  readonly topic: number;
  readonly partition: number;
  readonly first: number;
  readonly counted: number;
  readonly bytes: number;
}

/** After a crash, a start weighs at most so many messages of each partition. */
const MOST_UNCOUNTED = 5_000;

type Reading = Pick<JournaledFile, 'statement'>;
type Writing = Pick<JournaledFile, 'write' | 'change'>;

/** The topics of a log and their messages, on disk and in memory. Whatever reads messages shows those that were applied. */
export class Topics implements Stage {
  private readonly byName = new Map<string, Topic>();
  private appended: { readonly partition: Partition; readonly message: LogMessage; readonly bytes: number }[] = [];
  private rows: (readonly SqlValue[])[] = [];
  private readonly appendedTo = new Set<Partition>();
  private created: Partition[] = [];
  /** Partitions that the transaction in hand deletes from, as they were before. */
  private deletedFrom: { readonly partition: Partition; readonly first: number; readonly bytes: number }[] = [];
  private readonly insert: WideWrite;

  constructor(
    private readonly file: Reading,
    private readonly writing: Writing = ONLY_LOOKED_AT,
  ) {
    this.insert = new WideWrite(writing, 'messages', (rows) => `INSERT INTO messages VALUES ${rows}`);
    this.load();
  }

  all(): readonly Topic[] {
    return [...this.byName.values()];
  }

  /** Throws a Fault when nobody has created it. */
  get(name: string): Topic {
    const topic = this.byName.get(name);
    if (!topic) throw missing(name);
    return topic;
  }

  partition(name: string, index: number): Partition {
    const topic = this.get(name);
    const partition = topic.partitions[index];
    if (!partition)
      throw new RangeError(`The topic ${name} has ${topic.partitions.length} partitions, and no ${index}.`);
    return partition;
  }

  /** The topic, created, or given more partitions, where it has fewer. It never loses any: that would lose messages. */
  create(transaction: Transaction, name: string, partitions: number): Topic {
    let topic = this.byName.get(name);
    if (topic && topic.partitions.length >= partitions) return topic;

    transaction.join(this);
    topic ??= new Topic(1 + this.all().reduce((highest, { id }) => Math.max(highest, id), 0), name);
    this.byName.set(name, topic);
    for (let index = topic.partitions.length; index < partitions; index++) {
      const partition = new Partition(topic, index, 0, 0, 0, 0);
      topic.partitions.push(partition);
      this.created.push(partition);
    }
    return topic;
  }

  prepare(topic: Topic, publication: Publication): Prepared {
    const { key, value, headers, time } = publication;
    const keyBytes = key === undefined ? null : Buffer.from(key);
    const compact = compactHeaders(headers, key, time);
    return {
      partition: topic.partitionFor(keyBytes),
      message: { key, value: value && Buffer.from(value), headers: { ...headers }, time },
      publication,
      key: keyBytes,
      headers: compact,
      bytes: (keyBytes?.length ?? 0) + (value?.length ?? 0) + compact.length,
    };
  }

  append(transaction: Transaction, messages: readonly Prepared[], now: number): void {
    transaction.join(this);
    for (const { partition, message, publication, key: keyBytes, headers: compact, bytes } of messages) {
      const { topic, index } = partition;
      // It was seen while it was being created, which came to nothing.
      if (topic.partitions[index] !== partition) throw missing(topic.name);
      const { key, value, headers, time } = message;
      const offset = partition.next++;
      this.rows.push([topic.id, index, offset, keyBytes, value ?? null, compact, time, now - time]);
      const appended = { topic: topic.name, partition: index, offset, key, value, headers, time };
      rememberRead(appended, publication);
      this.appended.push({ partition, message: appended, bytes });
      this.appendedTo.add(partition);
      partition.appending += bytes;
    }
  }

  read(partition: Partition, from: number, limit: number): LogMessage[] {
    const rows = this.file
      .statement<MessageRow>(
        'SELECT offset, key, value, headers, time FROM messages WHERE topic = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT ?',
      )
      .all(partition.topic.id, partition.index, from, limit);

    return rows.map((row) => {
      const key = row.key === null ? undefined : textOf(row.key);
      return {
        topic: partition.topic.name,
        partition: partition.index,
        offset: row.offset,
        key,
        value: row.value ?? undefined,
        headers: expandHeaders(row.headers, key, row.time),
        time: row.time,
      };
    });
  }

  /** When the oldest message from `offset` on was appended, in milliseconds since the epoch. */
  appendedAt(partition: Partition, offset: number): number | undefined {
    const [row] = this.file
      .statement<{ at: number }>(
        'SELECT time + lag AS at FROM messages WHERE topic = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT 1',
      )
      .all(partition.topic.id, partition.index, offset);
    return row?.at;
  }

  /** Deletes at most `limit` of the oldest applied messages that were appended before `before`; answers how many. */
  deleteOld(transaction: Transaction, partition: Partition, before: number, limit: number): number {
    const { topic, index, first, bytes } = partition;
    const [young] = this.file
      .statement<{ offset: number }>(
        'SELECT offset FROM messages WHERE topic = ? AND partition = ? AND offset >= ? AND time + lag >= ? ORDER BY offset LIMIT 1',
      )
      .all(topic.id, index, first, before);
    const until = Math.min(young?.offset ?? this.endOf(topic.id, index), first + limit);
    if (until <= first) return 0;

    transaction.join(this);
    this.deletedFrom.push({ partition, first, bytes });
    partition.first = until;
    partition.bytes -= this.weigh(topic.id, index, first, until);
    this.writing.change(
      'messages',
      'DELETE FROM messages WHERE topic = ? AND partition = ? AND offset < ?',
      topic.id,
      index,
      until,
    );
    this.count(partition, partition.end, partition.bytes);
    return until - first;
  }

  /** Writes down what the partitions weigh, so that the next start need not weigh them. */
  countAll(): void {
    for (const { partitions } of this.all()) {
      for (const each of partitions) if (each.counted < each.end) this.count(each, each.end, each.bytes);
    }
  }

  write(): void {
    this.writeCreated();
    this.insert.run(this.rows);
    for (const each of this.appendedTo) {
      if (each.next - each.counted > MOST_UNCOUNTED) this.count(each, each.next, each.bytes + each.appending);
    }
  }

  stored(): void {
    const partitions = [...this.appendedTo];
    for (const { partition, message, bytes } of this.appended) partition.take(message, bytes);
    for (const partition of partitions) partition.undo();
    this.forgetStaged();
    // After the publishers have their answer; a handler must not run in the middle of a commit.
    queueMicrotask(() => partitions.forEach((partition) => partition.tellFollowers()));
  }

  undone(): void {
    for (const partition of this.appendedTo) partition.undo();
    for (const { partition, ...before } of this.deletedFrom.toReversed()) Object.assign(partition, before);
    for (const partition of this.created.toReversed()) {
      const { topic } = partition;
      topic.partitions.pop();
      if (topic.partitions.length === 0) this.byName.delete(topic.name);
    }
    this.forgetStaged();
  }

  private forgetStaged(): void {
    this.appended = [];
    this.rows = [];
    this.appendedTo.clear();
    this.created = [];
    this.deletedFrom = [];
  }

  private writeCreated(): void {
    for (const { topic, index } of this.created) {
      this.writing.change(
        'topics',
        'INSERT INTO topics VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET partitions = excluded.partitions',
        topic.id,
        topic.name,
        topic.partitions.length,
      );
      this.writing.change('partitions', 'INSERT INTO partitions VALUES (?, ?, 0, 0, 0)', topic.id, index);
    }
  }

  private count(partition: Partition, counted: number, bytes: number): void {
    partition.counted = counted;
    this.writing.change(
      'partitions',
      'UPDATE partitions SET first = ?, counted = ?, bytes = ? WHERE topic = ? AND partition = ?',
      partition.first,
      counted,
      bytes,
      partition.topic.id,
      partition.index,
    );
  }

  private load(): void {
    const rows = this.file.statement<{ id: number; name: string }>('SELECT id, name FROM topics ORDER BY id').all();
    const byId = new Map(rows.map(({ id, name }) => [id, new Topic(id, name)]));
    for (const topic of byId.values()) this.byName.set(topic.name, topic);

    const partitions = this.file.statement<PartitionRow>('SELECT * FROM partitions ORDER BY topic, partition').all();
    for (const { topic: id, partition, first, counted, bytes } of partitions) {
      const topic = byId.get(id);
      if (!topic) continue;
      const end = Math.max(first, this.endOf(id, partition));
      const uncounted = this.weigh(id, partition, counted, end);
      topic.partitions.push(new Partition(topic, partition, first, end, bytes + uncounted, counted));
    }
  }

  /** What the messages from `first` to before `until` weigh. */
  private weigh(topic: number, partition: number, first: number, until: number): number {
    const [row] = this.file
      .statement<{ bytes: number | null }>(
        'SELECT SUM(COALESCE(LENGTH(key), 0) + COALESCE(LENGTH(value), 0) + LENGTH(headers)) AS bytes FROM messages WHERE topic = ? AND partition = ? AND offset >= ? AND offset < ?',
      )
      .all(topic, partition, first, until);
    return row?.bytes ?? 0;
  }

  private endOf(topic: number, partition: number): number {
    const [last] = this.file
      .statement<{ offset: number }>(
        'SELECT offset FROM messages WHERE topic = ? AND partition = ? ORDER BY offset DESC LIMIT 1',
      )
      .all(topic, partition);
    return last ? last.offset + 1 : 0;
  }
}

const ONLY_LOOKED_AT: Writing = {
  write: () => {
    throw new Error('The log is only looked at.');
  },
  change: () => {
    throw new Error('The log is only looked at.');
  },
};

function missing(topic: string): Fault {
  return new Fault('topic-missing', `There is no topic "${topic}". Create it, and nothing is lost meanwhile.`);
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}

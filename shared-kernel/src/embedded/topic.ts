import type { LogMessage } from '../messaging/message-log';
import { partitionOf } from './murmur2';
import { Tail } from './tail';

/** Follows a partition and is told when there is more. */
export interface Follower {
  /** The next offset that it wants. */
  readonly offset: number;
  wake(): void;
}

/** What is known of a partition without looking at its messages. */
export class Partition {
  /** The newest messages, kept for as long as somebody follows. */
  readonly tail = new Tail();
  readonly followers = new Set<Follower>();
  /** The offset that the next message gets, those of the transaction in hand included. */
  next: number;
  /** Weight of the messages that the transaction in hand appends. */
  appending = 0;

  constructor(
    readonly topic: Topic,
    readonly index: number,
    /** The oldest message that was not deleted. */
    public first: number,
    /** What has its place in the journal, and may be read, lies before this offset. */
    public end: number,
    /** What the messages weigh, as they are stored. */
    public bytes: number,
    /** The partition's row has `bytes` for the messages before this offset. */
    public counted: number,
  ) {
    this.next = end;
  }

  /** The message is stored: it may be read. */
  take(message: LogMessage, bytes: number): void {
    this.end = message.offset + 1;
    this.bytes += bytes;
    if (this.followers.size > 0) this.tail.push(message, bytes);
    else this.tail.clear();
  }

  /** Forgets what every follower has passed, and wakes those who wait. */
  tellFollowers(): void {
    let passed = this.end;
    for (const { offset } of this.followers) passed = Math.min(passed, offset);
    this.tail.forget(passed);
    for (const follower of this.followers) follower.wake();
  }

  /** Nothing of the transaction in hand is stored. */
  undo(): void {
    this.next = this.end;
    this.appending = 0;
  }
}

/** A topic as operators see it. */
export interface TopicState {
  readonly topic: string;
  readonly messages: number;
  readonly bytes: number;
  readonly partitions: readonly PartitionState[];
}

export interface PartitionState {
  readonly partition: number;
  /** Offset of the oldest message that was not deleted; the same as `end` when there is none. */
  readonly first: number;
  /** The offset that the next message gets. */
  readonly end: number;
  readonly messages: number;
  /** What keys, values and headers weigh on disk. */
  readonly bytes: number;
}

export class Topic {
  readonly partitions: Partition[] = [];
  private turn = 0;

  constructor(
    readonly id: number,
    readonly name: string,
  ) {}

  /** By the key's hash; messages without a key go round. */
  partitionFor(key: Uint8Array | null): Partition {
    const count = this.partitions.length;
    const index = key === null ? this.turn++ % count : partitionOf(key, count);
    const partition = this.partitions[index];
    if (!partition) throw new Error(`The topic ${this.name} has no partition ${index}.`);
    return partition;
  }

  get state(): TopicState {
    const partitions = this.partitions.map(({ index, first, end, bytes }) => {
      return { partition: index, first, end, messages: end - first, bytes };
    });
    return {
      topic: this.name,
      messages: partitions.reduce((sum, { messages }) => sum + messages, 0),
      bytes: partitions.reduce((sum, { bytes }) => sum + bytes, 0),
      partitions,
    };
  }
}

/** A message as it lies in a topic. */
export interface LogMessage {
  readonly topic: string;
  readonly partition: number;
  /** From 0, ascending within the partition. */
  readonly offset: number;
  readonly key: string | undefined;
  /** The bytes as they came; undefined is a tombstone. Whether they are UTF-8 or JSON is for the reader to find out. */
  readonly value: Uint8Array | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The record's time in milliseconds since the epoch: when it happened, as `ce_time` says. */
  readonly time: number;
}

/** A message on its way into a topic; the key decides the partition. */
export type Publication = Pick<LogMessage, 'topic' | 'key' | 'value' | 'headers' | 'time'>;

/**
 * Handles messages of one partition in their order. When it resolves, their effects are stored and their offsets may be
 * committed; when it rejects, the world has failed, and the same messages are given again after a pause.
 */
export type BatchHandler = (batch: readonly LogMessage[]) => Promise<void>;

export interface ConsumerSettings {
  /** The consumer group; every group sees every message, and within a group one consumer has a partition. */
  readonly group: string;
  readonly topics: readonly string[];
  readonly from: 'earliest' | 'latest';
  /** The most messages that one call of the handler gets. */
  readonly batchSize: number;
}

/** A running consumer. */
export interface Consumption {
  /** True while its loop lives and its last batch did not fail. */
  readonly healthy: boolean;
  /** Waits for the batch in hand, commits its offsets, and ends. */
  stop(): Promise<void>;
}

export interface Backlog {
  /** Messages in the group's topics that it has not committed. */
  readonly messages: number;
  /** How long the oldest of them has lain there, in milliseconds; 0 when there is none. */
  readonly oldestMs: number;
}

/** Topics of ordered, durable messages. Every adapter passes `message-log.contract`. */
export interface MessageLog {
  /**
   * Appends the messages; resolves when all are stored: durable, or ahead of everything that this process stores later. A
   * key's messages keep their order. Rejects with a Fault when the log cannot be reached (some may have been appended), with
   * a MessageRejected when one will never be taken.
   */
  publish(messages: readonly Publication[]): Promise<void>;

  /** Starts a consumer where its group left off. At least once: what was handled but not committed comes again. */
  consume(settings: ConsumerSettings, handle: BatchHandler): Promise<Consumption>;

  /** Messages of a partition from `offset`, at most `limit`; reads without a group, for operators and replays. */
  read(topic: string, partition: number, offset: number, limit: number): Promise<readonly LogMessage[]>;

  /** For each partition, the offset that the next message will get. */
  ends(topic: string): Promise<readonly number[]>;

  backlog(group: string, topics: readonly string[]): Promise<Backlog>;

  /** False from a failed attempt to reach the log until one succeeds. */
  readonly reachable: boolean;
}

/** The log will never take this message: too large, say. */
export class MessageRejected extends Error {
  override readonly name = 'MessageRejected';

  constructor(
    /** Place of the message among those that were to be published. */
    readonly index: number,
    message: string,
  ) {
    super(message);
  }
}

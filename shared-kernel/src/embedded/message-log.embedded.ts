import {
  MessageRejected,
  type Backlog,
  type BatchHandler,
  type ConsumerSettings,
  type Consumption,
  type LogMessage,
  type MessageLog,
  type Publication,
} from '../messaging/message-log';
import type { Clock } from '../time/clock';
import { ConsumerGroup, type Member } from './consumer-group';
import { CrashGuard } from './crash-guard';
import type { Journal } from './journal';
import type { Lane } from './lane';
import { LogReader, type GroupOffset, type LogView } from './log-reader';
import { LogStore } from './log-store';
import type { TopicState } from './topic';
import type { Prepared } from './topics';

export interface EmbeddedLogSettings {
  readonly clock: Clock;
  /** From 0 to less than 1. */
  readonly random: () => number;
  /** Sets aside a message on which the process died at every start. When it rejects, the message comes again. */
  readonly onCrashLoop: (group: string, message: LogMessage) => Promise<void>;
  /** Told of what failed in the background, such as a batch that was not handled; it is tried again. */
  readonly onFailure: (error: unknown) => void;
  /** The most that key, value and headers of a message may weigh, as they are stored; 256 kB when absent. */
  readonly maxMessageBytes?: number;
  /** Messages that lie there for longer are old; absent, they are kept for ever. */
  readonly retentionMs?: number;
  /** When so many starts in a row have died of a message, it is set aside; 5 when absent. */
  readonly crashLoopStarts?: number;
  /** Which other files share; absent, it has one of its own. */
  readonly journal?: Journal;
}

const MAX_MESSAGE_BYTES = 262_144;
const CRASH_LOOP_STARTS = 5;
const PARTITIONS = 4;
/** What a Date can hold, either way. */
const LATEST_TIME = 8.64e15;
/** In one commit, so that nobody waits for long. */
const DELETED_AT_ONCE = 2_000;

/**
 * A message log in one SQL file, for the consumers and publishers of one process. What is published has its place in the
 * journal, and is handed out at once: what comes of it cannot survive without it. Whoever keeps up gets messages from
 * memory, and an idle log does nothing. A group's offsets are committed a little later than its handlers finish, so that
 * a crash has some messages come again.
 */
export class EmbeddedMessageLog implements MessageLog, LogView {
  private readonly groupsByName = new Map<string, ConsumerGroup>();
  private readonly consumptions = new Set<Consumption>();
  private readonly guard: CrashGuard;

  private constructor(
    /** The file; the parking writes there too. */
    readonly store: LogStore,
    private readonly settings: EmbeddedLogSettings,
  ) {
    this.guard = new CrashGuard(store, settings.crashLoopStarts ?? CRASH_LOOP_STARTS);
  }

  /** Opens the log in this file, or begins one there. No other process may have it open. */
  static open(path: string, settings: EmbeddedLogSettings): EmbeddedMessageLog {
    return new EmbeddedMessageLog(LogStore.open(path, settings.clock, settings.onFailure, settings.journal), settings);
  }

  /** Looks at a log that nobody has open, without changing it. */
  static openReadOnly(path: string): LogReader {
    return LogReader.open(path);
  }

  /** Topics that are there already are left alone, or get the partitions that they lack; none is ever taken away. */
  async createTopics(names: readonly string[], partitions = PARTITIONS): Promise<void> {
    await this.store.submit({
      run: (transaction) => {
        for (const name of names) this.store.topics.create(transaction, name, partitions);
      },
    });
    for (const group of this.groupsByName.values()) group.share();
  }

  async publish(messages: readonly Publication[]): Promise<void> {
    if (messages.length === 0) return;
    const prepared = messages.map((message, index) => this.prepare(message, index));
    await this.store.submit({ run: (transaction) => this.store.append(transaction, prepared) });
  }

  async consume(settings: ConsumerSettings, handle: BatchHandler): Promise<Consumption> {
    const topics = settings.topics.map((name) => this.store.topics.get(name));
    const group = this.group(settings.group);
    group.begin(topics, settings.from);
    // A group that has begun must not lose its place, though it has handled nothing yet.
    await this.store.offsets.flush();

    const member = { topics, batchSize: settings.batchSize, handle, failing: new Set<Lane>() };
    const consumption = new EmbeddedConsumption(group, member, this.store, () => this.consumptions.delete(consumption));
    this.consumptions.add(consumption);
    group.join(member);
    return consumption;
  }

  async read(topic: string, partition: number, offset: number, limit: number): Promise<readonly LogMessage[]> {
    const { topics } = this.store;
    return this.store.read(() => topics.read(topics.partition(topic, partition), offset, limit));
  }

  async ends(topic: string): Promise<readonly number[]> {
    return this.store.topics.get(topic).partitions.map(({ end }) => end);
  }

  async backlog(group: string, topics: readonly string[]): Promise<Backlog> {
    const now = this.settings.clock.now();
    let messages = 0;
    let oldestMs = 0;
    for (const partition of topics.flatMap((name) => this.store.topics.get(name).partitions)) {
      const next = Math.max(this.store.offsets.find(group, partition)?.offset ?? 0, partition.first);
      if (next >= partition.end) continue;
      messages += partition.end - next;
      const since = await this.store.read(() => this.store.topics.appendedAt(partition, next));
      oldestMs = Math.max(oldestMs, now - (since ?? now));
    }
    return { messages, oldestMs };
  }

  get reachable(): boolean {
    return this.store.reachable;
  }

  topics(): readonly TopicState[] {
    return this.store.topics.all().map(({ state }) => state);
  }

  groups(): readonly string[] {
    return this.store.offsets.groups;
  }

  offsets(group: string): readonly GroupOffset[] {
    return this.store.offsets.of(group).map(({ partition: { topic, index, end }, offset }) => {
      return { topic: topic.name, partition: index, offset, end };
    });
  }

  /**
   * Has a group go on elsewhere in a topic, whether it runs or not: for a replay, or to leave something out. Given
   * offsets are one for each partition.
   */
  async resetOffsets(group: string, topic: string, to: 'earliest' | 'latest' | readonly number[]): Promise<void> {
    const { partitions } = this.store.topics.get(topic);
    const offsets = partitions.map(({ first, end }, index) => {
      if (typeof to !== 'string') return to[index] ?? Number.NaN;
      return to === 'earliest' ? first : end;
    });
    const valid = partitions.every(({ end }, index) => isOffset(offsets[index], end));
    if (!valid || (typeof to !== 'string' && to.length > partitions.length)) {
      throw new RangeError(
        `The topic ${topic} needs an offset that it has for each of its ${partitions.length} partitions.`,
      );
    }
    partitions.forEach((partition, index) => this.group(group).moveTo(partition, offsets[index] ?? 0));
    await this.store.offsets.flush();
  }

  /** Deletes what has lain longer than the retention time, handled or not, and answers how many messages that were. */
  async deleteOld(): Promise<number> {
    const { retentionMs, clock } = this.settings;
    if (retentionMs === undefined) return 0;
    const before = clock.now() - retentionMs;

    let deleted = 0;
    // Only what is applied can be deleted.
    await this.store.file.applied();
    for (const partition of this.store.topics.all().flatMap(({ partitions }) => partitions)) {
      for (let more = DELETED_AT_ONCE; more === DELETED_AT_ONCE; deleted += more) {
        more = await this.store.submit({
          run: (transaction) => this.store.topics.deleteOld(transaction, partition, before, DELETED_AT_ONCE),
        });
      }
    }
    return deleted;
  }

  /** What the log's SQL file weighs, in bytes. */
  bytes(): number {
    return this.store.bytes;
  }

  /** Waits for the batches in hand, commits, and closes the file. */
  async close(): Promise<void> {
    // A consumer that cannot commit its offsets must not keep the others from ending; closing fails for the same reason.
    await Promise.allSettled([...this.consumptions].map(async (consumption) => consumption.stop()));
    await this.store.close();
  }

  private prepare(message: Publication, index: number): Prepared {
    const { topic, time } = message;
    if (!Number.isInteger(time) || Math.abs(time) > LATEST_TIME) {
      throw new MessageRejected(index, `The time of a message is in whole milliseconds, and ${time} is none.`);
    }
    const prepared = this.store.topics.prepare(this.store.topics.get(topic), message);
    const most = this.settings.maxMessageBytes ?? MAX_MESSAGE_BYTES;
    if (prepared.bytes > most) {
      throw new MessageRejected(index, `A message may have ${most} bytes, and this one has ${prepared.bytes}.`);
    }
    return prepared;
  }

  private group(name: string): ConsumerGroup {
    let group = this.groupsByName.get(name);
    if (!group) {
      group = new ConsumerGroup(name, { ...this.settings, store: this.store, guard: this.guard });
      this.groupsByName.set(name, group);
    }
    return group;
  }
}

class EmbeddedConsumption implements Consumption {
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly group: ConsumerGroup,
    private readonly member: Member,
    private readonly store: LogStore,
    private readonly ended: () => void,
  ) {}

  get healthy(): boolean {
    return !this.stopping && this.member.failing.size === 0;
  }

  stop(): Promise<void> {
    this.stopping ??= this.end();
    return this.stopping;
  }

  private async end(): Promise<void> {
    await this.group.leave(this.member);
    this.ended();
    await this.store.offsets.flush();
  }
}

function isOffset(offset: number | undefined, end: number): boolean {
  return Number.isInteger(offset) && Number(offset) >= 0 && Number(offset) <= end;
}

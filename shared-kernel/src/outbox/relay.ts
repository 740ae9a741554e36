import { toPublication } from '../messaging/cloud-event';
import type { OutgoingMessage } from '../messaging/event-message';
import type { MessageLog } from '../messaging/message-log';
import { MessageRejected } from '../messaging/message-log';
import type { Decide, LivingRecord, Records } from '../store/records';
import { PassingLists } from '../store/passing-lists';
import { withChange } from '../store/with-change';
import type { Clock } from '../time/clock';
import type { PublishedCopy } from './outbox';

export interface RelaySettings {
  /** The most messages in one publication. */
  readonly batchSize: number;
  /** How soon a published message is dropped when no other change of its record comes first. */
  readonly dropAfterMs: number;
  /** Waits between attempts while the log cannot be reached. */
  readonly retryAfterMs: number;
}

export const DEFAULT_RELAY: RelaySettings = { batchSize: 500, dropAfterMs: 1_000, retryAfterMs: 500 };

/** Who is told of what cannot be published. */
export interface RelayReports {
  /** The log refuses it for the message's own sake. Once this has resolved the message is dropped, and its lane goes on. */
  readonly rejected: (message: OutgoingMessage, error: MessageRejected) => Promise<void>;
  /**
   * What is to go out to a topic waits, and is tried again and again; told once until one of the messages is out of the
   * way.
   */
  readonly heldUp: (topic: string, error: unknown) => void;
}

/** A message that was taken over: it waits in its lane, or is out. */
interface Taken {
  readonly id: string;
  /** Undefined while it waits. */
  copy: PublishedCopy | undefined;
  /** Whether a change that drops it is under way. */
  claimed: boolean;
}

interface Waiting {
  readonly record: string;
  readonly message: OutgoingMessage;
  readonly taken: Taken;
}

/** The messages of one topic, in the order in which they must go out. */
interface Lane {
  readonly topic: string;
  readonly queue: Waiting[];
  running: Promise<void> | undefined;
  isHeldUp: boolean;
}

/**
 * Publishes what a change has left in its record's outbox, right after that change, and lets the record's next change
 * drop it. One publication per topic is under way at a time, so a record's messages keep their order within a topic, and a
 * topic that fails holds back only itself.
 */
export class Relay<Living extends LivingRecord> {
  private readonly lanes = new Map<string, Lane>();
  /** By record. */
  private readonly taken = new PassingLists<string, Taken>();
  private dropping: (() => void) | undefined;
  private stopped = false;
  /**
   * How many records the last sweep found of which it can take nothing over: their messages are out and cannot be dropped, or
   * held up. They come first and must not crowd the others out.
   */
  private stuck = 0;

  /** The service's records: every change also drops what was published, and hands over what it leaves. */
  readonly records: Records<Living>;

  constructor(
    private readonly stored: Records<Living>,
    private readonly log: MessageLog,
    private readonly clock: Clock,
    private readonly reports: RelayReports,
    private readonly settings: RelaySettings = DEFAULT_RELAY,
  ) {
    this.records = withChange(stored, (id, about, decide) => this.change(id, about, decide));
  }

  /** Takes over what waits in a record's outbox, oldest first; what is on its way or published already is left out. */
  offer(record: string, waiting: readonly OutgoingMessage[]): void {
    if (this.stopped) return;
    for (const message of waiting) {
      if (this.find(record, message.id)) continue;
      const lane = this.laneOf(message.topic);
      const taken: Taken = { id: message.id, copy: undefined, claimed: false };
      this.taken.add(record, taken);
      lane.queue.push({ record, message, taken });
      lane.running ??= this.run(lane);
    }
  }

  /** Offers whatever has waited since before `before`: messages of a process that is no more, or that were lost on the way. */
  async sweep(before: number, limit: number): Promise<number> {
    const found = await this.stored.findWaiting(before, limit + this.stuck);
    this.stuck = found.filter(({ id, waiting }) => this.isTaken(id, waiting)).length;
    for (const { id, waiting } of found) this.offer(id, waiting);
    return found.length;
  }

  /** Takes over again, should it have been stopped, and drops what could not be dropped then. */
  start(): void {
    this.stopped = false;
    this.dropSoon();
  }

  /**
   * Publishes what it has taken over, drops what is published, and takes nothing more. What the log does not take waits in
   * the records.
   */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const lane of this.lanes.values()) await lane.running;
    for (const { queue } of this.lanes.values())
      for (const { record, taken } of queue) this.taken.remove(record, taken);
    this.lanes.clear();
    this.dropping?.();
    await this.dropPublished();
  }

  private async change<Answer>(id: string, about: readonly string[], decide: Decide<Living, Answer>): Promise<Answer> {
    const dropped = this.claim(id);
    let before: readonly OutgoingMessage[] = [];
    let waiting: readonly OutgoingMessage[] = [];
    try {
      const answer = await this.stored.change<Answer>(id, about, (record) => {
        if (dropped.length > 0) record.published(dropped.map(({ copy }) => copy!));
        before = record.outbox.waiting;
        const decided = decide(record);
        waiting = record.outbox.waiting;
        return decided;
      });
      for (const taken of dropped) this.taken.remove(id, taken);
      if (waiting !== before) this.offer(id, inStepWithNew(waiting, before));
      return answer;
    } catch (error) {
      for (const taken of dropped) taken.claimed = false;
      throw error;
    }
  }

  /** One change drops a message, so that a later one may add it anew and have it published again. */
  private claim(record: string): readonly Taken[] {
    const unclaimed = this.taken.of(record).filter(({ copy, claimed }) => copy && !claimed);
    for (const taken of unclaimed) taken.claimed = true;
    return unclaimed;
  }

  private async run(lane: Lane): Promise<void> {
    await Promise.resolve();
    while (lane.queue.length > 0) {
      const batch = lane.queue
        .slice(0, this.settings.batchSize)
        .map((waiting) => ({ ...waiting, message: this.stamped(waiting.message) }));
      if (await this.publish(lane, batch)) continue;
      if (this.stopped) break;
      await this.pause();
    }
    lane.running = undefined;
  }

  /** False when the log could not be reached, and the same must be tried again. */
  private async publish(lane: Lane, batch: readonly Waiting[]): Promise<boolean> {
    try {
      await this.log.publish(batch.map(({ message }) => toPublication(message)));
    } catch (error) {
      if (error instanceof MessageRejected) return this.setAside(lane, batch[error.index]!, error);
      return this.holdUp(lane, error);
    }
    lane.isHeldUp = false;
    lane.queue.splice(0, batch.length);
    for (const waiting of batch) this.nowOut(waiting);
    return true;
  }

  /** False when nobody could be told of it; then it stays where it is, and is refused again. */
  private async setAside(lane: Lane, refused: Waiting, error: MessageRejected): Promise<boolean> {
    try {
      await this.reports.rejected(refused.message, error);
    } catch (failure) {
      return this.holdUp(lane, failure);
    }
    lane.isHeldUp = false;
    lane.queue.splice(error.index, 1);
    this.nowOut(refused);
    return true;
  }

  private holdUp(lane: Lane, error: unknown): false {
    if (!lane.isHeldUp) this.reports.heldUp(lane.topic, error);
    lane.isHeldUp = true;
    return false;
  }

  private nowOut({ taken, message: { id, expires } }: Waiting): void {
    taken.copy = expires === undefined ? { id } : { id, expires };
    this.dropSoon();
  }

  private find(record: string, id: string): Taken | undefined {
    return this.taken.of(record).find((taken) => taken.id === id);
  }

  private dropSoon(): void {
    if (this.stopped || this.dropping || this.withPublished().length === 0) return;
    this.dropping = this.clock.after(this.settings.dropAfterMs, () => void this.dropPublished());
  }

  /** A drop that fails is no loss: the messages stay, and are dropped with a later change. */
  private async dropPublished(): Promise<void> {
    this.dropping = undefined;
    await Promise.allSettled(this.withPublished().map((record) => this.change(record, [], () => undefined)));
    this.dropSoon();
  }

  private withPublished(): readonly string[] {
    return [...this.taken.keys].filter((record) => this.taken.of(record).some(({ copy }) => copy));
  }

  /** An announcement expires so long after it is first published. */
  private stamped(message: OutgoingMessage): OutgoingMessage {
    if (message.expiresAfterMs === undefined) return message;
    const { expiresAfterMs, ...rest } = message;
    return { ...rest, expires: this.clock.now() + expiresAfterMs };
  }

  private isTaken(record: string, waiting: readonly OutgoingMessage[]): boolean {
    // Else whoever sweeps during an outage would take over, page by page, what all others are going to publish after it.
    const { reachable } = this.log;
    return waiting.every(({ id }) => {
      const taken = this.find(record, id);
      return taken && (taken.copy || reachable);
    });
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.clock.after(this.settings.retryAfterMs, resolve));
  }

  private laneOf(topic: string): Lane {
    let lane = this.lanes.get(topic);
    if (!lane) this.lanes.set(topic, (lane = { topic, queue: [], running: undefined, isHeldUp: false }));
    return lane;
  }
}

/** The new ones, and what waits before them in their topics. What waits in others may be published elsewhere right now. */
function inStepWithNew(
  waiting: readonly OutgoingMessage[],
  before: readonly OutgoingMessage[],
): readonly OutgoingMessage[] {
  const topics = new Set(waiting.filter((message) => !before.includes(message)).map(({ topic }) => topic));
  return waiting.filter(({ topic }) => topics.has(topic));
}

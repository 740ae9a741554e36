import { setImmediate as turn } from 'node:timers/promises';
import type { BatchHandler, LogMessage } from '../messaging/message-log';
import { BackOff } from './back-off';
import type { BackOffSettings } from './back-off';
import type { Fetched } from './records';

/** Batches that lie ready, so that nobody waits for the brokers while there is work. */
const BATCHES_AHEAD = 2;

export interface LaneSettings extends BackOffSettings {
  readonly batchSize: number;
  readonly handle: BatchHandler;
  /** The partitions whose last batch failed. */
  readonly failing: Set<Lane>;
  /** Told why a batch failed; it comes again. */
  readonly onFailure: (error: unknown) => void;
  /** What was handled up to here, this offset not included, may be committed. */
  readonly onHandled: (offset: number) => void;
  /** The lane has room for more messages again. */
  readonly onHungry: () => void;
}

/** A partition as long as we have it: its messages in batches, one after the other, each again until it is handled. */
export class Lane {
  private readonly queue: LogMessage[] = [];
  private running: Promise<void> | undefined;
  private readonly backOff: BackOff;
  private closed = false;
  private lost = false;

  constructor(
    readonly topic: string,
    readonly partition: number,
    /** Where to fetch next. */
    private offset: number,
    /** Whoever had the partition before in this process is to finish first. */
    private readonly predecessor: Promise<void> | undefined,
    private readonly settings: LaneSettings,
  ) {
    this.backOff = new BackOff(settings);
  }

  get position(): number {
    return this.offset;
  }

  get isHungry(): boolean {
    return !this.closed && this.queue.length < this.settings.batchSize * BATCHES_AHEAD;
  }

  /** Takes what was fetched from its position. */
  take({ messages, next }: Fetched): void {
    if (this.closed) return;
    for (const message of messages) this.queue.push(message);
    this.offset = next;
    // What has no messages (the marks of transactions, say) is passed by as if it had been handled.
    if (this.queue.length === 0) this.settings.onHandled(next);
    else this.running ??= this.run();
  }

  /** Some of its messages are no more: goes on at the first that is left. */
  moveTo(offset: number): void {
    this.offset = offset;
  }

  /** Takes no more. Resolves when the batch in hand is handled, or has failed. */
  close(): Promise<void> {
    this.closed = true;
    this.backOff.end();
    this.settings.failing.delete(this);
    return this.running ?? Promise.resolve();
  }

  /** Somebody else has the partition now: whatever becomes of the batch in hand, it is not for us to commit it. */
  lose(): void {
    this.lost = true;
    void this.close();
  }

  /** Never rejects. */
  private async run(): Promise<void> {
    await this.predecessor;
    while (this.queue.length > 0 && !this.closed) {
      const batch = this.queue.slice(0, this.settings.batchSize);
      while (!this.closed && !(await this.handle(batch))) await this.backOff.pauseAfterFailure();
      // However long the backlog, others have their turn between two batches.
      await turn();
    }
    this.running = undefined;
  }

  private async handle(batch: readonly LogMessage[]): Promise<boolean> {
    const { handle, failing, onFailure, onHandled, onHungry } = this.settings;
    try {
      await handle(batch);
    } catch (error) {
      if (!this.closed) failing.add(this);
      onFailure(error);
      return false;
    }
    this.backOff.succeeded();
    failing.delete(this);
    const wasFull = !this.isHungry;
    this.queue.splice(0, batch.length);
    if (!this.lost) onHandled(this.queue[0]?.offset ?? this.offset);
    if (wasFull && this.isHungry) onHungry();
    return true;
  }
}

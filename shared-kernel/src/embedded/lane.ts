import { setImmediate as turn } from 'node:timers/promises';
import type { BatchHandler, LogMessage } from '../messaging/message-log';
import type { Clock } from '../time/clock';
import type { CrashGuard } from './crash-guard';
import type { LogStore } from './log-store';
import type { Place } from './offsets';
import type { Follower } from './topic';

/** The pause after a failure lasts between half of this and all of it, and doubles with every further failure. */
const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/** One consumer of a group, as its partitions see it. */
export interface Taker {
  readonly batchSize: number;
  readonly handle: BatchHandler;
  /** The partitions whose last batch failed. */
  readonly failing: Set<Lane>;
}

/** What all lanes of a log share. */
export interface LaneSurroundings {
  readonly store: LogStore;
  readonly guard: CrashGuard;
  readonly clock: Clock;
  /** From 0 to less than 1. */
  readonly random: () => number;
  readonly onCrashLoop: (group: string, message: LogMessage) => Promise<void>;
  /** Told why a batch failed; it comes again. */
  readonly onFailure: (error: unknown) => void;
}

/** One group's way through one partition: a batch after the other, each again until it is handled. */
export class Lane implements Follower {
  private taker: Taker | undefined;
  private running = false;
  private inHand: { readonly taker: Taker; readonly done: Promise<void> } | undefined;
  private cancelPause: (() => void) | undefined;
  private failures = 0;
  /** The batch that failed. */
  private again: readonly LogMessage[] = [];
  /** Counts how often somebody else moved the group, so that a batch in hand then moves it no more. */
  private moves = 0;
  /** What lay there at the start is handed out singly up to here, in case the process dies of one of them. */
  private guardedUntil: number | undefined;

  constructor(
    readonly place: Place,
    private readonly around: LaneSurroundings,
  ) {
    if (this.drained) this.guardedUntil = 0;
  }

  get offset(): number {
    return this.place.offset;
  }

  /** Gives the partition to this consumer, once the batch in hand is done; to nobody when undefined. */
  giveTo(taker: Taker | undefined): void {
    if (this.taker === taker) return;
    this.forgetFailures();
    this.taker = taker;
    if (taker) this.place.partition.followers.add(this);
    else this.place.partition.followers.delete(this);
    this.wake();
  }

  /** Resolves when this consumer has no batch of the partition in hand any more. */
  async releasedBy(taker: Taker): Promise<void> {
    if (this.inHand?.taker === taker) await this.inHand.done;
  }

  /** Goes on at another offset, whatever becomes of the batch in hand. */
  moveTo(offset: number): void {
    this.moves++;
    this.around.store.offsets.move(this.place, offset);
    this.forgetFailures();
    this.wake();
  }

  wake(): void {
    if (this.running || this.cancelPause || !this.taker || this.drained) return;
    this.running = true;
    void this.run(this.taker);
  }

  private get drained(): boolean {
    return this.place.offset >= this.place.partition.end;
  }

  /** Never rejects. */
  private async run(first: Taker): Promise<void> {
    for (let taker: Taker | undefined = first; taker && !this.drained; taker = this.taker) {
      let handled = false;
      const done = this.takeBatch(taker).then((answer) => void (handled = answer));
      this.inHand = { taker, done };
      await done;
      this.inHand = undefined;

      if (!handled && this.taker === taker) {
        this.pause();
        break;
      }
      // However long the backlog, others have their turn between two batches.
      if (!this.drained) await turn();
    }
    this.running = false;
  }

  /** Resolves with whether a batch was handled; never rejects. */
  private async takeBatch(taker: Taker): Promise<boolean> {
    const { moves } = this;
    const { end } = this.place.partition;
    try {
      const batch = await this.nextBatch(taker);
      // It may have been read from the disk, and meanwhile somebody has set the group elsewhere or taken the partition away.
      if (this.moves !== moves || this.taker !== taker) return true;
      const last = batch.at(-1);
      if (!last) {
        // All that was left has been deleted, because it was too old; what has come since has not.
        this.around.store.offsets.move(this.place, end);
        return true;
      }
      this.again = batch;
      await this.handle(taker, batch);

      if (this.moves === moves) {
        this.again = [];
        this.around.store.offsets.move(this.place, last.offset + 1);
      }
      this.failures = 0;
      taker.failing.delete(this);
      if (this.guardedUntil && this.place.offset >= this.guardedUntil) {
        await this.around.guard.leave(this.place);
        this.guardedUntil = 0;
      }
      return true;
    } catch (error) {
      this.failures++;
      if (this.taker === taker && this.moves === moves) taker.failing.add(this);
      this.around.onFailure(error);
      return false;
    }
  }

  private nextBatch(taker: Taker): readonly LogMessage[] | Promise<readonly LogMessage[]> {
    if (this.again.length > 0) return this.again;
    const { partition, offset } = this.place;
    const limit = this.isGuarded(taker) ? 1 : taker.batchSize;
    const { store } = this.around;
    return partition.tail.from(offset, limit) ?? store.read(() => store.topics.read(partition, offset, limit));
  }

  private isGuarded({ batchSize }: Taker): boolean {
    const { partition, offset } = this.place;
    this.guardedUntil ??= Math.min(offset + batchSize, partition.end);
    return offset < this.guardedUntil;
  }

  private async handle(taker: Taker, batch: readonly LogMessage[]): Promise<void> {
    if (!this.isGuarded(taker)) return taker.handle(batch);

    const { guard, onCrashLoop } = this.around;
    if (!(await guard.enter(this.place))) {
      for (const message of batch) await onCrashLoop(this.place.group, message);
      return;
    }
    try {
      await taker.handle(batch);
    } catch (error) {
      await guard.survived(this.place);
      throw error;
    }
  }

  private pause(): void {
    const longest = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** (this.failures - 1));
    this.cancelPause = this.around.clock.after(longest * (0.5 + 0.5 * this.around.random()), () => {
      this.cancelPause = undefined;
      this.wake();
    });
  }

  private forgetFailures(): void {
    this.cancelPause?.();
    this.cancelPause = undefined;
    this.failures = 0;
    this.again = [];
    this.taker?.failing.delete(this);
  }
}

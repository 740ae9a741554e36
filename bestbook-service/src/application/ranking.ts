import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import { Fault } from '@library/shared-kernel/store/fault';
import type { Clock } from '@library/shared-kernel/time/clock';
import { every } from '@library/shared-kernel/time/every';
import type { CountedBook } from '../domain/ranking';
import type { CountsOfAll, CurrentGeneration, Generation } from './ports';

const LOOK_AGAIN_MS = 50;
/** How soon an instance follows another one that has rebuilt. Until then both generations answer, and say the same. */
const FOLLOW_MS = 2_000;
/** By then nobody reads it any more. */
const DISCARD_AFTER_MS = 10_000;

/**
 * The generation that answers and is read, and its replacement by a new one that counts everything anew from the topics.
 * The old one answers until the new one has caught up, so that no saga waits for a rebuild. One instance rebuilds, and the
 * others follow it.
 */
export class Ranking implements CountsOfAll {
  private current: Generation | undefined;
  private stopCurrent: (() => Promise<void>) | undefined;
  private rebuilding: Promise<number | undefined> | undefined;
  private following: Promise<void> | undefined;
  /** What one keeps is opened once in a process, however often it is started. */
  private readonly opened = new Map<number, Generation>();
  /** Begun by this process, and given up: their records are gone. */
  private readonly givenUp = new Set<number>();
  private readonly discards = new Set<() => void>();
  private stopped = false;

  constructor(
    private readonly open: (generation: number) => Generation,
    private readonly chosen: CurrentGeneration,
    private readonly clock: Clock,
    /** Told why another instance could not be followed, or a generation not be discarded. It is tried again, or stays. */
    private readonly failed: (error: unknown) => void,
  ) {}

  /**
   * Goes on with the generation that was chosen last, and discards what a process before may have left of the one before it.
   * A rebuild that broke off is begun anew, under another number, when it is asked for again.
   */
  async start(): Promise<() => Promise<void>> {
    const generation = this.generationOf(await this.chosen.read());
    generation.answer();
    this.stopCurrent = await generation.start();
    this.current = generation;
    if (generation.number > 1) this.discardLater(this.generationOf(generation.number - 1), generation.number);
    const stopFollowing = every(this.clock, FOLLOW_MS, () => this.follow(), this.failed);
    return async () => {
      this.stopped = true;
      await stopFollowing();
      await this.stop();
    };
  }

  /**
   * Counts everything anew; answers with the new generation's number when it has taken over. Asked twice, it runs once.
   * Undefined, and nothing has changed, when old rents were deleted from the log: fewer would be counted than there were.
   */
  rebuild(): Promise<number | undefined> {
    this.rebuilding ??= this.replace().finally(() => (this.rebuilding = undefined));
    return this.rebuilding;
  }

  mostRented(top: number, from?: LocalDate, to?: LocalDate): Promise<readonly CountedBook[]> {
    return this.running.counts.mostRented(top, from, to);
  }

  get started(): boolean {
    return this.current !== undefined;
  }

  /** Throws a Fault before it is started. */
  get running(): Generation {
    if (!this.current) throw new Fault('not-started', 'The ranking has not been started yet.');
    return this.current;
  }

  private async replace(): Promise<number | undefined> {
    await this.following;
    const old = this.running;
    if (!(await old.hasWholePast())) return undefined;
    const next = await this.begin();
    const stopNext = await next.start();
    try {
      while ((await next.behind()) > 0) await this.pause();
      if (this.stopped) throw brokenOff();
      if ((await this.chosen.read()) > next.number) throw overtaken();
      if (!(await next.hasWholePast())) throw deletedMeanwhile();
    } catch (error) {
      await stopNext();
      if (await this.tryToDiscard(next)) this.givenUp.add(next.number);
      throw error;
    }
    await this.choose(next, stopNext);
    await this.takeOver(next, stopNext);
    this.discardLater(old, next.number);
    return next.number;
  }

  /**
   * Trap: a store that came back from a backup has forgotten which numbers were begun since; their groups have read
   * further.
   */
  private async begin(): Promise<Generation> {
    for (;;) {
      const next = this.generationOf(await this.chosen.begin());
      // Of what was deleted meanwhile nobody knows whether it was counted; the rebuild is given up for that anyway.
      if ((await next.isNew()) || !(await next.hasWholePast())) return next;
    }
  }

  /**
   * One whose choice has failed may be the chosen one all the same: it is followed then, or discarded by the next rebuild.
   */
  private async choose(next: Generation, stopNext: () => Promise<void>): Promise<void> {
    try {
      await this.chosen.choose(next.number);
    } catch (error) {
      await stopNext();
      throw error;
    }
  }

  private async follow(): Promise<void> {
    if (this.rebuilding) return;
    const number = await this.chosen.read();
    if (this.rebuilding || this.stopped || number <= this.running.number) return;
    this.following = this.change(number).finally(() => (this.following = undefined));
    await this.following;
  }

  private async change(number: number): Promise<void> {
    const next = this.generationOf(number);
    await this.takeOver(next, await next.start());
  }

  private async takeOver(next: Generation, stopNext: () => Promise<void>): Promise<void> {
    const { stopCurrent: stopOld } = this;
    next.answer();
    this.current = next;
    this.stopCurrent = stopNext;
    await stopOld?.();
  }

  private discardLater(old: Generation, newest: number): void {
    const cancel = this.clock.after(DISCARD_AFTER_MS, () => {
      this.discards.delete(cancel);
      void this.discard(old, newest);
    });
    this.discards.add(cancel);
  }

  /** Those that were passed over as well: another process has left them. */
  private async discard(old: Generation, newest: number): Promise<void> {
    await this.tryToDiscard(old);
    for (let number = old.number + 1; number < newest; number++)
      if (!this.givenUp.has(number)) await this.tryToDiscard(this.generationOf(number));
  }

  /** Answers whether its records are gone. */
  private async tryToDiscard(generation: Generation): Promise<boolean> {
    try {
      await generation.discard();
      this.opened.delete(generation.number);
      return true;
    } catch (error) {
      this.failed(error);
      return false;
    }
  }

  private generationOf(number: number): Generation {
    const generation = this.opened.get(number) ?? this.open(number);
    this.opened.set(number, generation);
    return generation;
  }

  private async stop(): Promise<void> {
    await this.rebuilding?.catch(() => undefined);
    for (const cancel of this.discards) cancel();
    await this.stopCurrent?.();
  }

  private async pause(): Promise<void> {
    if (this.stopped) throw brokenOff();
    await new Promise<void>((resolve) => this.clock.after(LOOK_AGAIN_MS, resolve));
  }
}

function deletedMeanwhile(): Fault {
  return new Fault('rebuild-broken-off', 'The rebuild was broken off, because old messages were deleted meanwhile.');
}

function overtaken(): Fault {
  return new Fault('rebuild-broken-off', 'The rebuild was broken off, because another one has taken over meanwhile.');
}

function brokenOff(): Fault {
  return new Fault(
    'rebuild-broken-off',
    'The rebuild was broken off, because the service is stopping; ask for it again.',
  );
}

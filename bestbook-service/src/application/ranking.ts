import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import { Fault } from '@library/shared-kernel/store/fault';
import type { Clock } from '@library/shared-kernel/time/clock';
import type { CountedBook } from '../domain/ranking';
import type { CountsOfAll, CurrentGeneration, Generation } from './ports';

const LOOK_AGAIN_MS = 50;

/**
 * The generation that answers and is read, and its replacement by a new one that counts everything anew from the topics.
 * The old one answers until the new one has caught up, so that no saga waits for a rebuild.
 */
export class Ranking implements CountsOfAll {
  private current: Generation | undefined;
  private stopCurrent: (() => Promise<void>) | undefined;
  private rebuilding: Promise<number> | undefined;
  private newest = 0;
  private stopped = false;

  constructor(
    private readonly generationOf: (generation: number) => Generation,
    private readonly chosen: CurrentGeneration,
    private readonly clock: Clock,
  ) {}

  /** Goes on with the generation that was chosen last; a rebuild that broke off is begun anew when it is asked for again. */
  async start(): Promise<() => Promise<void>> {
    const generation = this.generationOf(await this.chosen.read());
    generation.answer();
    this.stopCurrent = await generation.start();
    this.current = generation;
    this.newest = generation.number;
    return () => this.stop();
  }

  /** Counts everything anew; answers with the new generation's number when it has taken over. Asked twice, it runs once. */
  rebuild(): Promise<number> {
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

  private async replace(): Promise<number> {
    const old = this.running;
    const next = this.generationOf(++this.newest);
    const stopNext = await next.start();
    try {
      while ((await next.behind()) > 0) await this.pause();
      if (this.stopped) throw brokenOff();
      await this.chosen.choose(next.number);
    } catch (error) {
      await stopNext();
      throw error;
    }

    const { stopCurrent: stopOld } = this;
    next.answer();
    this.current = next;
    this.stopCurrent = stopNext;
    await stopOld?.();
    await old.discard();
    return next.number;
  }

  private async stop(): Promise<void> {
    this.stopped = true;
    await this.rebuilding?.catch(() => undefined);
    await this.stopCurrent?.();
  }

  private async pause(): Promise<void> {
    if (this.stopped) throw brokenOff();
    await new Promise<void>((resolve) => this.clock.after(LOOK_AGAIN_MS, resolve));
  }
}

function brokenOff(): Fault {
  return new Fault(
    'rebuild-broken-off',
    'The rebuild was broken off, because the service is stopping; ask for it again.',
  );
}

import type { Clock } from '../time/clock';

interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that stands still until it is told to move; what waits for it then wakes in order. */
export class TestClock implements Clock {
  private readonly timers = new Set<Timer>();
  /** Time that passed, whatever the clock said. */
  private passed = 0;

  constructor(private base = Date.parse('2023-02-11T00:00:00.000Z')) {}

  now(): number {
    return this.base + this.passed;
  }

  after(ms: number, wake: () => void): () => void {
    const timer = { at: this.passed + Math.max(0, ms), wake };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /**
   * Lets `ms` pass. Each timer wakes at its own time, the one set first before the other, and what it leads to is done
   * before the next.
   */
  async advance(ms: number): Promise<void> {
    const until = this.passed + ms;
    await settled();
    for (let timer = this.next(until); timer; timer = this.next(until)) {
      this.timers.delete(timer);
      this.passed = Math.max(this.passed, timer.at);
      timer.wake();
      await settled();
    }
    this.passed = until;
  }

  /** Sets what the clock says, as somebody who corrects it: no time passes, and no timer wakes. */
  jump(ms: number): void {
    this.base += ms;
  }

  /** How many timers are set. */
  get waiting(): number {
    return this.timers.size;
  }

  private next(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) if (timer.at <= until && (!first || timer.at < first.at)) first = timer;
    return first;
  }
}

/** When everything that waits for no clock and no device has been done. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

import type { Clock } from './clock';

/** The machine's clock, moved by `shiftMs`: a demonstration can live two weeks ahead. */
export class SystemClock implements Clock {
  constructor(private shiftMs = 0) {}

  now(): number {
    return Date.now() + this.shiftMs;
  }

  after(ms: number, wake: () => void): () => void {
    const timer = setTimeout(wake, ms);
    timer.unref();
    return () => clearTimeout(timer);
  }

  shiftBy(ms: number): void {
    this.shiftMs += ms;
  }
}

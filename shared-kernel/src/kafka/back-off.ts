import type { Clock } from '../time/clock';

/** The pause after a failure lasts between half of this and all of it, and doubles with every further failure. */
const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

export interface BackOffSettings {
  readonly clock: Clock;
  /** From 0 to less than 1. */
  readonly random: () => number;
}

/** Pauses between attempts, until they are ended for good. */
export class BackOff {
  private failures = 0;
  private isEnded = false;
  private endPause: () => void = () => undefined;

  constructor(private readonly settings: BackOffSettings) {}

  succeeded(): void {
    this.failures = 0;
  }

  pauseAfterFailure(): Promise<void> {
    if (this.isEnded) return Promise.resolve();
    const { clock, random } = this.settings;
    const longest = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** this.failures++);
    return new Promise((resolve) => {
      const cancel = clock.after(longest * (0.5 + 0.5 * random()), resolve);
      this.endPause = () => {
        cancel();
        resolve();
      };
    });
  }

  /** The pause in hand is over, and there is no other. */
  end(): void {
    this.isEnded = true;
    this.endPause();
  }
}

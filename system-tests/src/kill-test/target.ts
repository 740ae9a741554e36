/** What was broken, and how it went on. */
export interface Injury {
  /** What it is counted under. */
  readonly fault: string;
  readonly told: string;
}

export interface Check {
  readonly id: string;
  /** A sentence for each violation. */
  readonly offenders: readonly string[];
}

/** A library with everything that it stands on, to be broken. */
export interface Target {
  readonly origin: string;
  /** How long sagas may take to end when nothing is broken any more. */
  readonly settlesWithinMs: number;
  /** Breaks one thing; resolves when more can be broken, which may be before this is mended. */
  hurt(): Promise<Injury>;
  /** Resolves when nothing is broken any more. */
  heal(): Promise<void>;
  /** The invariants, looked at from outside. */
  verify(): Promise<readonly Check[]>;
  /** Stops it in order; a sentence for each part that did not. */
  stop(): Promise<readonly string[]>;
  /** At once, when the test itself breaks. */
  abandon(): Promise<void>;
}

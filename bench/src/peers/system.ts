import type { Load } from '../load';

/** What one run of so many clients showed. A ceiling has no latency: nobody waits for it. */
export interface Figures extends Pick<Load, 'sagasPerSecond'>, Partial<Pick<Load, 'p50Ms' | 'p99Ms' | 'unexpected'>> {
  /** What a rate was computed from, a second. */
  readonly parts?: Readonly<Record<string, number>>;
}

/** Whatever stands beside the library in a comparison, and the library itself. */
export interface System {
  readonly name: string;
  /** What an acknowledged request rests on, and what is left out in its favour. */
  readonly restsOn: string;
  measure(clients: number, seconds: number): Promise<Figures>;
  /** What is wrong with what it has kept, a sentence for each offence. */
  verify(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** A system that can be started, or cannot: then it rejects with an `InfraFailure` that says what is missing. */
export interface Contender {
  readonly name: string;
  /** The name becomes the system's. */
  start(name: string): Promise<System>;
}

/** Whatever is to be stopped in the end, in reverse. */
export type Started = { stop(): Promise<unknown> }[];

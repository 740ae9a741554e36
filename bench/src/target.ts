import type { Client } from '@library/system-tests/client';
import type { Population } from '@library/system-tests/prefill';

/** How a library is asked. */
export type Calls = Pick<Client, 'get' | 'post' | 'close'>;

/** What one process of a library has cost so far; undefined where the system does not tell. */
export interface Cost {
  readonly process: string;
  readonly cpuSeconds: number | undefined;
  readonly memoryMb: number | undefined;
}

/** As many clients can call, each with a member and books of its own. */
export const FULL: Population = { members: 1_024, books: 5_120 };

/** For what lends thousands a second: as many books, five for each member, the most that a card takes. */
export const LENDING: Population = { members: 4_096, books: 20_480 };

/** A library to be measured, on whatever it runs. */
export interface Target {
  readonly name: 'embedded' | 'distributed';
  /** What an acknowledged request rests on, a sentence each. */
  readonly restsOn: readonly string[];
  readonly population: Population;
  /** Milliseconds from the start of its processes until it was ready. */
  readonly readyMs: number;
  /** Lines that its processes have logged; undefined where they go to the terminal. */
  readonly linesLogged: number | undefined;
  calls(connections: number): Calls;
  costs(): readonly Cost[];
  /** What it keeps on disk; undefined where others keep it. */
  readonly bytesKept: number | undefined;
  /** What is wrong, a sentence for each offence. */
  verify(): Promise<readonly string[]>;
  /** Answers what did not end as it should, a sentence each. */
  stop(): Promise<readonly string[]>;
}

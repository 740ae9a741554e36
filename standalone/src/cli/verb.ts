import type { Paint } from './display';
import type { Call } from './call';
import type { Exit } from './exit';

/** An option of a verb. */
export interface VerbOption {
  /** Stands for its value in the help; an option without one is a flag. */
  readonly takes?: string;
  readonly says: string;
}

/** What a command tells: as it is with `--json`, and as text for people. */
export interface Told<Data = unknown> {
  readonly data: Data;
  readonly text: string;
  readonly exit: Exit;
}

/** One thing that the command line can do. */
export interface Verb {
  /** One word or two, such as `book add`. */
  readonly name: string;
  /** Words that follow it; those that end in `?` may be left out. */
  readonly takes?: readonly string[];
  /** One sentence. */
  readonly says: string;
  /** What else one should know to use it. */
  readonly more?: string;
  readonly options?: Readonly<Record<string, VerbOption>>;
  run(call: Call): Promise<Told>;
}

/** Makes the text of the data. */
export type Telling<Data> = (data: Data, paint: Paint) => string;

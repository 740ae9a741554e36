/** An option of a verb. */
export interface VerbOption {
  /** Stands for its value in the help; an option without one is a flag. */
  readonly takes?: string;
  readonly says: string;
  /** Without it the verb makes no sense. */
  readonly isNeeded?: true;
}

/** How a verb is written, and what it is for. */
export interface Syntax {
  /** One word or two, such as `book add`. */
  readonly name: string;
  /** Words that follow it; those that end in `?` may be left out. */
  readonly takes?: readonly string[];
  /** One sentence. */
  readonly says: string;
  /** What else one should know to use it. */
  readonly more?: string;
  /** Where else to turn when a library that is distributed, or is not, does not do it; goes on after a colon. */
  readonly instead?: string;
  readonly options?: Readonly<Record<string, VerbOption>>;
  /** Whether it takes `--data`: in place of `--url`, or beside it. A verb that only a running library can do takes none. */
  readonly data?: 'in-place-of-url' | 'beside-url';
}

/** Where there is no one place that knows of all services. */
export const EACH_SERVICE =
  'each service of a distributed library does it for itself. Ask one after the other with --url http://localhost:8081, and so on to 8084.';

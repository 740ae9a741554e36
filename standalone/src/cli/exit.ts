/** What the command line ends with, for scripts. */
export const EXIT = { ok: 0, failed: 1, usage: 2, notFound: 3, conflict: 4, unavailable: 5, broken: 6 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

/** A command cannot be done. The message says what happened, why, and what to do next. */
export class CannotDo extends Error {
  override readonly name = 'CannotDo';

  constructor(
    readonly exit: Exit,
    message: string,
    /** The problem that the library answered with. */
    readonly problem?: unknown,
  ) {
    super(message);
  }
}

/** A folder was named that is none of ours. */
export class NoDataFolder extends CannotDo {
  constructor(folder: string) {
    super(EXIT.notFound, `${folder} is no data folder: its files are missing.`);
  }
}

/** The command line was not understood. */
export function misused(message: string): never {
  throw new CannotDo(EXIT.usage, message);
}

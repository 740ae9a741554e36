import { CHECKS } from '@library/standalone/verify/report';

/**
 * What must stay true. `verify` looks at the end; a simulation looks at each commit, each publication and each answer as
 * well, and sees what has left no trace in the end.
 */
export const WATCHED = {
  ...CHECKS,
  G11: 'After a cancel nothing is done any more',
  G18: 'Every message leads to the call that caused it',
  G21: 'No name travels in a header or a log line',
} as const;
type Watched = keyof typeof WATCHED;

export interface Violation {
  /** Such as `G2`; in the matrix also how a case went otherwise than it should have. */
  readonly invariant: Watched | 'struck' | 'outcome';
  readonly sentence: string;
}

/** Counts what was looked at, and keeps what is wrong. */
export class Judge {
  readonly violations: Violation[] = [];
  readonly looked = new Map<Watched, number>();

  constructor(private readonly tell: (line: string) => void) {}

  /** Says that the invariant was looked at, and offends it unless `isSo`. */
  holds(invariant: Watched, isSo: boolean, sentence: () => string): void {
    this.looksAt(invariant);
    if (!isSo) this.offends(invariant, sentence());
  }

  looksAt(invariant: Watched, times = 1): void {
    this.looked.set(invariant, (this.looked.get(invariant) ?? 0) + times);
  }

  offends(invariant: Watched, sentence: string): void {
    this.violations.push({ invariant, sentence });
    this.tell(`VIOLATION ${invariant} ${sentence}`);
  }
}

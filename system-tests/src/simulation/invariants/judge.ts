/** What must stay true, as far as only a simulation can see it: at each commit, each publication and each answer. */
export const WATCHED = {
  G1: 'a book is on one card at most',
  G2: 'a card never holds more than five books',
  G3: 'points move with their ledger entry, each once, and are never below 0',
  G4: 'every saga ends within the bound, once nothing goes wrong any more',
  G5: 'a saga in flight says when it is due',
  G6: 'an effect happens once',
  G7: 'a transition and its messages are one write',
  G8: 'what is published was in a committed outbox',
  G9: 'the outboxes drain within the bound',
  G10: 'a saga is undone only after every participant has undone it',
  G11: 'after a cancel nothing is done any more',
  G12: 'a saga goes only where its definition lets it, and stays as it ended',
  G13: 'what a client was told is so',
  G14: 'one key, one saga, one answer',
  G17: 'what a group has passed was handled, or parked',
  G18: 'every message leads to the call that caused it',
  G19: 'a restart changes no outcome',
  G21: 'no name travels in a header or a log line',
} as const;
type Watched = keyof typeof WATCHED;

export interface Violation {
  /** Such as `G2`. */
  readonly invariant: string;
  readonly sentence: string;
}

/** Counts what was looked at, and keeps what is wrong. */
export class Judge {
  readonly violations: Violation[] = [];
  readonly looked = new Map<string, number>();

  constructor(private readonly tell: (line: string) => void) {}

  /** Says that the invariant was looked at, and offends it unless `isSo`. */
  holds(invariant: Watched, isSo: boolean, sentence: () => string): void {
    this.looksAt(invariant);
    if (!isSo) this.offends(invariant, sentence());
  }

  looksAt(invariant: string, times = 1): void {
    this.looked.set(invariant, (this.looked.get(invariant) ?? 0) + times);
  }

  offends(invariant: string, sentence: string): void {
    this.violations.push({ invariant, sentence });
    this.tell(`VIOLATION ${invariant} ${sentence}`);
  }
}

import type { Version } from './evidence';

/** What must stay true, whatever happens: the invariants that can be checked by looking. */
export const CHECKS = {
  G1: 'A book has one holder at most, and is out exactly when a card or a saga in flight holds it',
  G2: 'No card holds more than five books, pending ones included',
  G3: 'Points are the sum of the ledger, and the ledger is what the sagas earned and spent',
  G4: 'Every saga gets on in time, or calls for a person',
  G5: 'Every saga in flight says when somebody must look at it, and is found by then',
  G6: 'Each step of a saga took effect exactly once, or was undone',
  G7: 'A saga, what it holds and what it announces change together',
  G8: 'Every message was in a committed outbox: its saga is known',
  G9: 'Nothing waits for long to be published',
  G10: 'A saga is undone only when every participant has confirmed that',
  G12: 'A saga goes only where its definition lets it, ends once, and stays as it ended',
  G13: 'What a client was told is so, and a saga in flight is found by its id',
  G14: 'A repeated request is answered with the same saga, and with one that exists',
  G17: 'What could not be handled is parked, and what was parked is accounted for',
  G20: 'A late return costs ten points a day, and a card owes what its returns cost less what was cleared',
} as const;

export type CheckId = keyof typeof CHECKS;

export interface CheckReport {
  readonly id: CheckId;
  readonly title: string;
  /** How many things were looked at. */
  readonly looked: number;
  /** The first ten things that are wrong, each a sentence that names them. */
  readonly offenders: readonly string[];
}

export interface VerifyReport {
  /** Every invariant holds. */
  readonly ok: boolean;
  /** Nothing is in flight, and nothing waits to be published. */
  readonly quiescent: boolean;
  readonly checks: readonly CheckReport[];
  /** What a person may want to know, and that is no offence. */
  readonly notes: readonly string[];
}

const NAMED = 10;

/** Such as `card jenny`. */
export type RecordName = `${'card' | 'book' | 'member' | 'count'} ${string}`;

/** What one look has found. Offenders are kept by what they are about, so that looks can be compared. */
export class Findings {
  private readonly versions = new Map<RecordName, Version>();
  private readonly looks = new Map<CheckId, number>();
  private readonly offenders = new Map<string, { readonly check: CheckId; readonly sentence: string }>();
  private readonly told: string[] = [];
  quiescent = true;

  looked(check: CheckId, times = 1): void {
    this.looks.set(check, (this.looks.get(check) ?? 0) + times);
  }

  /** Which version of a record this look has seen, if records have any. */
  saw(record: RecordName, version: Version | undefined): void {
    if (version !== undefined) this.versions.set(record, version);
  }

  /**
   * `subject` says what is wrong, also when the numbers in the sentence have changed by the next look. `records` are those
   * that contradict something: while one of them changes, two looks at it have not found the same.
   */
  offends(check: CheckId, subject: string, sentence: string, ...records: readonly RecordName[]): void {
    const seen = records.map((record) => `${record} ${this.versions.get(record) ?? ''}`);
    this.offenders.set([check, subject, ...seen].join(' '), { check, sentence });
  }

  note(sentence: string): void {
    this.told.push(sentence);
  }

  /** What the offenders are about. */
  get subjects(): Iterable<string> {
    return this.offenders.keys();
  }

  get hasOffenders(): boolean {
    return this.offenders.size > 0;
  }

  /** What `again` has found, without the offenders that are not among these findings. */
  confirmedBy(again: Findings): Findings {
    return again.only((subject) => this.offenders.has(subject));
  }

  /** The same findings, with those offenders only that are about these. */
  only(counts: (subject: string) => boolean): Findings {
    const kept = new Findings();
    for (const [check, times] of this.looks) kept.looked(check, times);
    for (const [subject, offender] of this.offenders) if (counts(subject)) kept.offenders.set(subject, offender);
    kept.told.push(...this.told);
    kept.quiescent = this.quiescent;
    return kept;
  }

  report(): VerifyReport {
    const checks = (Object.entries(CHECKS) as [CheckId, string][]).map(([id, title]) => {
      const all = [...this.offenders.values()].filter(({ check }) => check === id).map(({ sentence }) => sentence);
      return { id, title, looked: this.looks.get(id) ?? 0, offenders: all.slice(0, NAMED), all };
    });
    const unnamed = checks
      .filter(({ all }) => all.length > NAMED)
      .map(({ id, all }) => `${id} is broken ${all.length} times; the first ${NAMED} are named.`);

    return {
      ok: !this.hasOffenders,
      quiescent: this.quiescent,
      checks: checks.map(({ all: _all, ...check }) => check),
      notes: [...unnamed, ...this.told],
    };
  }
}

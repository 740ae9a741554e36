import { Fault } from '../store/fault';
import type { Decide, LivingRecord } from '../store/records';
import { mayForget } from './record-document';
import type { StoredRecord } from './record-document';
import type { Verdict } from './staged-record';

/** A change that somebody waits for. */
export interface Asked<Living> {
  readonly about: readonly string[];
  readonly decide: Decide<Living, unknown>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** A write that was sent, or may have been, and what it would mean for those who wait. */
interface Attempt {
  /** As the record would remember it. */
  readonly commit: string;
  /** The version that it was conditional on. */
  readonly from: number;
  readonly verdicts: readonly Verdict[];
  /** Whether it may still reach the server: it was sent, and nobody knows more. */
  open: boolean;
}

/**
 * The changes of one record that share one write, until each of their callers is told. It remembers every write that it
 * has tried: before anything is decided anew, the record is asked whether one of them was stored after all.
 */
export class RecordTurn<Living extends LivingRecord> {
  private attempts: Attempt[] = [];
  /** How often other writers came first. */
  conflicts = 0;
  /** How often the record had to be looked at again to tell. */
  looks = 0;
  /** How often the store could not be reached. */
  failures = 0;
  readonly begun = performance.now();

  constructor(
    readonly id: string,
    readonly asked: readonly Asked<Living>[],
  ) {}

  /** Nothing has gone wrong with it yet. */
  get isFirstTry(): boolean {
    return this.attempts.length + this.conflicts + this.looks + this.failures === 0;
  }

  /** Keys of the entries that its changes are about. */
  get about(): ReadonlySet<string> {
    return new Set(this.asked.flatMap(({ about }) => about));
  }

  try(commit: string, from: number, verdicts: readonly Verdict[]): void {
    this.attempts.push({ commit, from, verdicts, open: true });
  }

  /** The last attempt is known not to be stored. */
  withdraw(): void {
    this.attempts.pop();
  }

  /** The server has dealt with the last attempt, one way or the other. */
  closeLast(): void {
    const last = this.attempts.at(-1);
    if (last) last.open = false;
  }

  /**
   * Tells the callers what was decided by the attempt that the record remembers, or that too much has changed for it to
   * remember one; false when none is stored.
   */
  tellIfStored(found: StoredRecord | undefined): boolean {
    if (this.attempts.length === 0) return false;
    const stored = this.attempts.find(({ commit }) => found?.commits.includes(commit));
    if (stored) {
      this.tell(stored.verdicts);
      return true;
    }
    if (found && this.attempts.some(({ from }) => mayForget(found.commits, from))) {
      this.fail(
        new Fault('outcome-unknown', `Too much has changed in "${this.id}" to tell whether a change of it was stored.`),
      );
      return true;
    }
    return false;
  }

  /** Whether an earlier attempt may yet be stored on top of this version. Then "nothing to store" is no safe answer. */
  mayLand(version: number): boolean {
    return this.attempts.some(({ open, from }) => open && from === version);
  }

  tellLast(): void {
    const last = this.attempts.at(-1);
    if (last) this.tell(last.verdicts);
  }

  tell(verdicts: readonly Verdict[]): void {
    for (const [index, { resolve, reject }] of this.asked.entries()) {
      const verdict = verdicts[index]!;
      if ('thrown' in verdict) reject(verdict.thrown);
      else resolve(verdict.answer);
    }
  }

  fail(reason: unknown): void {
    for (const { reject } of this.asked) reject(reason);
  }
}

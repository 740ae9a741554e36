import type { StoredBook } from '@library/book-service/application/book-record';
import type { DatedEntry, StoredMember } from '@library/member-service/application/member-record';
import type { Fence } from '@library/shared-kernel/participant/fence';
import { isKeyEntry } from '@library/shared-kernel/store/kept-answer';
import type { Role } from '../world/roles';
import type { Commit } from '../world/commit';
import type { Judge } from './judge';

/** Looks at every commit of a participant's record: its effect, its fences, and what it answers. */
export class ParticipantWatch {
  private readonly ledger = new Set<string>();

  constructor(private readonly judge: Judge) {}

  see(role: Role, commit: Commit): void {
    this.seeFences(role, commit);
    if (role === 'book') this.seeBook(commit);
    if (role === 'member') this.seePoints(commit);
  }

  private seeFences(role: Role, commit: Commit): void {
    const { judge } = this;
    const { id } = commit;
    for (const { key, before, after, until } of commit.entries) {
      // Beside its fences a record keeps answers to keys, and that of the ranking the days that it has counted.
      if (after === undefined || until === undefined || isKeyEntry(key)) continue;
      const was = before === undefined ? undefined : (JSON.parse(before) as Fence);
      const is = JSON.parse(after) as Fence;

      judge.holds(
        'G11',
        !was?.undone || is.undone === true,
        () => `${role} ${id} has undone saga ${key}, and takes that back.`,
      );
      judge.holds(
        'G11',
        !was || same(was.effect, is.effect),
        () => `${role} ${id} did something else for saga ${key} the second time.`,
      );
      judge.holds(
        'G7',
        commit.speaksOf(key),
        () => `${role} ${id} has moved on with saga ${key}, and does not say so.`,
      );
    }
  }

  /** A book that somebody holds is not handed on without having come back. */
  private seeBook({ id, before, after }: Commit): void {
    const was = bookIn(before);
    const is = bookIn(after);
    if (was?.status !== 'UNAVAILABLE' || is?.status !== 'UNAVAILABLE') return;
    this.judge.holds(
      'G1',
      was.takenBy === is.takenBy,
      () => `Book ${id} went from ${was.holder.id} to ${is.holder.id} without coming back.`,
    );
  }

  private seePoints(commit: Commit): void {
    const { judge } = this;
    const entries = commit.archives.flatMap(({ kind, document }) =>
      kind === 'ledger' ? [document as DatedEntry] : [],
    );
    const [before, after] = [pointsIn(commit.before), pointsIn(commit.after)];
    // What is on its way to the archive comes again with a commit that did not know that it had arrived.
    const fresh = entries.filter(({ id }) => !this.ledger.has(id));
    const sum = fresh.reduce((total, { points }) => total + points, 0);

    judge.holds(
      'G3',
      after - before === sum,
      () => `${commit.id} had ${before} points and has ${after}, and the ledger says ${sum}.`,
    );
    judge.holds('G3', after >= 0, () => `${commit.id} has ${after} points.`);
    for (const { id } of fresh) this.ledger.add(id);
  }
}

function same(one: Fence['effect'], other: Fence['effect']): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function bookIn(stored: Commit['before']) {
  return stored?.body === undefined ? undefined : (JSON.parse(stored.body) as StoredBook).book;
}

function pointsIn(stored: Commit['before']): number {
  return stored?.body === undefined ? 0 : ((JSON.parse(stored.body) as StoredMember).member?.points ?? 0);
}

import type { MemberId, SagaId } from '@library/shared-kernel/domain/identifiers';
import { refuse, type Refusal } from '@library/shared-kernel/domain/refusal';
import { adjustment, sagaEntry, type LedgerEntry } from './ledger-entry';

export interface MemberState {
  readonly id: MemberId;
  /** Counted from 1, in the order of registration. */
  readonly no: number;
  readonly name: string;
  readonly email: string;
  readonly status: 'ACTIVE' | 'CLOSED';
  /** The sum of the member's ledger, never below 0. */
  readonly points: number;
}

/** A member and the points earned by renting and returning; every change of points is answered with its ledger entry. */
export class Member {
  constructor(private state: MemberState) {}

  static register(id: MemberId, no: number, name: string, email: string): Member {
    return new Member({ id, no, name, email, status: 'ACTIVE', points: 0 });
  }

  reward(points: number, saga: SagaId, step: 'RENT' | 'RETURN'): LedgerEntry | Refusal<'member-closed'> {
    if (this.state.status === 'CLOSED') return refuse('member-closed');

    return this.enter(sagaEntry(this.state.id, saga, step, 'do', points));
  }

  /** Never refused by design: points that might be taken back can never have been spent. */
  takeBack(points: number, saga: SagaId, step: 'RENT' | 'RETURN'): LedgerEntry | Refusal<'not-enough-points'> {
    if (this.state.points < points) return refuse('not-enough-points');

    return this.enter(sagaEntry(this.state.id, saga, step, 'undo', -points));
  }

  spend(points: number, saga: SagaId): LedgerEntry | Refusal<'member-closed' | 'not-enough-points'> {
    if (this.state.status === 'CLOSED') return refuse('member-closed');
    if (this.state.points < points) return refuse('not-enough-points');

    return this.enter(sagaEntry(this.state.id, saga, 'OVERDUE', 'do', -points));
  }

  /** Also to a closed member: what was spent for nothing is theirs. */
  giveBack(points: number, saga: SagaId): LedgerEntry {
    return this.enter(sagaEntry(this.state.id, saga, 'OVERDUE', 'undo', points));
  }

  /** Adds points by hand, also to a closed member. Throws a RangeError unless `points` is a whole number above 0. */
  adjust(points: number, reason: string, actor: string, id: string): LedgerEntry {
    if (!Number.isInteger(points) || points <= 0)
      throw new RangeError(`An adjustment adds points: ${points} is not above 0.`);

    return this.enter(adjustment(this.state.id, points, reason, actor, id));
  }

  close(): void {
    if (this.state.status === 'CLOSED') return;

    this.state = { ...this.state, status: 'CLOSED' };
  }

  snapshot(): MemberState {
    return this.state;
  }

  private enter(entry: LedgerEntry): LedgerEntry {
    this.state = { ...this.state, points: this.state.points + entry.points };
    return entry;
  }
}

import type { MemberId, SagaId } from '@library/shared-kernel/domain/identifiers';

export type SagaStep = 'RENT' | 'RETURN' | 'OVERDUE';
export type Direction = 'do' | 'undo';

/** One line of a member's points, never changed once written: a member's points are the sum of these. */
export interface LedgerEntry {
  /** `<saga>:<step>:<direction>`, or the id an adjustment was given: unique, so that nothing counts twice. */
  readonly id: string;
  readonly member: MemberId;
  readonly saga?: SagaId;
  readonly step: SagaStep | 'ADJUSTMENT';
  readonly direction: Direction;
  /** What the member's points changed by, below 0 when they were taken or spent. */
  readonly points: number;
  /** Why, and by whom, points were added by hand. */
  readonly reason?: string;
  readonly actor?: string;
}

export function sagaEntry(
  member: MemberId,
  saga: SagaId,
  step: SagaStep,
  direction: Direction,
  points: number,
): LedgerEntry {
  return { id: `${saga}:${step}:${direction}`, member, saga, step, direction, points };
}

export function adjustment(member: MemberId, points: number, reason: string, actor: string, id: string): LedgerEntry {
  return { id, member, step: 'ADJUSTMENT', direction: 'do', points, reason, actor };
}

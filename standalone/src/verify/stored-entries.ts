import type { Answered } from '@library/rental-service/application/answered';
import type { Fence } from '@library/shared-kernel/participant/fence';
import { isKeyEntry } from '@library/shared-kernel/store/kept-answer';
import type { KeptAnswer } from '@library/shared-kernel/store/kept-answer';
import type { DayEvidence, FenceEvidence, KeyEvidence } from './evidence';

/** An entry of a record, whatever it was read from. */
export interface StoredEntry {
  readonly record: string;
  readonly key: string;
  readonly value: unknown;
  /** Absent where it is kept for good. */
  readonly until: number | undefined;
}

/** Of rental's entries, which are all of this kind. */
export function keysIn(entries: readonly StoredEntry[]): readonly KeyEvidence[] {
  return entries.map(({ record, key, value }) => ({
    member: record,
    key,
    answer: (value as KeptAnswer<Answered>).answer,
  }));
}

/** Of bestbook's entries: the counts of days are what is kept for good. */
export function daysIn(entries: readonly StoredEntry[]): readonly DayEvidence[] {
  return entries
    .filter(({ until }) => until === undefined)
    .map(({ record, key, value }) => ({ record, day: key, rents: Number(value) }));
}

/** Of a participant's entries: whatever expires and is no kept answer. */
export function fencesIn(entries: readonly StoredEntry[]): readonly FenceEvidence[] {
  return entries
    .filter(({ key, until }) => until !== undefined && !isKeyEntry(key))
    .map(({ record, key, value }) => ({ record, saga: key, fence: value as Fence }));
}

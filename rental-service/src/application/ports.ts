import type { MemberId, SagaId } from '@library/shared-kernel/domain/identifiers';
import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import type { Saga, SagaStatus } from '@library/shared-kernel/saga/saga';
import type { SagaType } from '@library/shared-kernel/contracts/event-contract';
import type { Archive, Records } from '@library/shared-kernel/store/records';
import type { RentalCardState } from '../domain/rental-card';
import type { RentalRecord } from './rental-record';

/** A page of a list: at most `limit`, those after `after` in the list's order. */
export interface Page {
  readonly limit: number;
  readonly after?: string;
}

/** The members' cards, each with the sagas and the messages that travel with it; the id of a record is the member's id. */
export type RentalCards = Records<RentalRecord>;

/** The members' cards as lists, which may be a moment behind the records. */
export interface CardLists {
  /** Cards by member id; with `overdue`, those on which something is marked. */
  list(filter: { readonly overdue?: boolean }, page: Page): Promise<readonly RentalCardState[]>;
  /** Members whose cards have something to mark on `today`, by member id. */
  findLate(today: LocalDate, page: Page): Promise<readonly MemberId[]>;
  /**
   * Members with sagas that are not in the archive: in flight, or ended and on their way to it; by member id, some perhaps
   * with none.
   */
  listUnarchived(page: Page): Promise<readonly { readonly member: MemberId; readonly sagas: readonly Saga[] }[]>;
}

/** Makes ids that sort by time and that nobody else makes. */
export interface SagaIds {
  next(): SagaId;
}

/** Told of each saga that a change of this process has moved, and of what it was before; undefined when the change has begun it. */
export type ReportSaga = (saga: Saga, before: Saga | undefined) => void;

export interface SagaFilter {
  readonly status?: SagaStatus;
  readonly type?: SagaType;
  readonly member?: MemberId;
  readonly attention?: boolean;
}

/** Everything that the service keeps. */
export interface RentalStores {
  readonly cards: RentalCards;
  readonly lists: CardLists;
  readonly archive: Archive;
}

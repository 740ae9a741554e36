import type { MemberId, SagaId } from '@library/shared-kernel/domain/identifiers';
import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import type { SagaStatus } from '@library/shared-kernel/saga/saga';
import type { SagaType } from '@library/shared-kernel/contracts/event-contract';
import type { Records } from '@library/shared-kernel/store/records';
import type { RentalRecord } from './rental-record';

/** A page of a list: at most `limit`, those after `after` in the list's order. */
export interface Page {
  readonly limit: number;
  readonly after?: string;
}

/** The members' cards, each with the sagas and the messages that travel with it. */
export interface RentalCards extends Records<RentalRecord> {
  /** Cards by member id; with `overdueOn`, those on which marking on that day would find something or has found it. */
  list(page: Page, filter: { readonly overdue?: boolean }): Promise<readonly RentalRecord[]>;
  /** Members whose cards have something to mark on `today`, by member id. */
  findLate(today: LocalDate, page: Page): Promise<readonly MemberId[]>;
  /** Records with sagas in flight, by member id. */
  listInFlight(page: Page): Promise<readonly RentalRecord[]>;
}

/** Makes ids that sort by time and that nobody else makes. */
export interface SagaIds {
  next(): SagaId;
}

export interface SagaFilter {
  readonly status?: SagaStatus;
  readonly type?: SagaType;
  readonly member?: MemberId;
  readonly attention?: boolean;
}

import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import type { Records } from '@library/shared-kernel/store/records';
import type { CountedBook } from '../domain/ranking';
import type { RentCountRecord } from './rent-count-record';

/** How often each book was rented, each with its fences and its outbox; the id of a record is the book's number. */
export interface RentCounts extends Records<RentCountRecord> {
  /** The most rented books of the days `from` to `to` (both included; absent: since ever, until now), at least `top` of them, with all that share the last place. */
  mostRented(top: number, from?: LocalDate, to?: LocalDate): Promise<readonly CountedBook[]>;
}

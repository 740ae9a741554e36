import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import type { Records } from '@library/shared-kernel/store/records';
import type { CountedBook } from '../domain/ranking';
import type { RentCountRecord } from './rent-count-record';

/** How often each book was rented, each with its fences and its outbox; the id of a record is the book's number. */
export type RentCounts = Records<RentCountRecord>;

/** The rent counts of all books, which may be a moment behind the records. */
export interface CountsOfAll {
  /**
   * The most rented books of the days `from` to `to` (both included; absent: since ever, until now): `top` of them, and
   * all that were rented as often as the last of these.
   */
  mostRented(top: number, from?: LocalDate, to?: LocalDate): Promise<readonly CountedBook[]>;
}

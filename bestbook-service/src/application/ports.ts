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

/** One counting of all rents there ever were, with records, fences and a consumer group of its own. */
export interface Generation {
  readonly number: number;
  readonly counts: CountsOfAll;
  /** Begins to count from the first message on, or goes on where it left off. Silent, and forgetting nothing, until `answers`. */
  start(): Promise<() => Promise<void>>;
  /** From now on it answers the sagas. */
  answer(): void;
  /** Forgets all it has counted; it must have been stopped. */
  discard(): Promise<void>;
  /** Messages that it has not counted yet. */
  behind(): Promise<number>;
  /** Whether nobody has ever counted under its number. */
  isNew(): Promise<boolean>;
  /** Whether all rents there ever were can still be read. */
  hasWholePast(): Promise<boolean>;
}

/** Which generation answers and is read, and which numbers were begun, durably. */
export interface CurrentGeneration {
  /** 1 when none was ever chosen. */
  read(): Promise<number>;
  choose(generation: number): Promise<void>;
  /** A number for a new generation, greater than any that was chosen or begun before, whatever has become of those. */
  begin(): Promise<number>;
}

/** What one generation keeps. */
export interface GenerationStores {
  readonly counts: RentCounts;
  readonly ofAll: CountsOfAll;
  /** Resolves when it can be used. */
  ready(): Promise<void>;
  /** Forgets all of it. */
  discard(): Promise<void>;
}

/** Everything that the service keeps. */
export interface BestBookStores {
  readonly chosen: CurrentGeneration;
  generation(number: number): GenerationStores;
}

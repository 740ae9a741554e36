import type { Numbers, Records } from '@library/shared-kernel/store/records';
import type { BookState } from '../domain/book';
import type { BookRecord } from './book-record';

export interface BookFilter {
  /** Part of the title or the author, whatever the case. */
  readonly query?: string;
  readonly status?: BookState['status'];
}

/** The books, each with its fences and its outbox; the id of a record is the book's number. */
export type Books = Records<BookRecord>;

/** The registered books as a list, which may be a moment behind the records. */
export interface BookCatalogue {
  /** By number, those after number `after`; at most `limit`. */
  list(filter: BookFilter, page: { readonly limit: number; readonly after?: number }): Promise<readonly BookState[]>;
}

/** Everything that the service keeps. */
export interface BookStores {
  readonly books: Books;
  readonly catalogue: BookCatalogue;
  readonly numbers: Numbers;
}

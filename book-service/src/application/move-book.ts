import type { BookNo } from '@library/shared-kernel/domain/identifiers';
import { isRefusal, refuse } from '@library/shared-kernel/domain/refusal';
import type { Refusal } from '@library/shared-kernel/domain/refusal';
import type { BookState } from '../domain/book';
import type { Books } from './ports';

type NotMoved = Refusal<'book-not-found' | 'book-not-available' | 'book-withdrawn'>;

/** Puts a copy on the shelf, takes it off, or withdraws it for good. Doing it again changes nothing. */
export class MoveBook {
  constructor(private readonly books: Books) {}

  execute(no: BookNo, move: 'shelve' | 'unshelve' | 'withdraw'): Promise<BookState | NotMoved> {
    return this.books.change<BookState | NotMoved>(String(no), [], ({ book }) => {
      if (!book) return refuse('book-not-found');

      const moved = book[move]();
      return isRefusal(moved) ? moved : book.snapshot();
    });
  }
}

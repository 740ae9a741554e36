import { Fences } from '@library/shared-kernel/participant/fence';
import type { Fence } from '@library/shared-kernel/participant/fence';
import type { FencedRecord } from '@library/shared-kernel/participant/participant';
import type { Outbox, PublishedCopy } from '@library/shared-kernel/outbox/outbox';
import type { Entries } from '@library/shared-kernel/store/entries';
import { Book } from '../domain/book';
import type { BookState } from '../domain/book';

/** What is stored of a book, beside its fences and its outbox. */
export interface StoredBook {
  /** Absent in a record that holds only fences: a saga asked for a book that was never registered. */
  readonly book?: BookState;
  readonly newestForgotten?: number;
  /** How often a return found that its member does not hold the book. */
  readonly strayReturns?: number;
}

const NOTHING_STORED: StoredBook = {};

/** A book, with what it remembers of the sagas that asked for it. */
export class BookRecord implements FencedRecord {
  readonly fences: Fences;
  private readonly before: StoredBook;
  private registered: Book | undefined;
  private strays: number | undefined;

  constructor(
    stored: StoredBook | undefined,
    readonly outbox: Outbox,
    readonly entries: Entries<unknown>,
  ) {
    this.before = stored ?? NOTHING_STORED;
    this.registered = this.before.book && new Book(this.before.book);
    this.strays = this.before.strayReturns;
    this.fences = new Fences(entries as Entries<Fence>, this.before.newestForgotten);
  }

  get book(): Book | undefined {
    return this.registered;
  }

  register(book: Book): void {
    this.registered = book;
  }

  countStrayReturn(): void {
    this.strays = (this.strays ?? 0) + 1;
  }

  get strayReturns(): number {
    return this.strays ?? 0;
  }

  published(copies: readonly PublishedCopy[]): void {
    this.outbox.drop(new Set(copies.map(({ id }) => id)));
  }

  /** The identical value when nothing changed. */
  body(): StoredBook {
    const book = this.registered?.snapshot();
    const newestForgotten = this.fences.newestForgotten;
    const { before, strays: strayReturns } = this;
    if (book === before.book && newestForgotten === before.newestForgotten && strayReturns === before.strayReturns)
      return before;
    return {
      ...(book ? { book } : {}),
      ...(newestForgotten === undefined ? {} : { newestForgotten }),
      ...(strayReturns === undefined ? {} : { strayReturns }),
    };
  }
}

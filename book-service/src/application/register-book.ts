import { bookNo } from '@library/shared-kernel/domain/identifiers';
import type { BookNo } from '@library/shared-kernel/domain/identifiers';
import { entryOf, isMisuse, KEYS_KEPT_MS } from '@library/shared-kernel/store/kept-answer';
import type { Keyed, KeptAnswer, KeyReused } from '@library/shared-kernel/store/kept-answer';
import type { Numbers } from '@library/shared-kernel/store/records';
import type { Clock } from '@library/shared-kernel/time/clock';
import { Book } from '../domain/book';
import type { BookState, Particulars } from '../domain/book';
import type { Books } from './ports';

/** Gives a copy its number and, unless asked not to, puts it on the shelf. */
export class RegisterBook {
  constructor(
    private readonly books: Books,
    private readonly numbers: Numbers,
    private readonly clock: Clock,
  ) {}

  async execute(particulars: Particulars, onShelf: boolean, request: Keyed): Promise<BookState | KeyReused> {
    const no = await this.numberFor(request);
    if (isMisuse(no)) return no;

    // Asked again, it is answered as it was, whatever has become of the copy since.
    return this.books.change<BookState>(String(no), [], (record) => {
      const book = Book.register(no, particulars, onShelf);
      if (!record.book) record.register(book);
      return book.snapshot();
    });
  }

  /** A key is tied to its number before the book is there, so that a request that broke off goes on with the same one. */
  private async numberFor({ key, asked }: Keyed): Promise<BookNo | KeyReused> {
    const fresh = bookNo(await this.numbers.next());
    if (key === undefined) return fresh;

    const entry = entryOf(key);
    return this.books.change<BookNo | KeyReused>(entry, [entry], ({ entries }) => {
      const kept = entries.get(entry) as KeptAnswer<BookNo> | undefined;
      if (kept) return kept.asked === asked ? kept.answer : { misused: 'idempotency-key-reused' };

      entries.set(entry, { asked, answer: fresh } satisfies KeptAnswer<BookNo>, this.clock.now() + KEYS_KEPT_MS);
      return fresh;
    });
  }
}

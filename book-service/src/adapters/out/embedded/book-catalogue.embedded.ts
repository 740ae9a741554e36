import type { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { bookKind } from '../../../application/book-kind';
import type { StoredBook } from '../../../application/book-record';
import type { BookCatalogue, BookFilter } from '../../../application/ports';
import type { BookState } from '../../../domain/book';

const BOOKS_AT_ONCE = 500;

/** The registered books, looked through in portions, so that nobody else waits long for a search of the whole library. */
export class EmbeddedBookCatalogue implements BookCatalogue {
  constructor(private readonly file: Pick<ServiceFile, 'rows'>) {}

  async list(
    filter: BookFilter,
    { limit, after = 0 }: { readonly limit: number; readonly after?: number },
  ): Promise<readonly BookState[]> {
    const found: BookState[] = [];
    for (let last = after; found.length < limit;) {
      const books = await this.portion(last);
      found.push(...books.filter((book) => fits(book, filter)));
      if (books.length < BOOKS_AT_ONCE) break;
      last = books.at(-1)!.no;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return found.slice(0, limit);
  }

  private async portion(after: number): Promise<readonly BookState[]> {
    const sql = `SELECT body FROM ${bookKind.name} WHERE no > ? ORDER BY no LIMIT ${BOOKS_AT_ONCE}`;
    const rows = await this.file.rows<{ body: string }>(sql, after);
    return rows.flatMap(({ body }) => (JSON.parse(body) as StoredBook).book ?? []);
  }
}

function fits({ status, particulars: { title, author } }: BookState, filter: BookFilter): boolean {
  if (filter.status !== undefined && filter.status !== status) return false;
  const query = filter.query?.toLowerCase();
  return query === undefined || title.toLowerCase().includes(query) || author.toLowerCase().includes(query);
}

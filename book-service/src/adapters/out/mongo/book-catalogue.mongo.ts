import type { Collection } from 'mongodb';
import { translated } from '@library/shared-kernel/mongodb/mongo-fault';
import type { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import { bookKind } from '../../../application/book-kind';
import type { StoredBook } from '../../../application/book-record';
import type { BookCatalogue, BookFilter } from '../../../application/ports';
import type { BookState } from '../../../domain/book';

const BOOKS_AT_ONCE = 500;

interface BookDocument {
  readonly _id: string;
  readonly no?: number;
  readonly body: string;
}

/** The registered books, looked through in portions until a page is full. */
export class MongoBookCatalogue implements BookCatalogue {
  private readonly documents: Collection<BookDocument>;

  constructor(database: Pick<ServiceDatabase, 'collection'>) {
    this.documents = database.collection(bookKind.name);
  }

  async list(
    filter: BookFilter,
    { limit, after = 0 }: { readonly limit: number; readonly after?: number },
  ): Promise<readonly BookState[]> {
    const found: BookState[] = [];
    for (let last = after; found.length < limit;) {
      const books = await translated(this.portion(last));
      found.push(...books.filter((book) => fits(book, filter)));
      if (books.length < BOOKS_AT_ONCE) break;
      last = books.at(-1)!.no;
    }
    return found.slice(0, limit);
  }

  private async portion(after: number): Promise<readonly BookState[]> {
    const documents = await this.documents
      .find({ no: { $gt: after } }, { projection: { body: 1 }, batchSize: BOOKS_AT_ONCE + 1 })
      .sort({ no: 1 })
      .limit(BOOKS_AT_ONCE)
      .toArray();
    return documents.flatMap(({ body }) => (JSON.parse(body) as StoredBook).book ?? []);
  }
}

function fits({ status, particulars: { title, author } }: BookState, filter: BookFilter): boolean {
  if (filter.status !== undefined && filter.status !== status) return false;
  const query = filter.query?.toLowerCase();
  return query === undefined || title.toLowerCase().includes(query) || author.toLowerCase().includes(query);
}

import { bookNo } from '@library/shared-kernel/domain/identifiers';
import type { BookCatalogue, Books } from '../../../src/application/ports';
import { Book } from '../../../src/domain/book';

export interface CatalogueUnderTest {
  readonly books: Books;
  readonly catalogue: BookCatalogue;
  close(): Promise<void>;
}

/** Proves every promise of `BookCatalogue`. */
export function describeBookCatalogue(name: string, open: () => Promise<CatalogueUnderTest>): void {
  describe(`BookCatalogue: ${name}`, () => {
    let storage: CatalogueUnderTest;

    beforeEach(async () => {
      storage = await open();
    });

    afterEach(() => storage.close());

    const register = (no: number, title: string, author = 'somebody', onShelf = true) =>
      storage.books.change(String(no), [], (record) => {
        record.register(
          Book.register(
            bookNo(no),
            { title, author, isbn: `isbn-${no}`, classification: 'ARTS', source: 'SUPPLY', location: 'PANGYO' },
            onShelf,
          ),
        );
        return no;
      });
    const list = async (...asked: Parameters<BookCatalogue['list']>) =>
      (await storage.catalogue.list(...asked)).map(({ no }) => Number(no));

    it('lists by number, page by page', async () => {
      for (const no of [10, 9, 100, 1]) await register(no, `book ${no}`);

      expect(await list({}, { limit: 10 })).toEqual([1, 9, 10, 100]);
      expect(await list({}, { limit: 2 })).toEqual([1, 9]);
      expect(await list({}, { limit: 2, after: 9 })).toEqual([10, 100]);
      expect(await list({}, { limit: 2, after: 100 })).toEqual([]);
    });

    it('finds part of a title or an author, whatever the case, and a status', async () => {
      await register(1, 'For Whom the Bell Tolls', 'Hemingway');
      await register(2, '누구를 위하여 종을 울리나?', 'Bell', false);
      await register(3, 'Another (.*) one');

      expect(await list({ query: 'bell' }, { limit: 10 })).toEqual([1, 2]);
      expect(await list({ query: 'bell', status: 'ENTERED' }, { limit: 10 })).toEqual([2]);
      expect(await list({ query: '위하여' }, { limit: 10 })).toEqual([2]);
      expect(await list({ query: '(.*)' }, { limit: 10 })).toEqual([3]);
      expect(await list({ status: 'WITHDRAWN' }, { limit: 10 })).toEqual([]);
    });

    it('fills a page from as many books as it takes', async () => {
      await Promise.all(
        Array.from({ length: 1_100 }, (_, index) => register(index + 1, index % 400 ? 'dull' : 'rare')),
      );

      expect(await list({ query: 'rare' }, { limit: 10 })).toEqual([1, 401, 801]);
      expect(await list({ query: 'rare' }, { limit: 2 })).toEqual([1, 401]);
    });

    it('leaves out a record that holds only fences', async () => {
      await storage.books.change('5', ['saga'], (record) => record.entries.set('saga', { answered: 'book-not-found' }));
      await register(6, 'a book');

      expect(await list({}, { limit: 10 })).toEqual([6]);
    });
  });
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bookNo, memberId, sagaId } from '@library/shared-kernel/domain/identifiers';
import { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { serviceApp } from '@library/shared-kernel/http/service-app';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { bookRoutes } from '../../../src/adapters/in/http/book-routes';
import { originalRoutes } from '../../../src/adapters/in/http/original-routes';
import { EmbeddedBookCatalogue } from '../../../src/adapters/out/embedded/book-catalogue.embedded';
import { bookKind } from '../../../src/application/book-kind';
import { MoveBook } from '../../../src/application/move-book';
import { RegisterBook } from '../../../src/application/register-book';

/** The routes of the book service over its real use cases, on a file in a temporary folder. */
export function openBookApp() {
  const folder = mkdtempSync(join(tmpdir(), 'book-service-'));
  const clock = new SystemClock();
  const file = ServiceFile.open(join(folder, 'book.sqlite'), clock);
  const books = file.records(bookKind);
  const useCases = {
    books,
    catalogue: new EmbeddedBookCatalogue(file),
    registerBook: new RegisterBook(books, file.numbers('book'), clock),
    moveBook: new MoveBook(books),
  };

  const app = serviceApp(
    {
      name: 'book-service',
      version: '0.0.0',
      summary: 'Books, and who holds them.',
      routes: [...bookRoutes(useCases), ...originalRoutes(useCases)],
      health: {},
      metrics: [],
      speakers: ['book'],
    },
    { clock, log: { warn: console.warn, error: console.error }, checkAnswers: true },
  );

  return {
    app,
    /** As a rent does it, whose saga is called after the member. */
    lend: (no: number, member: string) =>
      books.change(String(no), [], ({ book }) => {
        book?.lend({ id: memberId(member), name: `${member}'s name` }, sagaId(member));
        return no;
      }),
    takeBack: (no: number, member: string) =>
      books.change(String(no), [], ({ book }) => {
        book?.startReturn(memberId(member), sagaId('return'));
        book?.confirmReturn(sagaId('return'));
        return bookNo(no);
      }),
    close: async () => {
      await file.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A body of POST /books that names all there is. */
export const forWhomTheBellTolls = {
  title: '누구를 위하여 종을 울리나?',
  author: '한정헌',
  isbn: '1232141214',
  description: '고전 소설',
  publicationDate: '2023-02-11',
  classification: 'LITERATURE',
  source: 'SUPPLY',
  location: 'JEONGJA',
};

/** One that names no more than it must. */
export const studying = {
  title: '최재천의공부',
  author: '최재천',
  isbn: '9788934942467',
  classification: 'ARTS',
  source: 'DONATION',
  location: 'PANGYO',
};

import { bookNoSchema, textSchema } from '@library/shared-kernel/contracts/bodies';
import { isRefusal, refuse } from '@library/shared-kernel/domain/refusal';
import { keyed } from '@library/shared-kernel/http/asked';
import { pageFrom, pageOf, pageQuery } from '@library/shared-kernel/http/cursor';
import { bookNoParam } from '@library/shared-kernel/http/parameters';
import { problem } from '@library/shared-kernel/http/problem';
import { route, type Route } from '@library/shared-kernel/http/routes';
import { isMisuse } from '@library/shared-kernel/store/kept-answer';
import { z } from 'zod';
import type { MoveBook } from '../../../application/move-book';
import type { BookCatalogue, Books } from '../../../application/ports';
import type { RegisterBook } from '../../../application/register-book';
import { bookSchema, bookShape, registrationFields, STATUSES } from './book-shapes';

/** What the book service is asked to do over HTTP. */
export interface BookUseCases {
  readonly books: Books;
  readonly catalogue: BookCatalogue;
  readonly registerBook: RegisterBook;
  readonly moveBook: MoveBook;
}

const oneBook = z.object({ no: bookNoParam });

export function bookRoutes(useCases: BookUseCases): readonly Route[] {
  return [
    registering(useCases),
    listing(useCases),
    reading(useCases),
    moving(useCases, 'PUT', '/books/{no}/shelf', 'shelve', 'Put a copy on the shelf, where it can be rented'),
    moving(useCases, 'DELETE', '/books/{no}/shelf', 'unshelve', 'Take a copy off the shelf; it stays registered'),
    moving(useCases, 'PUT', '/books/{no}/withdrawal', 'withdraw', 'Take a copy out of the collection, for good'),
  ];
}

function registering({ registerBook }: BookUseCases): Route {
  return route({
    method: 'POST',
    path: '/books',
    summary: 'Register a copy of a book',
    description: 'It gets a number of its own, and is put on the shelf unless `onShelf` is false.',
    headers: ['Idempotency-Key'],
    body: z.object({
      ...registrationFields,
      onShelf: z.boolean().default(true).meta({ description: 'Whether it can be rented at once.', default: true }),
    }),
    answers: {
      201: { description: 'It is registered.', schema: bookSchema, headers: { Location: 'Where the book is.' } },
    },
    problems: ['idempotency-key-reused'],
    handle: async (request) => {
      const { onShelf, ...particulars } = request.body;
      const book = await registerBook.execute(particulars, onShelf, keyed(request, 'POST', '/books'));
      if (isMisuse(book)) return problem(book.misused);
      return { status: 201, body: bookShape(book), headers: { Location: `/books/${book.no}` } };
    },
  });
}

function listing({ catalogue }: BookUseCases): Route {
  return route({
    method: 'GET',
    path: '/books',
    summary: 'List the registered copies, by number',
    query: z.object({
      query: textSchema(100).optional().meta({ description: 'Part of the title or the author, whatever the case.' }),
      status: z.enum(STATUSES).optional(),
      ...pageQuery(bookNoSchema),
    }),
    answers: { 200: { description: 'One page of them.', schema: pageOf(bookSchema) } },
    handle: async ({ query: { limit, cursor: after, ...filter } }) => {
      const found = await catalogue.list(given(filter), { limit: limit + 1, ...given({ after }) });
      return { status: 200, body: pageFrom(found.map(bookShape), limit, ({ no }) => no) };
    },
  });
}

function reading({ books }: BookUseCases): Route {
  return route({
    method: 'GET',
    path: '/books/{no}',
    summary: 'Read one copy',
    params: oneBook,
    answers: { 200: { description: 'The book.', schema: bookSchema } },
    problems: ['book-not-found'],
    handle: async ({ params: { no } }) => {
      const book = (await books.read(String(no)))?.book;
      return book ? { status: 200, body: bookShape(book.snapshot()) } : refuse('book-not-found');
    },
  });
}

function moving(
  { moveBook }: BookUseCases,
  method: 'PUT' | 'DELETE',
  path: '/books/{no}/shelf' | '/books/{no}/withdrawal',
  move: Parameters<MoveBook['execute']>[1],
  summary: string,
): Route {
  return route({
    method,
    path,
    summary,
    description: 'Doing it again changes nothing. While somebody has the copy, it is refused.',
    params: oneBook,
    answers: { 200: { description: 'The book as it is now.', schema: bookSchema } },
    problems: ['book-not-found', 'book-not-available', 'book-withdrawn'],
    handle: async ({ params: { no } }) => {
      const moved = await moveBook.execute(no, move);
      return isRefusal(moved) ? moved : { status: 200, body: bookShape(moved) };
    },
  });
}

type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** Without the fields that the client left out. */
function given<Fields extends object>(fields: Fields): Given<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<Fields>;
}

import { keyed } from '@library/shared-kernel/http/asked';
import { alsoSpelled, bookNoParam } from '@library/shared-kernel/http/parameters';
import { problem } from '@library/shared-kernel/http/problem';
import { route, type Route } from '@library/shared-kernel/http/routes';
import { isMisuse } from '@library/shared-kernel/store/kept-answer';
import { z } from 'zod';
import type { BookUseCases } from './book-routes';
import { registrationFields, STATUSES } from './book-shapes';

const bookSchema = z
  .object({ bookNo: z.int().positive(), bookTitle: z.string(), bookStatus: z.enum(STATUSES) })
  .meta({ id: 'OriginalBook', description: 'A book, as the original system shows it.' });

/** The calls of the original system, for the scripts of those who know it. */
export function originalRoutes(useCases: BookUseCases): readonly Route[] {
  return [registering(useCases), reading(useCases)];
}

function registering({ registerBook }: BookUseCases): Route {
  return route({
    method: 'POST',
    path: '/api/book',
    summary: 'Register a copy of a book, as in the original system',
    description: 'Its class may also be called `classfication`. Fields that are not known are ignored.',
    unknownFields: 'ignored',
    headers: ['Idempotency-Key'],
    body: alsoSpelled({ classfication: 'classification' }, z.object(registrationFields)),
    answers: {
      201: {
        description: 'It is registered, and, other than `bookStatus` says, on the shelf.',
        schema: bookSchema,
        headers: { Location: 'Where the book is.' },
      },
    },
    problems: ['idempotency-key-reused'],
    handle: async (request) => {
      const book = await registerBook.execute(request.body, true, keyed(request, 'POST', '/api/book'));
      if (isMisuse(book)) return problem(book.misused);
      const { no, particulars } = book;
      return {
        status: 201,
        // The original had no shelf: its users expect ENTERED here, and a book that can be rented.
        body: { bookNo: no, bookTitle: particulars.title, bookStatus: 'ENTERED' },
        headers: { Location: `/api/book/${no}` },
      };
    },
  });
}

function reading({ books }: BookUseCases): Route {
  return route({
    method: 'GET',
    path: '/api/book/{no}',
    summary: 'Read one copy, as in the original system',
    unknownFields: 'ignored',
    params: z.object({ no: bookNoParam }),
    answers: { 200: { description: 'The book.', schema: bookSchema } },
    problems: ['book-not-found'],
    handle: async ({ params: { no } }) => {
      const book = (await books.read(String(no)))?.book?.snapshot();
      if (!book) return problem('book-not-found', { detail: '해당 도서를 찾을 수 없습니다.' });
      return { status: 200, body: { bookNo: no, bookTitle: book.particulars.title, bookStatus: book.status } };
    },
  });
}

import { itemSchema } from '@library/shared-kernel/contracts/bodies';
import { dayParam, wholeNumberParam } from '@library/shared-kernel/http/parameters';
import { problem } from '@library/shared-kernel/http/problem';
import { route, type Route } from '@library/shared-kernel/http/routes';
import { z } from 'zod';
import type { BestBooks } from '../../../application/best-books';
import type { Ranking } from '../../../application/ranking';

/** What the best-book service is asked to do over HTTP. */
export interface BestBookUseCases {
  readonly bestBooks: BestBooks;
  readonly ranking: Ranking;
}

const DEFAULT_TOP = 10;
export const MOST_BOOKS = 100;

const period = z
  .object({
    top: wholeNumberParam(1, MOST_BOOKS)
      .default(DEFAULT_TOP)
      .meta({ description: 'As many are named.', default: DEFAULT_TOP }),
    from: dayParam.optional().meta({ description: 'The first day that counts; left out, since ever.' }),
    to: dayParam.optional().meta({ description: 'The last day that counts; left out, until now.' }),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['to'],
    message: 'The last day must not be before the first.',
  });

const rankedBookSchema = z
  .object({
    item: itemSchema,
    rentCount: z.int().positive(),
    rank: z.int().positive().meta({ description: 'Books rented equally often share one, as in 1, 1, 3.' }),
  })
  .meta({ id: 'RankedBook', description: 'A copy, and how often it was rented.' });

export function bestBookRoutes(useCases: BestBookUseCases): readonly Route[] {
  return [listing(useCases), rebuilding(useCases)];
}

function listing({ bestBooks }: BestBookUseCases): Route {
  return route({
    method: 'GET',
    path: '/best-books',
    summary: 'List the most rented books, of all time or of a period',
    description: 'A rent counts on the day on which it was asked for, in the library’s zone.',
    query: period,
    answers: { 200: { description: 'The most rented first.', schema: z.array(rankedBookSchema) } },
    handle: async ({ query: { top, from, to } }) => {
      const ranked = await bestBooks.execute(top, from, to);
      return { status: 200, body: Array.from(ranked) };
    },
  });
}

function rebuilding({ ranking }: BestBookUseCases): Route {
  return route({
    method: 'POST',
    path: '/ops/best-books/rebuilds',
    summary: 'Count all rents anew, from the first one on',
    description:
      'Answers when the new counts have taken over; until then the old ones are shown. Asked again meanwhile, it waits for the same one. A client that goes away stops nothing.',
    answers: {
      200: {
        description: 'The new counts are shown.',
        schema: z.object({ generation: z.int().positive().meta({ description: 'The number of this counting.' }) }),
      },
    },
    problems: ['past-deleted'],
    handle: async () => {
      const generation = await ranking.rebuild();
      return generation === undefined ? problem('past-deleted') : { status: 200, body: { generation } };
    },
  });
}

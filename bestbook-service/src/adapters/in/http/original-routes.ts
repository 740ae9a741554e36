import { itemSchema } from '@library/shared-kernel/contracts/bodies';
import { route, type Route } from '@library/shared-kernel/http/routes';
import { z } from 'zod';
import { MOST_BOOKS, type BestBookUseCases } from './best-book-routes';

const bestBookSchema = z.object({ id: z.string(), item: itemSchema, rentCount: z.int().positive() }).meta({
  id: 'OriginalBestBook',
  description: 'A copy and how often it was rented, as the original system shows it.',
});

/** The call of the original system, for the scripts of those who know it. */
export function originalRoutes({ bestBooks }: Pick<BestBookUseCases, 'bestBooks'>): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/books',
      summary: 'List the most rented books, as in the original system',
      description: `At most ${MOST_BOOKS} of them.`,
      unknownFields: 'ignored',
      answers: { 200: { description: 'The most rented first.', schema: z.array(bestBookSchema) } },
      handle: async () => {
        const ranked = await bestBooks.execute(MOST_BOOKS);
        return { status: 200, body: ranked.map(({ item, rentCount }) => ({ id: String(item.no), item, rentCount })) };
      },
    }),
  ];
}

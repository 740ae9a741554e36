import type { Item } from '../answers';
import { table } from '../display';
import type { Verb } from '../verb';

interface RankedBook {
  readonly item: Item;
  readonly rentCount: number;
  readonly rank: number;
}

/** Which books are rented most. */
export const BEST_BOOKS: readonly Verb[] = [
  {
    name: 'best',
    says: 'Show the most rented books.',
    options: {
      top: { takes: 'N', says: 'As many; 10 when left out.' },
      from: { takes: 'DAY', says: 'The first day that counts, as in 2026-11-01.' },
      to: { takes: 'DAY', says: 'The last day that counts.' },
    },
    run: async (call) => {
      const query = { top: call.text('top'), from: call.text('from'), to: call.text('to') };
      const ranked = await call.get<readonly RankedBook[]>('/best-books', query);
      return call.told(ranked, (books, paint) => {
        if (books.length === 0) return 'No book was rented.';
        const rows = books.map(({ rank, item, rentCount }) => [rank, item.no, item.title, rentCount]);
        return table(['rank', 'no', 'title', 'rents'], rows, paint);
      });
    },
  },
];

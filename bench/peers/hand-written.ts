import { serve, settings } from './rentals';
import type { Population, Rental } from './rentals';
import { inTransaction, openTables, RENT, RETURN, sagaOf, totalsIn } from './tables';

/** Transactions written by hand, one after another; what breaks off halfway, nobody picks up. */
async function main(): Promise<void> {
  const { url, ...population } = settings() as Population & { readonly url: string };
  const pool = await openTables(url, population);
  const all = (transactions: typeof RENT) => async (rental: Pick<Rental, 'member' | 'no'>) => {
    const saga = sagaOf(rental);
    for (const transaction of Object.values(transactions)) await inTransaction(pool, transaction, saga);
  };
  serve({ rent: all(RENT), giveBack: all(RETURN), totals: () => totalsIn(pool) });
}

void main();

import { DBOS } from '@dbos-inc/dbos-sdk';
import { serve, settings } from './rentals';
import type { Population } from './rentals';
import { inTransaction, openTables, RENT, RETURN, sagaOf, totalsIn } from './tables';
import type { Saga } from './tables';

/** The same transactions as those written by hand, as the steps of durable workflows. */
async function main(): Promise<void> {
  const { url, systemUrl, ...population } = settings() as Population & {
    readonly url: string;
    readonly systemUrl: string;
  };
  const pool = await openTables(url, population);

  const workflow = (name: string, transactions: typeof RENT) =>
    DBOS.registerWorkflow(
      async (saga: Saga) => {
        for (const [step, transaction] of Object.entries(transactions))
          await DBOS.runStep(() => inTransaction(pool, transaction, saga), { name: step });
      },
      { name },
    );
  const rent = workflow('rent', RENT);
  const giveBack = workflow('giveBack', RETURN);

  DBOS.setConfig({
    name: 'rentals',
    systemDatabaseUrl: systemUrl,
    systemDatabasePoolSize: 32,
    logLevel: 'warn',
  });
  await DBOS.launch();
  serve({
    rent: (rental) => rent(sagaOf(rental)),
    giveBack: (rental) => giveBack(sagaOf(rental)),
    totals: () => totalsIn(pool),
  });
}

void main();

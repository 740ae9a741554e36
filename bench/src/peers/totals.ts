import type { Calls } from '../target';

/** What each of a peer's sums must be after so many sagas, half of them rents and the others their returns. */
const EXPECTED: Readonly<Record<string, (sagas: number) => number>> = {
  sagas: (sagas) => sagas,
  points: (sagas) => sagas * 10,
  ledger: (sagas) => sagas,
  rented: (sagas) => sagas / 2,
  lent: () => 0,
  onCards: () => 0,
  events: (sagas) => sagas * 4,
};

/** Asks a peer for its sums, each of its services for its own; answers what they are wrong in, a sentence each. */
export async function wrongTotals(services: readonly Calls[], sagas: number): Promise<readonly string[]> {
  const answers = await Promise.all(services.map((calls) => calls.get('/totals').finally(() => calls.close())));
  const totals = answers.flatMap(({ body }) => Object.entries(body as Record<string, number>));
  return totals.flatMap(([what, sum]) => {
    const expected = EXPECTED[what]?.(sagas);
    return sum === expected ? [] : [`${what}: ${sum} instead of ${expected} after ${sagas} sagas`];
  });
}

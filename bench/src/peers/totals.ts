import type { Calls } from '../target';

export type Sum = 'sagas' | 'points' | 'ledger' | 'rented' | 'lent' | 'onCards' | 'events';

/** What each of a peer's sums must be after so many sagas, half of them rents and the others their returns. */
const EXPECTED: Readonly<Record<Sum, (sagas: number) => number>> = {
  sagas: (sagas) => sagas,
  points: (sagas) => sagas * 10,
  ledger: (sagas) => sagas,
  rented: (sagas) => sagas / 2,
  lent: () => 0,
  onCards: () => 0,
  events: (sagas) => sagas * 4,
};

/** Asks a peer for these sums, each of its services for its own; answers what they are wrong in, a sentence each. */
export async function wrongTotals(
  services: readonly Calls[],
  sagas: number,
  sums: readonly Sum[],
): Promise<readonly string[]> {
  const answers = await Promise.all(services.map((calls) => calls.get('/totals').finally(() => calls.close())));
  const refused = answers.filter(({ status }) => status !== 200);
  const told: Readonly<Record<string, number>> = Object.fromEntries(
    answers.flatMap(({ status, body }) => (status === 200 ? Object.entries(body as Record<string, number>) : [])),
  );
  return [
    ...refused.map(({ status, body }) => `its sums were answered with ${status}: ${JSON.stringify(body)}`),
    ...sums
      .filter((what) => told[what] !== EXPECTED[what](sagas))
      .map((what) => `${what}: ${told[what] ?? 'nothing'} instead of ${EXPECTED[what](sagas)} after ${sagas} sagas`),
  ];
}

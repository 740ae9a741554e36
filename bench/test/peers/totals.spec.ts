import type { Sum } from '../../src/peers/totals';
import { wrongTotals } from '../../src/peers/totals';
import type { Calls } from '../../src/target';

const ALL: readonly Sum[] = ['sagas', 'points', 'ledger', 'rented', 'lent', 'onCards', 'events'];
const RIGHT = { sagas: 4, points: 40, ledger: 4, rented: 2, lent: 0, onCards: 0, events: 16 };

function service(body: unknown, status = 200): Calls {
  const answer = () => Promise.resolve({ status, headers: {}, body });
  return { get: answer, post: answer, close: () => undefined };
}

describe('the sums of a peer', () => {
  it('are right after four sagas, whoever tells them', async () => {
    const { sagas, ...others } = RIGHT;

    expect(await wrongTotals([service(RIGHT)], 4, ALL)).toEqual([]);
    expect(await wrongTotals([service({ sagas }), service(others)], 4, ALL)).toEqual([]);
  });

  it.each([
    [{ ...RIGHT, lent: 1 }, 'lent: 1 instead of 0 after 4 sagas'],
    [{ ...RIGHT, points: 50 }, 'points: 50 instead of 40 after 4 sagas'],
    [{ ...RIGHT, rented: undefined }, 'rented: nothing instead of 2 after 4 sagas'],
  ])('are wrong: %j', async (sums, offence) => {
    expect(await wrongTotals([service(sums)], 4, ALL)).toEqual([offence]);
  });

  it('are all missing where a service does not answer with them', async () => {
    expect(await wrongTotals([service({ ...RIGHT }, 500)], 4, ['sagas'])).toEqual([
      `its sums were answered with 500: ${JSON.stringify(RIGHT)}`,
      'sagas: nothing instead of 4 after 4 sagas',
    ]);
  });
});

import { RENTAL_SAGAS } from '@library/rental-service/application/sagas/rental-sagas';
import { judged, matrix } from '../../src/simulation/matrix';
import { simulate } from '../../src/simulation/simulate';

const CASES = matrix();

describe('In the matrix of every saga, participant, mishap and direction [A15 C3 C8 C9 C10 D1 E1 F1 F3]', () => {
  it.each(CASES.map((each) => [each.name, each] as const))('%s', async (_name, each) => {
    expect(judged(each, await simulate(each.plan))).toEqual([]);
  });

  it('no saga and no participant is left out', () => {
    for (const { type, awaits } of RENTAL_SAGAS) {
      for (const who of awaits) {
        const own = CASES.filter(({ name }) => name.startsWith(`${type}: ${who}, `));
        expect(own.length).toBeGreaterThanOrEqual(20);
      }
    }
  });
});

import { addCounts, countsOf, neverStruck, noCounts } from '../../src/simulation/counts';
import { WATCHED } from '../../src/simulation/invariants/judge';
import { planOf } from '../../src/simulation/plan/plan-of';
import { simulate } from '../../src/simulation/simulate';

/** One clearing in hundreds of seeds is undone, so that it is chance whether one is: the matrix has them all. */
const ENDINGS = ['OVERDUE COMPLETED', 'RENT COMPENSATED', 'RENT COMPLETED', 'RETURN COMPENSATED', 'RETURN COMPLETED'];

describe('A simulation of the whole library', () => {
  it('tells the same history for the same seed, to the byte, whatever ran before it [S5]', async () => {
    const first = await simulate(planOf(3, 'medium'));
    await simulate(planOf(4, 'small'));
    const second = await simulate(planOf(3, 'medium'));

    expect(second.story).toBe(first.story);
    expect(first.story.split('\n').length).toBeGreaterThan(500);
  });

  it('tells another history for another seed', async () => {
    expect((await simulate(planOf(5, 'small'))).digest).not.toBe((await simulate(planOf(6, 'small'))).digest);
  });

  it('breaks no invariant in 200 seeds, in which everything goes wrong that can [G1 G2 G3 G4 G5 G6 G7 G8 G9 G10 G11 G12 G13 G14 G15 G17 G18 G20 G21 G22 D11 H3 I2 J1 K1]', async () => {
    const counts = noCounts();
    const broken: string[] = [];
    for (let seed = 1; seed <= 200; seed++) {
      const simulated = await simulate(planOf(seed, 'small'));
      addCounts(counts, countsOf(simulated));
      broken.push(...simulated.violations.map(({ invariant, sentence }) => `seed ${seed}: ${invariant} ${sentence}`));
    }

    expect(broken).toEqual([]);
    expect(Object.keys(WATCHED).filter((invariant) => !counts.invariants[invariant])).toEqual([]);
    // Every fault has struck: also those that the rows of order, clocks, replays and lost answers are about.
    expect(neverStruck(counts)).toEqual([]);
    expect(Object.keys(counts.sagas)).toEqual(expect.arrayContaining(ENDINGS));
  }, 120_000);
});

import { OPENS_MS } from '../../src/simulation/plan/plan';
import type { Call, Plan, PlannedFault } from '../../src/simulation/plan/plan';
import { simulate } from '../../src/simulation/simulate';

const MEMBERS = 8;
const BUG: Omit<PlannedFault, 'index' | 'role' | 'about'> = { point: 'participant.bug', at: OPENS_MS, times: 1_000 };

const rentOf = (member: number): Call => ({
  index: member,
  at: OPENS_MS + 1_000,
  kind: 'rent',
  member,
  book: member + 1,
  keyed: true,
});

/** Eight members rent at the same moment, and one of them has bad luck. */
const planWith = (faults: readonly PlannedFault[]): Plan => ({
  seed: 1,
  beginning: Date.parse('2023-02-11T00:00:00Z'),
  instances: { rental: 1, book: 1, member: 1, bestbook: 1 },
  members: MEMBERS,
  books: MEMBERS,
  calls: Array.from({ length: MEMBERS }, (_, member) => rentOf(member)),
  faults,
  calmAt: OPENS_MS + 200_000,
});

describe('A record on which a participant fails again and again', () => {
  it.each([
    ['member', 'record m1'],
    ['book', 'record 1'],
    ['bestbook', 'record 1'],
  ] as const)('of %s, delays nobody else by a second, and its own saga is undone [G16]', async (role, about) => {
    const { sagas, violations } = await simulate(planWith([{ ...BUG, index: 0, role, about }]));
    const [unlucky, ...others] = sagas.toSorted((one, other) =>
      one.announced.idName.id < other.announced.idName.id ? -1 : 1,
    );

    expect(violations).toEqual([]);
    expect(unlucky).toMatchObject({ status: 'COMPENSATED', reason: 'expired' });
    expect(others).toHaveLength(MEMBERS - 1);
    for (const { status, startedAt, endedAt } of others) {
      expect(status).toBe('COMPLETED');
      expect(endedAt! - startedAt).toBeLessThan(1_000);
    }
  });
});

import { Random } from '../random';
import { callsOf } from './calls-of';
import { endOf, faultsOf } from './faults-of';
import type { Plan } from './plan';

type Range = readonly [least: number, most: number];

/** How large a simulation is. */
interface Size {
  readonly members: Range;
  readonly books: Range;
  readonly calls: Range;
  readonly faults: Range;
  /** Virtual time in which all calls are made. */
  readonly withinMs: number;
}

export const SIZES = {
  small: { members: [3, 6], books: [3, 8], calls: [8, 18], faults: [2, 8], withinMs: 12_000 },
  medium: { members: [5, 12], books: [5, 16], calls: [40, 80], faults: [4, 16], withinMs: 40_000 },
  large: { members: [5, 50], books: [5, 50], calls: [200, 400], faults: [10, 50], withinMs: 120_000 },
} as const satisfies Record<string, Size>;
export type SizeName = keyof typeof SIZES;

/** Nine in the morning in Seoul, or shortly before midnight. */
const MORNING = Date.parse('2023-02-11T00:00:00Z');
const SHORTLY_BEFORE_MIDNIGHT = Date.parse('2023-02-11T14:59:50Z');

/** Everything follows from the seed. */
export function planOf(seed: number, sizeName: SizeName): Plan {
  const random = new Random(`plan ${seed} ${sizeName}`);
  const size: Size = SIZES[sizeName];
  const { withinMs } = size;
  const demand = { members: random.between(...size.members), books: random.between(...size.books), withinMs };
  const calls = callsOf(random.of('calls'), random.between(...size.calls), demand);
  const faults = faultsOf(random.of('faults'), random.between(...size.faults), withinMs);

  // Around midnight clocks that are wrong do not agree on the day, and a day is ten points: that is no fault of a saga.
  const mayBeMidnight = !faults.some(({ point }) => point === 'clock.jump');
  return {
    seed,
    beginning: mayBeMidnight && random.chance(0.2) ? SHORTLY_BEFORE_MIDNIGHT : MORNING,
    instances: {
      rental: random.between(1, 3),
      book: random.between(1, 2),
      member: random.between(1, 2),
      bestbook: random.between(1, 2),
    },
    members: demand.members,
    books: demand.books,
    calls,
    faults,
    calmAt: Math.max(...calls.map(({ at }) => at + 1), ...faults.map(endOf)),
    ...(random.chance(0.15) ? { replaysAfterDays: random.pick([0, 6, 9]) } : {}),
  };
}

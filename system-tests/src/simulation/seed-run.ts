import { rangesOf } from './arguments';
import type { Asked } from './arguments';
import { countsOf } from './counts';
import type { Counts } from './counts';
import type { Violation } from './invariants/judge';
import type { Plan, PlannedFault } from './plan/plan';
import { planOf } from './plan/plan-of';
import type { SizeName } from './plan/plan-of';
import { shrink } from './shrink';
import { simulate } from './simulate';

/** What came of one seed; plain data, so that it may come from another thread. */
export interface SeedRun {
  readonly seed: number;
  readonly digest: string;
  readonly counts: Counts;
  readonly broken?: Broken;
}

/** A violation, with the shortest plan that still shows it. */
interface Broken {
  readonly violations: readonly Violation[];
  readonly faults: readonly PlannedFault[];
  readonly story: string;
  /** The command that shows it again. */
  readonly command: string;
}

function sizeOf(seed: number, asked: SizeName | 'mixed'): SizeName {
  if (asked !== 'mixed') return asked;
  if (seed % 40 === 0) return 'large';
  return seed % 8 === 0 ? 'medium' : 'small';
}

/** What is asked for of a seed. */
type Narrowing = Pick<Asked, 'size' | 'faults' | 'calls'>;

export function planFor(seed: number, { size, faults, calls }: Narrowing): Plan {
  const plan = planOf(seed, sizeOf(seed, size));
  return {
    ...plan,
    faults: plan.faults.filter(({ index }) => !faults || faults.has(index)),
    calls: plan.calls.filter(({ index }) => !calls || calls.has(index)),
  };
}

/** Runs one seed; when an invariant is broken, looks for the shortest history that still breaks it. */
export async function runSeed(seed: number, asked: Narrowing): Promise<SeedRun> {
  const plan = planFor(seed, asked);
  const simulated = await simulate(plan);
  const { digest, violations } = simulated;
  const counts = countsOf(simulated);
  if (violations.length === 0) return { seed, digest, counts };

  const [first] = violations;
  const shortest = await shrink(plan, async (shorter) =>
    (await simulate(shorter)).violations.some(({ invariant }) => invariant === first?.invariant),
  );
  const again = await simulate(shortest);
  const command = commandFor(shortest, sizeOf(seed, asked.size));
  return {
    seed,
    digest,
    counts,
    broken: { violations: again.violations, faults: shortest.faults, story: again.story, command },
  };
}

function commandFor({ seed, faults, calls }: Plan, size: SizeName): string {
  const [some, few] = [faults, calls].map((those) => rangesOf(those.map(({ index }) => index)));
  return `npm run simulate -- --seed ${seed} --size ${size} --faults ${some} --calls ${few}`;
}

import type { Plan } from './plan/plan';

/** So many runs may a search for a shorter plan take. */
const MOST_RUNS = 300;

/** The shortest plan found that still fails: first with fewer faults, then with fewer calls. */
export async function shrink(plan: Plan, stillFails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let runs = 0;
  const fails = async (shorter: Plan) => ++runs <= MOST_RUNS && stillFails(shorter);
  const faults = await fewest(plan.faults, (some) => fails({ ...plan, faults: some }));
  const calls = await fewest(plan.calls, (some) => fails({ ...plan, faults, calls: some }));
  return { ...plan, faults, calls };
}

/** Delta debugging (Zeller and Hildebrandt, ddmin): no part of what is left could be left out. */
async function fewest<Item>(
  items: readonly Item[],
  stillFails: (items: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  if (await stillFails([])) return [];
  let left = items;
  for (let parts = 2; left.length > 1;) {
    const size = Math.ceil(left.length / parts);
    const shorter = await first(without(left, size), stillFails);
    if (shorter) {
      left = shorter;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) {
      return left;
    } else {
      parts = Math.min(left.length, parts * 2);
    }
  }
  return left;
}

/** The items without each part of this size in turn. */
function without<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, nth) => nth * size);
  return starts.map((start) => [...items.slice(0, start), ...items.slice(start + size)]);
}

async function first<Item>(
  candidates: readonly Item[],
  fits: (candidate: Item) => Promise<boolean>,
): Promise<Item | undefined> {
  for (const candidate of candidates) if (await fits(candidate)) return candidate;
  return undefined;
}

import { judged, matrix } from '../matrix';
import { planOf } from '../plan/plan-of';
import { simulate } from '../simulate';
import { PARTICIPANT_GUARDS } from './participant-guards';
import { RENTAL_GUARDS } from './rental-guards';
import type { Sabotage } from './sabotage';
import { WORLD_GUARDS } from './world-guards';

const MOST_SEEDS = 200;

export const SABOTAGES: readonly Sabotage[] = [...PARTICIPANT_GUARDS, ...RENTAL_GUARDS, ...WORLD_GUARDS];

/** Who noticed that a guard was off. */
export interface Caught {
  readonly guard: string;
  readonly keeps: string;
  /** The invariants that did not hold, in the first run that went red; none when nobody noticed. */
  readonly by: readonly string[];
  /** The first run that went red: a small seed, or a case of the matrix. */
  readonly in: string;
}

/** Switches each guard off in turn and runs seeds, and then the matrix, until somebody notices. */
export async function sabotageTable(told: (caught: Caught) => void): Promise<readonly Caught[]> {
  const table: Caught[] = [];
  for (const sabotage of SABOTAGES) {
    const caught = await withoutGuard(sabotage);
    told(caught);
    table.push(caught);
  }
  return table;
}

async function withoutGuard({ guard, keeps, off }: Sabotage): Promise<Caught> {
  const on = off();
  try {
    for await (const { name, broken } of runs()) {
      if (broken.length > 0) return { guard, keeps, by: [...new Set(broken)].toSorted(inOrder), in: name };
    }
    return { guard, keeps, by: [], in: 'nowhere' };
  } finally {
    on();
  }
}

async function* runs(): AsyncGenerator<{ readonly name: string; readonly broken: readonly string[] }> {
  for (let seed = 1; seed <= MOST_SEEDS; seed++) {
    const { violations } = await simulate(planOf(seed, 'small'));
    yield { name: `seed ${seed}`, broken: violations.map(({ invariant }) => invariant) };
  }
  for (const each of matrix()) {
    const violations = judged(each, await simulate(each.plan));
    yield { name: each.name, broken: violations.map(({ invariant }) => invariant) };
  }
}

function inOrder(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}

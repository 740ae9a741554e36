import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import type { Random } from '../random';
import { ROLES } from '../world/roles';
import type { FaultPoint } from './fault-points';
import { OPENS_MS } from './plan';
import type { PlannedFault } from './plan';

const SHARES: Readonly<Record<FaultPoint, number>> = {
  crash: 4,
  'power-cut': 1,
  'crash.before-commit': 4,
  'crash.after-commit': 4,
  'crash.before-publish': 4,
  'crash.after-publish': 4,
  'crash.before-offset-commit': 4,
  pause: 3,
  'clock.jump': 3,
  rebalance: 4,
  'network-cut': 2,
  'broker-down': 2,
  'database-down': 2,
  'store.conflict': 6,
  'store.failed-commit': 4,
  'store.unknown-commit': 6,
  'store.slow': 3,
  'log.unknown-publish': 4,
  'log.partial-publish': 3,
  'log.duplicate': 8,
  'log.delay': 8,
  'log.loss': 6,
  'log.replay': 1,
  'log.more-partitions': 2,
  'log.poison': 2,
  'participant.refuse': 5,
  'participant.fail': 3,
  'participant.bug': 2,
};

const MINUTE = 60_000;
const OUTAGES = [500, 500, 3_000, 3_000, 15_000, 40_000];
const DELAYS = [20, 500, 500, 4_000, 4_000, 30_000, 3 * MINUTE, 5 * MINUTE];

/** How long faults last, how late they make a message, how far a clock jumps. */
const DURATIONS: Readonly<Partial<Record<FaultPoint, readonly number[]>>> = {
  pause: OUTAGES,
  'network-cut': OUTAGES,
  'broker-down': OUTAGES,
  'database-down': OUTAGES,
  'clock.jump': [-60 * MINUTE, -5 * MINUTE, 5 * MINUTE, 60 * MINUTE],
  'store.slow': [1_000, 2_000, 6_000],
  'log.delay': DELAYS,
  'log.duplicate': DELAYS,
};

/** What goes wrong, in no order: many faults only lie in wait. */
export function faultsOf(random: Random, count: number, withinMs: number): readonly PlannedFault[] {
  return Array.from({ length: count }, (_, index) => {
    const point = random.weighted(SHARES);
    const durations = DURATIONS[point];
    return {
      index,
      point,
      at: OPENS_MS + random.below(withinMs),
      role: random.pick(ROLES),
      ...(random.chance(0.5) && point !== 'participant.refuse' ? { about: random.pick(SAGA_TOPICS) } : {}),
      ...(durations ? { ms: random.pick(durations) } : {}),
      ...(random.chance(0.2) ? { times: random.between(2, 6) } : {}),
    };
  });
}

/** When it is over, or can strike no more than it has. */
export function endOf({ point, at, ms = 0 }: PlannedFault): number {
  return DURATIONS[point] === OUTAGES ? at + ms : at;
}

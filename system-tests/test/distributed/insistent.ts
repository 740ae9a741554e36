import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import type { SagaTiming } from '@library/shared-kernel/saga/timing';
import type { Desk } from '../desk';
import { eventually } from '../over-http';

/** Asks again soon, so that a test can wait for it, and gives up as late as in earnest, however busy the machine is. */
export const INSISTENT: SagaTiming = {
  ...DEFAULT_TIMING,
  resendAfterMs: [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000],
  insistAfterMs: 500,
  graceMs: 500,
};

const IN_FLIGHT = ['RUNNING', 'CONFIRMING', 'COMPENSATING'];

/** Resolves when no saga is in flight any more. */
export function allHaveEnded(desk: Desk, withinMs = 60_000): Promise<void> {
  return eventually(async () => {
    for (const status of IN_FLIGHT) {
      const [one, ...more] = await desk.sagas(`&status=${status}`);
      if (one) throw new Error(`${one.id} and ${more.length} more are ${status}.`);
    }
  }, withinMs);
}

export const range = (many: number) => Array.from({ length: many }, (_, at) => at + 1);

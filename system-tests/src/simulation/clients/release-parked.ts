import type { LogMessage } from '@library/shared-kernel/messaging/message-log';
import { ReplayParked } from '@library/shared-kernel/messaging/replay-parked';
import { roleOf } from '../world/roles';
import type { SimulatedLibrary } from '../world/simulated-library';

const OPERATOR = { actor: 'operator', reason: 'its cause is gone' };

/** An operator gives everything that was parked back to the groups that parked it. */
export async function releaseParked(library: SimulatedLibrary): Promise<void> {
  const groups = {
    get: (group: string) => {
      const process = library.anyOf(roleOf(group), OPERATOR.actor);
      return process && ((message: LogMessage) => process.handleAgain(message));
    },
  };
  await new ReplayParked(library.parking, groups, library.broker.client(), library.time).releaseAll(
    undefined,
    OPERATOR,
  );
}

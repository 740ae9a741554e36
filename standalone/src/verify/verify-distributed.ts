import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import type { SagaTiming } from '@library/shared-kernel/saga/timing';
import { Deployment } from './deployment';
import type { DeploymentAddress } from './deployment';
import { DistributedEvidence } from './distributed-evidence';
import { examine } from './examine';
import { lookUntilCertain } from './looks';
import type { VerifyReport } from './report';

export interface HowToLook {
  /** Whose days the library counts. */
  readonly zone: string;
  readonly timing?: SagaTiming;
  readonly pauseMs?: number;
}

/**
 * Checks the invariants on a distributed library, whether its services run or not, in its databases and topics; they are
 * only read. What is late is judged by the clock of this machine. Rejects with a Fault when they cannot be reached.
 */
export async function verifyDistributed(
  address: DeploymentAddress,
  { zone, timing = DEFAULT_TIMING, pauseMs }: HowToLook,
): Promise<VerifyReport> {
  const deployment = Deployment.open(address);
  try {
    const look = async () => examine(await DistributedEvidence.begin(deployment), timing, zone);
    return await lookUntilCertain(look, pauseMs);
  } finally {
    await deployment.close();
  }
}

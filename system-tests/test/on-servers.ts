import { randomUUID } from 'node:crypto';
import { kafkaBrokers, mongoUrl } from '@library/infra/for-tests';
import type { Whereabouts } from '@library/infra/whereabouts';
import { variablesOf } from '@library/infra/whereabouts';
import { readEnvironment } from '@library/shared-kernel/service/environment';
import type { SagaTiming } from '@library/shared-kernel/saga/timing';
import { deploymentAddress } from '@library/standalone/verify/deployment';
import { verifyDistributed } from '@library/standalone/verify/verify-distributed';

/** Describes what needs Kafka and MongoDB, and leaves it out where they are not: the run has said so when it began. */
export function describeOnServers(name: string, specify: () => void): void {
  const areThere = kafkaBrokers() !== undefined && mongoUrl() !== undefined;
  (areThere ? describe : describe.skip)(name, specify);
}

/** The servers of this run, and names that no other library has there. */
export function newWhereabouts(): Required<Whereabouts> {
  const name = `test-${randomUUID().slice(0, 13)}`;
  return { brokers: kafkaBrokers()!, mongoUrl: mongoUrl()!, database: name, prefix: `${name}.` };
}

/** As `verify` reports it: a sentence for each violation. */
export async function unsoundAt(whereabouts: Whereabouts, timing?: SagaTiming): Promise<readonly string[]> {
  const environment = readEnvironment(variablesOf(whereabouts));
  const { ok, checks } = await verifyDistributed(deploymentAddress(environment), {
    zone: environment.LIBRARY_ZONE,
    ...(timing === undefined ? {} : { timing }),
  });
  if (checks.every(({ looked }) => looked === 0)) return ['Nothing was there to be looked at.'];
  const offenders = checks.flatMap((check) => check.offenders);
  return ok || offenders.length > 0 ? offenders : ['It says that not all is well, and not what.'];
}

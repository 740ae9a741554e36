import { startContainers } from './containers';
import { InfraFailure } from './infra-failure';
import { brokersIn, mongoUrlIn, mustBeAbleToStart, RequiredServers } from './required-servers';
import type { Environment } from './required-servers';

/** Set for the specs of this run when they can start servers of their own. */
const CAN_START = 'INFRA_CAN_START';

// oxlint-disable-next-line node/no-process-env -- a whole run of Jest and its specs share nothing else
const OURS: Environment = process.env;

/** The brokers that all specs of this run share. Undefined when there are none; the run has said so when it began. */
export function kafkaBrokers(): readonly string[] | undefined {
  return brokersIn(OURS);
}

/** The server that all specs of this run share, without a database. Undefined when there is none. */
export function mongoUrl(): string | undefined {
  return mongoUrlIn(OURS);
}

/** Whether a spec may start `Kafka` and `MongoServer` of its own, to break them. */
export function canStartServers(environment: Environment = OURS): boolean {
  return environment[CAN_START] === 'yes';
}

/**
 * Once for a whole run: what `requireServers` does, and whether specs can start servers of their own. Where something of
 * that cannot be, it says so in one line, and specs skip; with `REQUIRE_INFRA=1` it rejects instead. Resolves with what ends
 * it all.
 */
export async function provideServers(
  environment: Environment = OURS,
  inContainers = startContainers,
): Promise<() => Promise<void>> {
  const servers = new RequiredServers();
  try {
    await servers.complete(environment, inContainers);
    await mustBeAbleToStart();
    environment[CAN_START] = 'yes';
  } catch (error) {
    if (!(error instanceof InfraFailure) || environment['REQUIRE_INFRA'] === '1') {
      await servers.end();
      throw error;
    }
    process.stderr.write(`Specs that need servers which are not here are skipped. ${error.message}\n`);
  }
  return () => servers.end();
}

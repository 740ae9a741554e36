import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { COMPOSED_VARIABLES, startContainers } from './containers';
import { InfraFailure } from './infra-failure';
import { classPath } from './jars';
import { Kafka } from './kafka';
import { livingBrokers } from './living-brokers';
import { answersPing, MongoServer } from './mongo-server';
import { runJava } from './server-process';

/** Set for the specs of this run when they can start servers of their own. */
const CAN_START = 'INFRA_CAN_START';
const GIVEN_ANSWERS_WITHIN_MS = 20_000;

type Environment = Record<string, string | undefined>;

// oxlint-disable-next-line node/no-process-env -- a whole run of Jest and its specs share nothing else
const OURS: Environment = process.env;

/** The brokers that all specs of this run share. Undefined when there are none; the run has said so when it began. */
export function kafkaBrokers(environment: Environment = OURS): readonly string[] | undefined {
  return environment['KAFKA_BROKERS']?.split(',');
}

/** The server that all specs of this run share, without a database. Undefined when there is none. */
export function mongoUrl(environment: Environment = OURS): string | undefined {
  return environment['MONGO_URL'];
}

/** Whether a spec may start `Kafka` and `MongoServer` of its own, to break them. */
export function canStartServers(environment: Environment = OURS): boolean {
  return environment[CAN_START] === 'yes';
}

/**
 * Once for a whole run: looks where the addresses in the environment lead; or starts a real Kafka and MongoDB, where Docker
 * is; or else starts one broker and one MongoDB-wire server; and leaves their addresses in the environment. Where nothing
 * of that can be, it says so in one line, and specs skip; with `REQUIRE_INFRA=1` it rejects instead. Resolves with what
 * ends it all.
 */
export async function provideServers(
  environment: Environment = OURS,
  inContainers = startContainers,
): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'library-infra-'));
  const started: { stop(): Promise<void> }[] = [];
  const end = async () => {
    await Promise.all(started.map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await givenOnesAnswer(environment);
    if (kafkaBrokers(environment) === undefined && mongoUrl(environment) === undefined) {
      const containers = await inContainers();
      if (containers) {
        started.push(containers);
        Object.assign(environment, COMPOSED_VARIABLES);
      }
    }
    await startsOwn();
    environment[CAN_START] = 'yes';
    if (kafkaBrokers(environment) === undefined) {
      const kafka = await Kafka.start({ folder });
      started.push(kafka);
      environment['KAFKA_BROKERS'] = kafka.brokers.join(',');
    }
    if (mongoUrl(environment) === undefined) {
      const mongo = await MongoServer.start({ folder });
      started.push(mongo);
      environment['MONGO_URL'] = mongo.url;
    }
  } catch (error) {
    if (!(error instanceof InfraFailure) || environment['REQUIRE_INFRA'] === '1') {
      await end();
      throw error;
    }
    process.stderr.write(`Specs that need servers which are not here are skipped. ${error.message}\n`);
  }
  return end;
}

/** An address that was given and does not answer is a mistake, whatever else is here. */
async function givenOnesAnswer(environment: Environment): Promise<void> {
  for (const broker of kafkaBrokers(environment) ?? []) {
    const [host = '', port] = broker.split(':');
    await answers(`KAFKA_BROKERS names ${broker}`, () => livingBrokers(host, Number(port)));
  }
  const url = mongoUrl(environment);
  if (url !== undefined) await answers(`MONGO_URL names ${url}`, () => answersPing(url, 2_000));
}

async function answers(what: string, ask: () => Promise<unknown>): Promise<void> {
  const until = Date.now() + GIVEN_ANSWERS_WITHIN_MS;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > until) {
        // No InfraFailure: whoever gave an address does not want its specs skipped.
        throw new Error(
          `${what}, which does not answer (${(error as Error).message}): start it, or unset the variable to have one started here.`,
          { cause: error },
        );
      }
      await pause(200);
    }
  }
}

async function startsOwn(): Promise<void> {
  await runJava(['-version']);
  await classPath();
}

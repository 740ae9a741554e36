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
 * Once for a whole run: what `requireServers` does, and whether specs can start servers of their own. Where something of
 * that cannot be, it says so in one line, and specs skip; with `REQUIRE_INFRA=1` it rejects instead. Resolves with what ends
 * it all.
 */
export async function provideServers(
  environment: Environment = OURS,
  inContainers = startContainers,
): Promise<() => Promise<void>> {
  const servers = new Servers();
  try {
    await servers.complete(environment, inContainers);
    await startsOwn();
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

/**
 * For a program that is nothing without them: looks where the addresses in the environment lead; or starts a real Kafka and
 * MongoDB, where Docker is; or else starts one broker and one MongoDB-wire server; and leaves their addresses in the
 * environment. Java is needed only for what is started without Docker. Resolves with what ends it all.
 */
export async function requireServers(
  environment: Environment,
  inContainers = startContainers,
): Promise<() => Promise<void>> {
  const servers = new Servers();
  try {
    await servers.complete(environment, inContainers);
  } catch (error) {
    await servers.end();
    throw error;
  }
  return () => servers.end();
}

class Servers {
  private readonly folder = mkdtempSync(join(tmpdir(), 'library-infra-'));
  private readonly started: { stop(): Promise<void> }[] = [];

  async complete(environment: Environment, inContainers: typeof startContainers): Promise<void> {
    await givenOnesAnswer(environment);
    if (kafkaBrokers(environment) === undefined && mongoUrl(environment) === undefined) {
      const containers = await inContainers();
      if (containers) {
        this.started.push(containers);
        Object.assign(environment, COMPOSED_VARIABLES);
      }
    }
    if (kafkaBrokers(environment) !== undefined && mongoUrl(environment) !== undefined) return;

    await startsOwn();
    if (kafkaBrokers(environment) === undefined) {
      const kafka = await Kafka.start({ folder: this.folder });
      this.started.push(kafka);
      environment['KAFKA_BROKERS'] = kafka.brokers.join(',');
    }
    if (mongoUrl(environment) === undefined) {
      const mongo = await MongoServer.start({ folder: this.folder });
      this.started.push(mongo);
      environment['MONGO_URL'] = mongo.url;
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.started.map((server) => server.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
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

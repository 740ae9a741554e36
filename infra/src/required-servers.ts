import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { COMPOSED_VARIABLES, startContainers } from './containers';
import { classPath } from './jars';
import { Kafka } from './kafka';
import { livingBrokers } from './living-brokers';
import { answersPing, MongoServer } from './mongo-server';
import { runJava } from './server-process';
import type { Running } from './server-process';

const GIVEN_ANSWERS_WITHIN_MS = 20_000;

/** Where the servers are: `KAFKA_BROKERS` and `MONGO_URL`, as the services read them. */
export type Environment = Record<string, string | undefined>;

/**
 * For a program that measures: looks where the addresses in the environment lead; or starts a real Kafka and MongoDB, where
 * Docker is; or else starts one broker and one MongoDB-wire server, as fast as they get; and leaves their addresses in the
 * environment. Java is needed only for what is started without Docker. Resolves with what ends it all.
 */
export async function requireServers(
  environment: Environment,
  inContainers = startContainers,
): Promise<() => Promise<void>> {
  const servers = new RequiredServers({ isFast: true });
  try {
    await servers.complete(environment, inContainers);
  } catch (error) {
    await servers.end();
    throw error;
  }
  return () => servers.end();
}

/** A Kafka and a MongoDB: those of the environment, or others that live as long as this. */
export class RequiredServers {
  private readonly folder = mkdtempSync(join(tmpdir(), 'library-infra-'));
  private readonly started: { stop(): Promise<void> }[] = [];

  constructor(private readonly running: Pick<Running, 'isFast'> = {}) {}

  async complete(environment: Environment, inContainers: typeof startContainers): Promise<void> {
    await givenOnesAnswer(environment);
    if (brokersIn(environment) === undefined && mongoUrlIn(environment) === undefined) {
      const containers = await inContainers();
      if (containers) {
        this.started.push(containers);
        Object.assign(environment, COMPOSED_VARIABLES);
      }
    }
    if (brokersIn(environment) !== undefined && mongoUrlIn(environment) !== undefined) return;

    await mustBeAbleToStart();
    if (brokersIn(environment) === undefined) {
      const kafka = await Kafka.start({ folder: this.folder, ...this.running });
      this.started.push(kafka);
      environment['KAFKA_BROKERS'] = kafka.brokers.join(',');
    }
    if (mongoUrlIn(environment) === undefined) {
      const mongo = await MongoServer.start({ folder: this.folder, ...this.running });
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
  for (const broker of brokersIn(environment) ?? []) {
    const [host = '', port] = broker.split(':');
    await answers(`KAFKA_BROKERS names ${broker}`, () => livingBrokers(host, Number(port)));
  }
  const url = mongoUrlIn(environment);
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

/** Rejects when no server can be started here without Docker. */
export async function mustBeAbleToStart(): Promise<void> {
  await runJava(['-version']);
  await classPath();
}

/** Undefined when none are named. */
export function brokersIn(environment: Environment): readonly string[] | undefined {
  return environment['KAFKA_BROKERS']?.split(',');
}

/** Without a database; undefined when none is named. */
export function mongoUrlIn(environment: Environment): string | undefined {
  return environment['MONGO_URL'];
}

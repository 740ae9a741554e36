import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { COMPOSED, COMPOSED_VARIABLES } from '../containers';
import { InfraFailure } from '../infra-failure';
import { classPath } from '../jars';
import { Kafka } from '../kafka';
import { DATA, ROOT } from '../local-folder';
import { MongoServer } from '../mongo-server';

/** Kafka and MongoDB, for as long as somebody works with them. */
export interface DevServers {
  /** Whose they are and where, in a sentence. */
  readonly sentence: string;
  /** The variables that lead a service to them; none where the environment has them already. */
  readonly variables: Readonly<Record<string, string>>;
  /** Ends those that were started for this, and nothing else. */
  stop(): Promise<void>;
  /** The same, without waiting for them. */
  kill(): Promise<void>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const ENGINE_ANSWERS_WITHIN_MS = 5_000;

const execute = promisify(execFile);
const nothing = () => Promise.resolve();

/**
 * Those that the environment names; or in containers, where a Docker engine answers; or those of `npm run infra`, when they
 * run; or else new ones without Docker, which forget everything. Rejects with an InfraFailure, and then nothing was left running.
 */
export async function provideDevServers(
  environment: Environment,
  { docker }: { readonly docker: boolean },
  tell: (line: string) => void,
): Promise<DevServers> {
  const inContainers = () => (docker ? composed(environment, tell) : undefined);
  return given(environment) ?? (await inContainers()) ?? recorded() ?? (await own(tell));
}

function given({ KAFKA_BROKERS: kafka, MONGO_URL: mongo }: Environment): DevServers | undefined {
  if (!kafka && !mongo) return undefined;
  if (kafka && mongo) {
    return { sentence: `Those of KAFKA_BROKERS and MONGO_URL: ${kafka}`, variables: {}, stop: nothing, kill: nothing };
  }
  const [set, missing] = kafka ? ['KAFKA_BROKERS', 'MONGO_URL'] : ['MONGO_URL', 'KAFKA_BROKERS'];
  throw new InfraFailure(`${set} is set, and ${missing} is not: set both, or unset both to have them started here.`);
}

async function composed(environment: Environment, tell: (line: string) => void): Promise<DevServers | undefined> {
  const docker = (...args: readonly string[]) => ended(execute('docker', args, { cwd: ROOT, env: environment }));
  const engine = execute('docker', ['info', '--format', '{{.ServerVersion}}'], {
    env: environment,
    timeout: ENGINE_ANSWERS_WITHIN_MS,
  });
  const { failed, said } = await ended(engine);
  if (failed || said === '') return undefined;

  const running = (await docker('compose', 'ps', '--services', '--status', 'running')).said.split('\n');
  const ours = COMPOSED.filter((name) => !running.includes(name));
  if (ours.length > 0) {
    tell('Docker starts Kafka and MongoDB. The first time, it fetches them.');
    const up = await docker('compose', 'up', '--wait', ...ours);
    if (up.failed) {
      await docker('compose', 'stop', ...ours);
      throw new InfraFailure(`\`docker compose up\` failed; --no-docker does without. It said:\n${up.said}`);
    }
  }
  return {
    sentence: ours.length > 0 ? 'In containers, which keep what they know.' : 'In containers that ran already.',
    variables: COMPOSED_VARIABLES,
    stop: async () => void (ours.length > 0 && (await docker('compose', 'stop', ...ours))),
    kill: nothing,
  };
}

/** What it said: on its error output when it failed, or could not be started. */
async function ended(
  running: Promise<{ readonly stdout: string }>,
): Promise<{ readonly failed: boolean; readonly said: string }> {
  try {
    return { failed: false, said: (await running).stdout.trim() };
  } catch (error) {
    return { failed: true, said: (error as { readonly stderr?: string }).stderr?.trim() ?? '' };
  }
}

function recorded(): DevServers | undefined {
  const kafka = Kafka.recorded(DATA);
  const mongo = MongoServer.recorded(DATA);
  const states = [...(kafka?.nodes ?? []), ...(mongo ? [mongo] : [])].map(({ server }) => server.state);
  if (states.every((state) => state === 'stopped')) return undefined;
  if (!kafka || !mongo || states.includes('stopped')) {
    throw new InfraFailure('Of what `npm run infra` starts, only a part runs: `npm run infra -- up` starts the rest.');
  }
  const sentence = 'Those of `npm run infra`, which go on when this ends.';
  return { sentence, variables: addressesOf(kafka, mongo), stop: nothing, kill: nothing };
}

/** On a folder that is deleted in the end: what MongoDB's stand-in has forgotten, Kafka must not remember. */
async function own(tell: (line: string) => void): Promise<DevServers> {
  tell('Starting Kafka, and a stand-in for MongoDB, without Docker. The first time, Maven fetches them.');
  // Both need it, and would fetch it at the same time.
  await classPath();
  const folder = mkdtempSync(join(tmpdir(), 'library-dev-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const starting = [Kafka.start({ folder }), MongoServer.start({ folder })] as const;
  const end = async (how: 'stop' | 'kill') => {
    const [kafka, mongo] = await Promise.allSettled(starting);
    const nodes = kafka.status === 'fulfilled' ? kafka.value.nodes : [];
    const all = mongo.status === 'fulfilled' ? [...nodes, mongo.value] : nodes;
    await Promise.all(all.map((server) => server[how]()));
  };
  try {
    const [kafka, mongo] = await Promise.all(starting);
    const sentence = 'Started for this, and gone with it. MongoDB’s stand-in keeps everything in memory.';
    return { sentence, variables: addressesOf(kafka, mongo), stop: () => end('stop'), kill: () => end('kill') };
  } catch (error) {
    await end('kill');
    throw error;
  }
}

function addressesOf({ brokers }: Kafka, { url }: MongoServer): Readonly<Record<string, string>> {
  return { KAFKA_BROKERS: brokers.join(','), MONGO_URL: url, MONGO_ALLOW_STANDALONE: 'true' };
}

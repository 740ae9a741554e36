import { setTimeout as pause } from 'node:timers/promises';
import { Fault } from '@library/shared-kernel/store/fault';
import { invitation } from '@library/standalone/banner';
import { addSample, isEmpty, suggest } from '@library/standalone/sample';
import { parsed, runProgram, wholeNumber } from '../command-line';
import { InfraFailure } from '../infra-failure';
import { Development } from './development';
import type { Asked, Tell } from './development';
import { lineOf } from './log-lines';
import type { Environment } from './servers';

const USAGE = `npm run dev -- [options]

  Starts Kafka and MongoDB, the four services as processes of their own, and one origin for all of them.

  --sample      registers sample books and members when nothing else is registered
  --port 8080   of the whole library; the services get the four ports after it. 0 takes any free ones
  --no-docker   starts Kafka and MongoDB without Docker, also where Docker is
  --help

KAFKA_BROKERS and MONGO_URL, when they are set, lead to servers that run already.`;

const EXIT = { ok: 0, failed: 1 } as const;
/** The services need the four ports after it. */
const HIGHEST_PORT = 65_531;
const KILLED_WITHIN_MS = 3_000;

interface DevelopmentAsked extends Asked {
  readonly sample: boolean;
}

/** Resolves when the library is open, and a signal will end it; or when all of it has ended because it could not be. */
async function main(asked: DevelopmentAsked, environment: Environment): Promise<number> {
  const isColoured = process.stdout.isTTY && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  const tell: Tell = (speaker, said) => console.log(lineOf(speaker, said, new Date(), isColoured));
  const say = (message: string) => tell('dev', { level: 'info', message });
  const development = new Development(asked, environment, tell);

  const starting = development.start();
  let signals = 0;
  const end = async (signal: string) => {
    signals += 1;
    if (signals === 1) {
      say(`${signal}: ending the services, then what they stand on; once more ends all of it at once.`);
      // What is still being started is ended when it is there; that it came to nothing is no news.
      await starting.catch(() => undefined);
      await development.stop();
      say('All of it has ended.');
      process.exit(EXIT.ok);
    }
    say('Ending all of it at once.');
    // Whatever does not hear of it ends with this process.
    await Promise.race([development.kill(), pause(KILLED_WITHIN_MS)]);
    process.exit(EXIT.failed);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(signal));

  try {
    await starting;
    const origin = await development.ready();
    const sample = asked.sample ? await addSample(origin) : undefined;
    if (sample) say(`${sample.books} sample books and ${sample.members} sample members were added.`);
    const lines = invitation(origin, 'npm run dev', await isEmpty(origin), await suggest(origin));
    say(`The library is open at ${origin}`);
    console.log(['', ...lines, 'Ctrl-C ends all of it.', ''].join('\n'));
    return EXIT.ok;
  } catch (error) {
    // It came to nothing because it is being ended.
    if (signals > 0) return EXIT.ok;
    tell('dev', { level: 'error', message: sentenceOf(error) });
    await development.stop();
    return EXIT.failed;
  }
}

function understood(args: readonly string[]): DevelopmentAsked {
  const { values } = parsed({
    args: [...args],
    options: {
      sample: { type: 'boolean', default: false },
      port: { type: 'string', default: '8080' },
      'no-docker': { type: 'boolean', default: false },
    },
  });
  const port = wholeNumber('--port', values.port, 0, HIGHEST_PORT);
  return { port, sample: values.sample, docker: !values['no-docker'] };
}

function sentenceOf(error: unknown): string {
  return error instanceof InfraFailure || error instanceof Fault
    ? error.message
    : String((error as Error).stack ?? error);
}

void runProgram(USAGE, process.argv.slice(2), understood, (asked) => main(asked, process.env)).then((code) =>
  code === EXIT.ok ? undefined : process.exit(code),
);

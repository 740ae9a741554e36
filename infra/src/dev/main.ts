import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { invitation } from '@library/standalone/banner';
import { addSample, isEmpty, suggest } from '@library/standalone/sample';
import { InfraFailure } from '../infra-failure';
import { Development } from './development';
import type { Asked, Tell } from './development';
import { lineOf } from './log-lines';
import type { Environment } from './servers';

const USAGE = `npm run dev -- [options]

  Starts Kafka and MongoDB, the four services as processes of their own, and one origin for all of them.

  --sample      registers sample books and members when the library is empty
  --port 8080   of the whole library; the services get the four ports after it. 0 takes any free ones
  --no-docker   starts Kafka and MongoDB without Docker, also where Docker is
  --help

KAFKA_BROKERS and MONGO_URL, when they are set, lead to servers that run already.`;

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
const KILLED_WITHIN_MS = 3_000;

async function main(args: readonly string[], environment: Environment): Promise<void> {
  const asked = understood(args);
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
  } catch (error) {
    if (signals > 0) return;
    tell('dev', { level: 'error', message: sentenceOf(error) });
    await development.stop();
    process.exit(EXIT.failed);
  }
}

class WrongUsage extends Error {}

function understood(args: readonly string[]): Asked & { readonly sample: boolean } {
  const { values } = parsed(args);
  if (values.help) {
    console.log(USAGE);
    process.exit(EXIT.ok);
  }
  const port = Number(values.port);
  // The services need the four ports after it.
  if (!/^\d+$/.test(values.port) || port > 65_531) {
    throw new WrongUsage(`--port is a whole number up to 65531, not ${values.port}.`);
  }
  return { port, sample: values.sample, docker: !values['no-docker'] };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        sample: { type: 'boolean', default: false },
        port: { type: 'string', default: '8080' },
        'no-docker': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new WrongUsage((error as Error).message);
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof InfraFailure ? error.message : String((error as Error).stack ?? error);
}

void main(process.argv.slice(2), process.env).catch((error: unknown) => {
  console.error(error instanceof WrongUsage ? `${error.message}\n\n${USAGE}` : error);
  process.exit(error instanceof WrongUsage ? EXIT.usage : EXIT.failed);
});

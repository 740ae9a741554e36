import { parseArgs } from 'node:util';
import { urlOf } from '@library/shared-kernel/http/listening';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { BadEnvironment, readEnvironment, shiftOf } from '@library/shared-kernel/service/environment';
import { errorLog } from '@library/shared-kernel/service/error-log';
import { Fault } from '@library/shared-kernel/store/fault';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { banner } from './banner';
import { Library } from './library';
import { addSample, isEmpty, suggest } from './sample';
import { serve } from './serving';

const USAGE = `npm start -- [--sample]

  --sample   registers sample books and members when nothing else is registered

Everything else is set by environment variables: \`npx library env\` prints them with their defaults.`;

const DAY_MS = 86_400_000;
const EMBEDDED_ONLY =
  'MODE="distributed": `npm start` is the embedded library; `npm run dev` starts a distributed one, and docs/distributed.md says how its services start one by one.';

async function main(): Promise<void> {
  const options = optionsGiven();
  if (process.env['MODE'] === 'distributed') throw new BadEnvironment(EMBEDDED_ONLY);
  const environment = readEnvironment(process.env);
  const { DATA_DIR: folder, LIBRARY_ZONE: zone, HTTP_HOST: host, HTTP_PORT: port, RETENTION_DAYS: days } = environment;
  const clock = new SystemClock(shiftOf(environment.LIBRARY_NOW, Date.now()));
  const logger = errorLog({ level: environment.LOG_LEVEL });

  const library = await Library.open({
    folder,
    zone,
    clock,
    timing: DEFAULT_TIMING,
    logger,
    ...(days === undefined ? {} : { retentionMs: days * DAY_MS }),
  });
  await library.start();
  const serving = await serve(library, { host, port });
  const origin = urlOf({ host, port: serving.ports['library']! });
  const sample = options.sample ? await addSample(origin) : undefined;
  const [empty, suggestion] = await Promise.all([isEmpty(origin), suggest(origin)]);
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) {
      process.stderr.write('Stopped at once. Nothing that was answered is lost.\n');
      process.exit(1);
    }
    stopping = true;
    process.stderr.write(`${signal}: finishing what is in hand; once more stops at once.\n`);
    const budget = environment.SHUTDOWN_BUDGET * 1_000;
    const late = setTimeout(() => {
      process.stderr.write(
        `Not everything was finished within ${environment.SHUTDOWN_BUDGET} s; it goes on at the next start.\n`,
      );
      process.exit(0);
    }, budget);
    await serving.stop(budget / 2);
    await library.stop();
    clearTimeout(late);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void stop(signal).catch(fail));
  process.stdout.write(
    banner({ environment, origin, ports: serving.ports, now: clock.now(), sample, isEmpty: empty, suggestion }),
  );
}

/** Ends this process when help is wanted, or what is asked makes no sense. */
function optionsGiven() {
  try {
    const { values } = parseArgs({
      options: { sample: { type: 'boolean', default: false }, help: { type: 'boolean' } },
    });
    if (!values.help) return values;
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ');
    process.stderr.write(`${sentence}.\n\n${USAGE}\n`);
    process.exit(2);
  }
}

function fail(error: unknown): never {
  const isOurs = error instanceof BadEnvironment || error instanceof Fault;
  process.stderr.write(isOurs ? `${(error as Error).message}\n` : `${String((error as Error).stack ?? error)}\n`);
  process.exit(1);
}

main().catch(fail);

import { BadEnvironment, readEnvironment } from '../service/environment';
import { errorLog } from '../service/error-log';
import { Fault } from '../store/fault';
import { ServiceProcess } from './service-process';
import type { Program } from './service-process';

/** Runs the service until a signal ends it. */
export async function runService(
  program: Program,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  try {
    await run(program, variables);
  } catch (error) {
    fail(error);
  }
}

async function run(program: Program, variables: Readonly<Record<string, string | undefined>>): Promise<void> {
  const environment = readEnvironment(variables, { mode: 'distributed', port: program.port });
  if (environment.MODE === 'embedded') {
    throw new BadEnvironment(
      `MODE="embedded": ${program.name} alone runs on Kafka and MongoDB only; \`npm start\` runs the whole library embedded.`,
    );
  }
  const logger = errorLog({ level: environment.LOG_LEVEL, base: { service: program.name } });
  const service = new ServiceProcess(program, environment, logger);
  const budgetMs = environment.SHUTDOWN_BUDGET * 1_000;

  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return process.exit(1);
    stopping = true;
    logger.info({}, `${signal}: finishing what is in hand; once more stops at once`);
    setTimeout(() => {
      logger.warn({}, `Not everything was finished within ${environment.SHUTDOWN_BUDGET} s; others go on with it`);
      process.exit(0);
    }, budgetMs);
    await service.stop(budgetMs);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void stop(signal).catch(fail));

  const port = await service.start(fail);
  process.stdout.write(`${program.name} listens on http://${environment.HTTP_HOST}:${port}\n`);
}

function fail(error: unknown): never {
  const isOurs = error instanceof BadEnvironment || error instanceof Fault;
  process.stderr.write(isOurs ? `${(error as Error).message}\n` : `${String((error as Error).stack ?? error)}\n`);
  process.exit(1);
}

import { oneOf, parsed, runProgram, wholeNumber, WrongUsage } from './command-line';
import { InfraFailure } from './infra-failure';
import { Kafka } from './kafka';
import { DATA } from './local-folder';
import { MongoServer } from './mongo-server';
import type { ServerProcess } from './server-process';

const USAGE = `npm run infra -- <verb> [kafka | kafka-2 | mongo] [options]

  up       starts what does not run, and waits until it answers
  down     stops it
  status   says what runs; --json for programs. Exit code 5 when something is not running
  kill     kill -9; up starts it again on its data (mongo: empty, since it keeps everything in memory)
  pause    it keeps its connections and answers nothing
  resume   ends a pause
  logs     the end of what it has logged; --lines 40

Options: --brokers 1|3   --kafka-port 9092   --mongo-port 27017   --data DIR (${DATA})`;

const OPTIONS = {
  brokers: { type: 'string' },
  'kafka-port': { type: 'string', default: '9092' },
  'mongo-port': { type: 'string', default: '27017' },
  data: { type: 'string', default: DATA },
  lines: { type: 'string', default: '40' },
  json: { type: 'boolean', default: false },
} as const;

const EXIT = { ok: 0, unavailable: 5 } as const;

/** One server, as this program sees it. */
interface Listed {
  readonly server: ServerProcess;
  readonly address: string;
  restart(): Promise<void>;
}

interface Asked {
  readonly verb: string;
  /** Undefined means all. */
  readonly target: string | undefined;
  readonly brokers: 1 | 3 | undefined;
  readonly kafkaPort: number;
  readonly mongoPort: number;
  readonly data: string;
  readonly lines: number;
  readonly json: boolean;
}

async function main(asked: Asked): Promise<number> {
  switch (asked.verb) {
    case 'up':
      return up(asked);
    case 'status':
      return status(asked);
    case 'down':
      await Promise.all(chosen(asked).map(({ server }) => server.stop()));
      return told(asked);
    case 'kill':
      await Promise.all(named(asked).map(({ server }) => server.kill()));
      return told(asked);
    case 'pause':
      await Promise.all(named(asked).map(({ server }) => server.pause()));
      return told(asked);
    case 'resume':
      await Promise.all(named(asked).map(({ server }) => server.resume()));
      return told(asked);
    case 'logs':
      for (const { server } of chosen(asked)) console.log(`==> ${server.log}\n${server.lastLines(asked.lines)}`);
      return EXIT.ok;
    default:
      throw new WrongUsage(`There is no verb ${asked.verb}.`);
  }
}

function understood(args: readonly string[]): Asked {
  const { values, positionals } = parsed({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [verb, target, ...more] = positionals;
  if (verb === undefined) throw new WrongUsage('A verb is missing.');
  if (more.length > 0) throw new WrongUsage(`One target at a time: ${more.join(' ')} is too much.`);
  if (target !== undefined && !/^(kafka(-[123])?|mongo)$/.test(target)) {
    throw new WrongUsage(`There is no server ${target}.`);
  }
  const brokers = values.brokers === undefined ? undefined : oneOf('--brokers', values.brokers, ['1', '3']);
  return {
    verb,
    target,
    brokers: brokers === undefined ? undefined : brokers === '3' ? 3 : 1,
    kafkaPort: wholeNumber('--kafka-port', values['kafka-port'], 0, 65_533),
    mongoPort: wholeNumber('--mongo-port', values['mongo-port'], 0, 65_535),
    data: values.data,
    lines: wholeNumber('--lines', values.lines, 0, 100_000),
    json: values.json,
  };
}

async function up(asked: Asked): Promise<number> {
  const { target, data } = asked;
  mustBeOfThatSize(asked);
  const before = listed(data).filter((one) => isMeant(one, target));
  const running = before.filter(({ server }) => server.state !== 'stopped');
  if (running.length > 0 && running.length === before.length && coversAll(before, target)) {
    if (!asked.json) console.log('All of it runs already.');
    return status(asked);
  }

  if (target !== 'mongo') await upKafka(asked);
  if (target === undefined || target === 'mongo') await upMongo(asked);
  return status(asked);
}

/** Throws when another number of brokers runs than is asked for. */
function mustBeOfThatSize({ data, brokers }: Asked): void {
  const nodes = Kafka.recorded(data)?.nodes ?? [];
  if (brokers === undefined || brokers === nodes.length || nodes.every(({ server }) => server.state === 'stopped'))
    return;
  throw new InfraFailure(
    `A cluster of ${nodes.length} runs in ${data}, and ${brokers} were asked for: choose another folder with --data, or end this one with \`down\`.`,
  );
}

/** Whether these are all that the target stands for; else something was never started. */
function coversAll(servers: readonly Listed[], target: string | undefined): boolean {
  const names = servers.map(({ server }) => server.name);
  const hasKafka = names.some((name) => name.startsWith('kafka'));
  return (target === 'mongo' || hasKafka) && (target?.startsWith('kafka') || names.includes('mongo'));
}

/** The missing brokers of a cluster that runs, where they were; else all of them. */
async function upKafka({ target, data, brokers, kafkaPort }: Asked): Promise<void> {
  const nodes = Kafka.recorded(data)?.nodes ?? [];
  if (nodes.every(({ server }) => server.state === 'stopped')) {
    await Kafka.start({ folder: data, port: kafkaPort, stays: true, ...(brokers === undefined ? {} : { brokers }) });
    return;
  }
  const missing = nodes.filter((node) => node.server.state === 'stopped' && isMeant(node, target));
  await Promise.all(missing.map((node) => node.restart()));
}

async function upMongo({ data, mongoPort }: Asked): Promise<void> {
  if ((MongoServer.recorded(data)?.server.state ?? 'stopped') !== 'stopped') return;
  await MongoServer.start({ folder: data, port: mongoPort, stays: true });
}

function status(asked: Asked): number {
  const servers = chosen(asked);
  told(asked);
  return servers.length > 0 && servers.every(({ server }) => server.state === 'running') ? EXIT.ok : EXIT.unavailable;
}

function told({ data, json, target }: Asked): number {
  const all = listed(data);
  const servers = all.filter((one) => isMeant(one, target));
  const environment = addresses(all);
  if (json) {
    const rows = servers.map(({ server: { name, state, pid, log }, address }) => ({ name, state, address, pid, log }));
    console.log(JSON.stringify({ data, servers: rows, environment }, undefined, 2));
    return EXIT.ok;
  }
  if (servers.length === 0) console.log(`Nothing was ever started in ${data}: npm run infra -- up`);
  for (const { server, address } of servers) {
    const pid = server.pid === undefined ? '' : `pid ${server.pid}`;
    console.log(`${server.name.padEnd(8)} ${server.state.padEnd(8)} ${address.padEnd(26)} ${pid}`.trimEnd());
  }
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  if (variables.length > 0) console.log(variables.join(' '));
  return EXIT.ok;
}

/** The variables that lead a program to what runs. */
function addresses(servers: readonly Listed[]): Readonly<Record<string, string>> {
  const running = servers.filter(({ server }) => server.state !== 'stopped');
  const brokers = running.filter(({ server }) => server.name !== 'mongo').map(({ address }) => address);
  const mongo = running.find(({ server }) => server.name === 'mongo');
  return {
    ...(brokers.length > 0 && { KAFKA_BROKERS: brokers.join(',') }),
    ...(mongo !== undefined && { MONGO_URL: mongo.address }),
  };
}

function listed(data: string): readonly Listed[] {
  const mongo = MongoServer.recorded(data);
  return [
    ...(Kafka.recorded(data)?.nodes ?? []),
    ...(mongo === undefined ? [] : [{ server: mongo.server, address: mongo.url, restart: () => mongo.restart() }]),
  ];
}

function chosen({ data, target }: Asked): readonly Listed[] {
  return listed(data).filter((one) => isMeant(one, target));
}

/** As `chosen`, for what should not happen to everything at once, or to nothing. */
function named(asked: Asked): readonly Listed[] {
  if (asked.target === undefined) throw new WrongUsage(`Which one to ${asked.verb}? kafka, kafka-2 or mongo.`);
  const servers = chosen(asked);
  if (servers.some(({ server }) => server.state !== 'stopped')) return servers;
  throw new InfraFailure(`${asked.target} does not run in ${asked.data}: npm run infra -- up`);
}

function isMeant({ server }: Pick<Listed, 'server'>, target: string | undefined): boolean {
  return target === undefined || server.name === target || server.name.startsWith(`${target}-`);
}

void runProgram(USAGE, process.argv.slice(2), understood, main).then((code) => (process.exitCode = code));

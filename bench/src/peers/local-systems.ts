import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@library/system-tests/client';
import { EmbeddedTarget } from '../embedded-target';
import { LENDING } from '../target';
import type { Calls } from '../target';
import { startPeer } from './peer-program';
import { PostgresServer } from './postgres-server';
import { RestateServer } from './restate-server';
import { Served } from './served';
import type { Contender, Started, System } from './system';
import { wrongTotals } from './totals';
import type { Sum } from './totals';

/** Partitions that it has as it comes. On few cores and a slow disk, fewer are faster. */
const RESTATE_DEFAULT = 24;
const SUMS_OF_TABLES: readonly Sum[] = ['sagas', 'points', 'ledger', 'rented', 'lent', 'onCards'];

/** All on local disk in `folder`; PostgreSQL beside it in `parent`, as it may run as another user. The library comes first. */
export function localContenders(folder: string, parent: string, started: Started): readonly Contender[] {
  let starting: Promise<PostgresServer> | undefined;
  const postgres = () =>
    (starting ??= PostgresServer.start(parent).then((server) => {
      started.push(server);
      return server;
    }));
  return [
    { name: 'library', start: (name) => library(name, folder) },
    ...[1, RESTATE_DEFAULT].map((partitions) => ({
      name: `Restate, ${partitions} partition(s)`,
      start: (name: string) => restate(name, folder, partitions),
    })),
    { name: 'DBOS Transact', start: async (name) => dbos(name, await postgres()) },
    { name: 'hand-written on PostgreSQL', start: async (name) => handWritten(name, await postgres()) },
    { name: 'append-only log', start: (name) => appendOnlyLog(name, folder) },
  ];
}

async function library(name: string, folder: string): Promise<System> {
  const own = join(folder, 'library');
  mkdirSync(own);
  const target = await EmbeddedTarget.start(own, true, LENDING);
  return new Served({
    name,
    restsOn: target.restsOn.join('; '),
    population: target.population,
    calls: (connections) => target.calls(connections),
    verify: () => target.verify(),
    stop: () => target.stop(),
  });
}

function appendOnlyLog(name: string, folder: string): Promise<System> {
  const restsOn = 'one file, group commit with fdatasync; no logic and no reads: a ceiling';
  return overHttp(name, restsOn, 'append-only', { file: join(folder, 'append-only.log') }, ['events']);
}

function handWritten(name: string, postgres: PostgresServer): Promise<System> {
  const restsOn = `PostgreSQL ${postgres.version}, synchronous_commit on, five transactions a saga; what breaks off halfway is not picked up`;
  return overHttp(name, restsOn, 'hand-written', { url: postgres.createDatabase('hand_written') }, SUMS_OF_TABLES);
}

function dbos(name: string, postgres: PostgresServer): Promise<System> {
  const restsOn = `PostgreSQL ${postgres.version}, synchronous_commit on, the same five transactions as steps of a workflow`;
  const urls = { url: postgres.createDatabase('dbos'), systemUrl: postgres.createDatabase('dbos_system') };
  return overHttp(name, restsOn, 'dbos', urls, SUMS_OF_TABLES);
}

/** Called at its own ingress, without an HTTP server in between. */
async function restate(name: string, folder: string, partitions: number): Promise<System> {
  const server = await RestateServer.start(join(folder, `restate-${partitions}`), partitions);
  try {
    const program = await startPeer('restate', {});
    await server.register(program.origin);
    const calls = (connections: number) => throughIngress(new Client(server.ingress, connections));
    return new Served({
      name,
      restsOn:
        'one node on local disk, its log with fsync; one handler, three durable steps whose effects are in memory alone',
      population: LENDING,
      calls,
      verify: (sagas) => wrongTotals([calls(1)], sagas, ['sagas', 'points', 'rented', 'lent']),
      stop: async () => {
        await server.stop();
        await program.stop();
      },
    });
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The calls of the library, as calls of handlers. */
function throughIngress(client: Client): Calls {
  return {
    get: () => client.post('/rentals/totals', undefined),
    post: (path, body) => {
      const [, , member, what] = path.split('/');
      const { item, ...rest } = body as { readonly item: object };
      return client.post(`/rentals/${what === 'rentals' ? 'rent' : 'giveBack'}`, { member, ...item, ...rest });
    },
    close: () => client.close(),
  };
}

async function overHttp(
  name: string,
  restsOn: string,
  program: string,
  settings: object,
  sums: readonly Sum[],
): Promise<System> {
  const { origin, stop } = await startPeer(program, { ...LENDING, ...settings });
  return new Served({
    name,
    restsOn,
    population: LENDING,
    calls: (connections) => new Client(origin, connections),
    verify: (sagas) => wrongTotals([new Client(origin, 1)], sagas, sums),
    stop,
  });
}

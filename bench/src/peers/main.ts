import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { existingFolder, oneOf, parsed, runProgram, numberOfSeconds, wholeNumber } from '@library/infra/command-line';
import { InfraFailure } from '@library/infra/infra-failure';
import { machineOf } from '../machine';
import { compare } from './compare';
import type { Row, Rounds } from './compare';
import { SharedServers } from './distributed-systems';
import { localContenders } from './local-systems';
import type { Contender, Started, System } from './system';

const USAGE = `npm run bench:peers -- [--target embedded|distributed] [--clients 1,64] [--seconds 5] [--rounds 3] [--warm-up SECONDS]
                       [--json FILE] [--folder PARENT]

Measures the library beside what a user would pick instead, in interleaved rounds under the same load (each client rents
book after book, a saga of three durable steps, and gives all back when the time is over), and prints the medians. embedded:
Restate, DBOS Transact on PostgreSQL, transactions written by hand on the same, and a bare append-only log as the ceiling.
distributed: the textbook way on the same Kafka and MongoDB, and the ceiling of those. Each has a warm-up (10 seconds,
distributed 20). Afterwards every effect is checked, in each system's own store.

The peers' packages are installed in bench/ alone; nothing else needs them. PostgreSQL's programs must be on the PATH or where
Debian has them (apt install postgresql); its server runs on a folder of its own for as long as this takes. What is missing is
left out, and said.`;

/** Servers have to get warm, too. */
const WARM_UP_SECONDS = { embedded: '10', distributed: '20' } as const;

interface Asked extends Rounds {
  readonly target: 'embedded' | 'distributed';
  readonly json: string | undefined;
  readonly folder: string;
}

async function main(asked: Asked): Promise<number> {
  const folder = mkdtempSync(join(asked.folder, 'library-bench-'));
  const started: Started = [];
  try {
    const { said, ...machine } = machineOf(folder);
    console.log(said);
    const { systems, missing } = await startAll(await contenders(asked, folder, started), started);

    const rows = await compare(systems, asked);
    print(rows, missing);
    const offenders = await offendersIn(systems);
    if (asked.json !== undefined) {
      const restsOn = Object.fromEntries(systems.map(({ name, restsOn: what }) => [name, what]));
      const runs = rows.map((row) => ({
        target: asked.target,
        outcome: 'COMPLETED',
        ...row,
        verified: offenders[row.system]?.length === 0,
      }));
      writeFileSync(asked.json, `${JSON.stringify({ ...machine, restsOn, missing, runs }, null, 2)}\n`);
    }
    return report(offenders) ? 0 : 1;
  } finally {
    for (const one of started.toReversed()) await one.stop();
    rmSync(folder, { recursive: true });
  }
}

async function contenders({ target, folder: parent }: Asked, folder: string, started: Started) {
  if (target === 'embedded') return localContenders(folder, parent, started);
  const servers = await SharedServers.start(process.env);
  started.push(servers);
  return servers.contenders;
}

/** What cannot run here is left out, and said; but without the library, the first of them, there is nothing to compare. */
async function startAll(all: readonly Contender[], started: Started) {
  const systems: System[] = [];
  const missing: string[] = [];
  for (const contender of all) {
    try {
      const system = await contender.start(contender.name);
      started.push(system);
      systems.push(system);
      console.log(`${system.name}: ${system.restsOn}`);
    } catch (error) {
      if (contender === all[0] || !(error instanceof InfraFailure)) throw error;
      missing.push(`${contender.name} is not here: ${error.message}`);
    }
  }
  return { systems, missing };
}

/** By name, what is wrong with what each has kept. */
async function offendersIn(systems: readonly System[]) {
  const offenders: Record<string, readonly string[]> = {};
  for (const system of systems) offenders[system.name] = await system.verify();
  return offenders;
}

/** Answers whether all is well. */
function report(offenders: Readonly<Record<string, readonly string[]>>): boolean {
  const sentences = Object.entries(offenders).flatMap(([name, all]) => all.map((sentence) => `${name}: ${sentence}`));
  for (const sentence of sentences) console.error(sentence);
  const isWell = sentences.length === 0;
  console.log(isWell ? '\nEvery effect is there, once, in every system' : '\nEFFECTS ARE WRONG');
  return isWell;
}

function print(rows: readonly Row[], missing: readonly string[]): void {
  console.log(`\n${'system'.padEnd(28)}clients    sagas/s     p50 ms     p99 ms   the library is`);
  for (const row of rows) {
    const numbers = [
      row.sagasPerSecond.toFixed(0),
      row.p50Ms?.toFixed(2) ?? '',
      row.p99Ms?.toFixed(2) ?? '',
      `${row.ratio.toFixed(2)} ×`,
    ];
    console.log(
      row.system.padEnd(28) + String(row.clients).padStart(7) + numbers.map((number) => number.padStart(11)).join(''),
      ...row.unexpected.map((some) => JSON.stringify(some)),
    );
  }
  for (const sentence of missing) console.log(sentence);
}

function understood(args: readonly string[]): Asked {
  const { values } = parsed({
    args: [...args],
    options: {
      target: { type: 'string', default: 'embedded' },
      clients: { type: 'string', default: '1,64' },
      seconds: { type: 'string', default: '5' },
      rounds: { type: 'string', default: '3' },
      'warm-up': { type: 'string' },
      json: { type: 'string' },
      folder: { type: 'string', default: tmpdir() },
    },
  });
  const target = oneOf('--target', values.target, ['embedded', 'distributed']);
  return {
    target,
    clients: values.clients.split(',').map((some) => wholeNumber('--clients', some, 1)),
    seconds: numberOfSeconds('--seconds', values.seconds),
    rounds: wholeNumber('--rounds', values.rounds, 1),
    warmUpSeconds: numberOfSeconds('--warm-up', values['warm-up'] ?? WARM_UP_SECONDS[target]),
    json: values.json,
    folder: existingFolder('--folder', values.folder),
  };
}

void runProgram(USAGE, process.argv.slice(2), understood, main).then((code) => process.exit(code));

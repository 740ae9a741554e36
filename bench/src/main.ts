import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DistributedTarget } from './distributed-target';
import { EmbeddedTarget } from './embedded-target';
import { measureIdle } from './idle';
import type { Idle } from './idle';
import { load } from './load';
import type { Load, Outcome } from './load';
import { machineOf } from './machine';
import type { Target } from './target';

const USAGE = `npm run bench -- [--target embedded|distributed] [--clients 1,16,64,256] [--seconds 5] [--json FILE] [--folder PARENT]
npm run bench -- --idle [--target embedded|distributed] [--seconds 60] [--json FILE]

Starts an empty library (embedded: on a folder; distributed: four processes on the servers that KAFKA_BROKERS and MONGO_URL
name, or on those of infra), fills it with members and books, lets so many clients rent and return for so many seconds each,
and counts a saga when it has COMPLETED, with everything that it wrote. Afterwards every effect is checked. With --idle
nobody calls, and what the processes cost all the same is measured.`;

const MOST_CLIENTS = 256;
const WARM_UP_SECONDS = 3;

interface Measured extends Load {
  /** Of the library's own processes. */
  readonly cpuMsPerSaga: number;
}

interface Run extends Measured {
  readonly target: Target['name'];
  readonly system: 'library';
  readonly clients: number;
  readonly outcome: Outcome;
  /** The invariants held when all was over. */
  readonly verified: boolean;
}

interface Asked {
  readonly target: Target['name'];
  readonly clients: readonly number[];
  readonly seconds: number;
  readonly json: string | undefined;
  readonly folder: string;
  readonly idle: boolean;
}

async function main(): Promise<number> {
  const asked = understood();
  if (asked === undefined) {
    console.error(USAGE);
    return 2;
  }

  const folder = mkdtempSync(join(asked.folder, 'library-bench-'));
  try {
    const { said, ...machine } = machineOf(folder);
    console.log(said);
    const target = await started(asked, folder);
    try {
      const report = asked.idle ? await idle(target, asked) : await measure(target, asked);
      if (asked.json !== undefined)
        writeFileSync(asked.json, `${JSON.stringify({ ...machine, restsOn: target.restsOn, ...report }, null, 2)}\n`);
      return 'runs' in report && !report.runs.every(({ verified }) => verified) ? 1 : 0;
    } finally {
      for (const sentence of await target.stop()) console.error(sentence);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Undefined when it cannot be understood, or help is wanted. */
function understood(): Asked | undefined {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', default: 'embedded' },
      clients: { type: 'string', default: '1,16,64,256' },
      seconds: { type: 'string' },
      json: { type: 'string' },
      folder: { type: 'string', default: tmpdir() },
      idle: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { target, json, folder, idle: isIdle, help } = values;
  const clients = values.clients.split(',').map(Number);
  const seconds = Number(values.seconds ?? (isIdle ? '60' : '5'));
  if (help || (target !== 'embedded' && target !== 'distributed') || !(seconds > 0)) return undefined;
  if (clients.some((some) => !(Number.isInteger(some) && some > 0 && some <= MOST_CLIENTS))) return undefined;
  return { target, clients, seconds, json, folder, idle: isIdle };
}

async function started({ target: name, idle: isIdle }: Asked, folder: string): Promise<Target> {
  const target =
    name === 'embedded'
      ? await EmbeddedTarget.start(folder, !isIdle)
      : await DistributedTarget.start(process.env, !isIdle);
  for (const sentence of target.restsOn) console.log(sentence);
  const { members, books } = target.population;
  if (!isIdle) console.log(`${members} members, ${books} books`);
  console.log(`ready ${target.readyMs.toFixed(0)} ms after its start, ${memoryOf(target)} MB`);
  return target;
}

async function idle(target: Target, { seconds }: Asked) {
  const measured = await measureIdle(target, seconds);
  printIdle(measured);
  return { idle: measured };
}

function printIdle({ percentOfCore, percentInAll, seconds, linesLogged }: Idle): void {
  console.log(`\nidle for ${seconds.toFixed(0)} s         % of one core`);
  for (const [process, percent] of Object.entries({ ...percentOfCore, 'in all': percentInAll }))
    console.log(`${process.padEnd(22)}${percent?.toFixed(2) ?? '?'}`);
  if (linesLogged !== undefined) console.log(`${'lines logged'.padEnd(22)}${linesLogged}`);
}

async function measure(target: Target, { clients: clientCounts, seconds }: Asked) {
  const before = target.bytesKept;
  const loads: Omit<Run, 'verified'>[] = [];
  let { sagas } = await loaded(target, 64, Math.min(seconds, WARM_UP_SECONDS), 'COMPLETED');
  console.log('\noutcome       clients    sagas/s     p50 ms     p99 ms      sagas CPU ms/saga  memory MB');
  for (const outcome of ['COMPLETED', 'COMPENSATED'] as const) {
    for (const clients of clientCounts) {
      const run = await loaded(target, clients, seconds, outcome);
      sagas += run.sagas;
      loads.push({ ...run, target: target.name, system: 'library', clients, outcome });
      console.log(rowOf(outcome, clients, run, memoryOf(target)));
    }
  }

  const offenders = await target.verify();
  for (const offender of offenders) console.error(offender);
  const verified = offenders.length === 0;
  console.log(`\nThe invariants ${verified ? 'hold' : 'DO NOT HOLD'}`);

  const { readyMs } = target;
  const after = target.bytesKept;
  const bytesPerSaga = before === undefined || after === undefined ? undefined : (after - before) / sagas;
  if (bytesPerSaga !== undefined)
    console.log(`${Math.round(bytesPerSaga)} bytes on disk per saga, message log, fences and archives included`);
  return { bytesPerSaga, readyMs, runs: loads.map((run): Run => ({ ...run, verified })) };
}

async function loaded(target: Target, clients: number, seconds: number, outcome: Outcome): Promise<Measured> {
  const calls = target.calls(clients);
  const cpuBefore = cpuSecondsOf(target);
  const run = await load(calls, { clients, seconds, outcome, ...target.population });
  calls.close();
  return { ...run, cpuMsPerSaga: ((cpuSecondsOf(target) - cpuBefore) * 1_000) / run.sagas };
}

/** Of all its processes, without the servers that they use. */
function cpuSecondsOf(target: Target): number {
  return target.costs().reduce((sum, { cpuSeconds = Number.NaN }) => sum + cpuSeconds, 0);
}

/** In all, in megabytes. */
function memoryOf(target: Target): string {
  return target
    .costs()
    .reduce((sum, { memoryMb = Number.NaN }) => sum + memoryMb, 0)
    .toFixed(0);
}

function rowOf(outcome: Outcome, clients: number, run: Measured, memoryMb: string): string {
  const numbers = [
    clients,
    run.sagasPerSecond.toFixed(0),
    run.p50Ms.toFixed(2),
    run.p99Ms.toFixed(2),
    run.sagas,
    run.cpuMsPerSaga.toFixed(2),
    memoryMb,
  ];
  const unexpected = Object.entries(run.unexpected).map(([what, times]) => `  ${times} × ${what}`);
  return outcome.padEnd(11) + numbers.map((number) => String(number).padStart(11)).join('') + unexpected.join('');
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);

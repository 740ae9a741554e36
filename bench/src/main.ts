import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  existingFolder,
  oneOf,
  parsed,
  runProgram,
  numberOfSeconds,
  wholeNumber,
  WrongUsage,
} from '@library/infra/command-line';
import type { Population } from '@library/system-tests/prefill';
import { DistributedTarget } from './distributed-target';
import { EmbeddedTarget } from './embedded-target';
import { grow } from './growth';
import type { Growth, Stretch } from './growth';
import { measureIdle } from './idle';
import type { Idle } from './idle';
import { inTurns } from './in-turns';
import type { Turns } from './in-turns';
import type { Outcome } from './load';
import { machineOf } from './machine';
import { measured, memoryMbOf } from './measured';
import type { Measured } from './measured';
import { median } from './percentile';
import type { Target } from './target';

const USAGE = `npm run bench -- [--target embedded|distributed] [--clients 1,16,64,256] [--seconds 5] [--warm-up SECONDS]
                 [--json FILE] [--folder PARENT]
npm run bench -- --idle [--target embedded|distributed] [--seconds 60] [--json FILE]
npm run bench -- --growth [--sagas 1000000] [--members 100000] [--books 100000] [--seconds 30] [--json FILE] [--folder PARENT]
npm run bench -- --growth --one-record [--sagas 100000] [...]

Starts an empty library (embedded: on a folder; distributed: four processes on the servers that KAFKA_BROKERS and MONGO_URL
name, or on those of infra), fills it with members and books, lets so many clients rent and return for so many seconds each,
and counts a saga when it has COMPLETED, with everything that it wrote; before that, 64 clients do so for a warm-up (3
seconds, distributed 20). Afterwards every effect is checked. With --idle nobody calls, and what the processes cost all the
same is measured. With --growth an embedded library finishes so many sagas for 64 clients, and is looked at every so many
seconds: what a saga weighs, and how soon the library is ready with all of it; then it takes turns with a new one, which
shows whether a saga becomes dearer the more there have been. With --one-record all of them are refused and undone, for one
book that nobody has: its record keeps as many fences.`;

const MOST_CLIENTS = 256;
/** At first, code is still being compiled: here in one process, there in four and in two servers. */
const WARM_UP_SECONDS = { embedded: '3', distributed: '20' } as const;
const GROWING_CLIENTS = 64;
/** How many pairs of turns a library that has grown takes with a new one, and how long each of them is. */
const PAIRS = 10;
const TURN_SECONDS = 6;

interface Verified {
  /** The invariants held when all was over. */
  readonly verified: boolean;
}

interface Run extends Measured, Verified {
  readonly target: Target['name'];
  readonly system: 'library';
  readonly clients: number;
  readonly outcome: Outcome;
}

interface Growing extends Population {
  readonly sagas: number;
  readonly onOneRecord: boolean;
}

interface Asked {
  readonly target: Target['name'];
  readonly clients: readonly number[];
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly json: string | undefined;
  readonly folder: string;
  readonly idle: boolean;
  /** Sagas that are to end; absent, growth is not what is measured. */
  readonly growth: Growing | undefined;
}

async function main(asked: Asked): Promise<number> {
  const folder = mkdtempSync(join(asked.folder, 'library-bench-'));
  try {
    const { said, ...machine } = machineOf(folder);
    console.log(said);
    const target = await started(asked, join(folder, 'library'));
    try {
      const report = await reportOn(target, asked, join(folder, 'new'));
      if (asked.json !== undefined)
        writeFileSync(asked.json, `${JSON.stringify({ ...machine, restsOn: target.restsOn, ...report }, null, 2)}\n`);
      return 'verified' in report && !report.verified ? 1 : 0;
    } finally {
      for (const sentence of await target.stop()) console.error(sentence);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function understood(args: readonly string[]): Asked {
  const { values } = parsed({
    args: [...args],
    options: {
      target: { type: 'string', default: 'embedded' },
      clients: { type: 'string', default: '1,16,64,256' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      json: { type: 'string' },
      folder: { type: 'string', default: tmpdir() },
      idle: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      'one-record': { type: 'boolean', default: false },
      sagas: { type: 'string' },
      members: { type: 'string', default: '100000' },
      books: { type: 'string', default: '100000' },
    },
  });
  const target = oneOf('--target', values.target, ['embedded', 'distributed']);
  const { json, idle: isIdle, 'one-record': onOneRecord } = values;
  if (values.growth && target !== 'embedded')
    throw new WrongUsage(`--growth is of an embedded library, not "${target}".`);
  if (onOneRecord && !values.growth) throw new WrongUsage('--one-record belongs to --growth.');
  if (values.growth && isIdle) throw new WrongUsage('--growth and --idle are measured one at a time.');
  const growing = {
    onOneRecord,
    sagas: wholeNumber('--sagas', values.sagas ?? (onOneRecord ? '100000' : '1000000'), 1),
    // One for each client.
    members: wholeNumber('--members', values.members, GROWING_CLIENTS),
    books: wholeNumber('--books', values.books, GROWING_CLIENTS),
  };
  return {
    target,
    clients: values.clients.split(',').map((some) => wholeNumber('--clients', some, 1, MOST_CLIENTS)),
    seconds: numberOfSeconds('--seconds', values.seconds ?? (isIdle ? '60' : values.growth ? '30' : '5')),
    warmUpSeconds: numberOfSeconds('--warm-up', values['warm-up'] ?? WARM_UP_SECONDS[target]),
    json,
    folder: existingFolder('--folder', values.folder),
    idle: isIdle,
    growth: values.growth ? growing : undefined,
  };
}

async function started({ target: name, idle: isIdle, growth }: Asked, folder: string): Promise<Target> {
  const target =
    name === 'embedded'
      ? await EmbeddedTarget.start(folder, !isIdle, growth)
      : await DistributedTarget.start(process.env, !isIdle);
  for (const sentence of target.restsOn) console.log(sentence);
  const { members, books } = target.population;
  if (!isIdle) console.log(`${members} members, ${books} books`);
  console.log(`ready ${target.readyMs.toFixed(0)} ms after its start, ${memoryMbOf(target).toFixed(0)} MB`);
  return target;
}

function reportOn(target: Target, asked: Asked, folder: string) {
  if (asked.idle) return idle(target, asked);
  const { growth } = asked;
  if (!(target instanceof EmbeddedTarget) || !growth) return measure(target, asked);
  return grown(target, asked.seconds, growth, folder);
}

async function grown(
  target: EmbeddedTarget,
  seconds: number,
  growing: Growing,
  folder: string,
): Promise<Growth & Verified & { readonly beside: Turns }> {
  const { sagas, onOneRecord } = growing;
  console.log('\n     sagas    sagas/s     p99 ms CPU ms/saga  memory MB bytes/saga');
  const outcome = onOneRecord ? 'COMPENSATED' : 'COMPLETED';
  const task = { clients: GROWING_CLIENTS, seconds, outcome, onOneRecord } as const;
  const growth = await grow(target, sagas, task, (stretch) => console.log(rowOfStretch(stretch)));
  const { bytesPerSaga, readyMs } = growth;
  console.log(`\n${bytesPerSaga.toFixed(0)} bytes on disk for a saga at the end, log, fences and archives included`);
  console.log(`ready ${readyMs.toFixed(0)} ms after a start with all of it`);

  console.log('\nA new library is filled, which then takes turns with this one …');
  const fresh = await EmbeddedTarget.start(folder, true, growing);
  try {
    const beside = await inTurns(target, fresh, PAIRS, { ...task, seconds: TURN_SECONDS });
    console.log(sentenceOf(beside));
    return { ...growth, beside, verified: await verified(target, fresh) };
  } finally {
    for (const sentence of await fresh.stop()) console.error(sentence);
  }
}

function sentenceOf({ first, second, costRatio }: Turns): string {
  const [perSecond, ofNew] = [first, second].map((turns) =>
    median(turns.map((turn) => turn.sagasPerSecond)).toFixed(0),
  );
  return `A saga costs ${costRatio.toFixed(2)} times what it costs the new one; ${perSecond} and ${ofNew} a second`;
}

function rowOfStretch({ after, sagas, sagasPerSecond, p99Ms, cpuMsPerSaga, memoryMb, bytesPerSaga }: Stretch): string {
  const numbers = [
    String(after + sagas),
    sagasPerSecond.toFixed(0),
    p99Ms.toFixed(2),
    cpuMsPerSaga.toFixed(2),
    memoryMb.toFixed(0),
    bytesPerSaga.toFixed(0),
  ];
  return numbers.map((number, at) => number.padStart(at === 0 ? 10 : 11)).join('');
}

async function idle(target: Target, { seconds }: Asked) {
  const cost = await measureIdle(target, seconds);
  printIdle(cost);
  return { idle: cost };
}

function printIdle({ percentOfCore, percentInAll, seconds, linesLogged }: Idle): void {
  console.log(`\nidle for ${seconds.toFixed(0)} s         % of one core`);
  for (const [process, percent] of Object.entries({ ...percentOfCore, 'in all': percentInAll }))
    console.log(`${process.padEnd(22)}${percent?.toFixed(2) ?? '?'}`);
  if (linesLogged !== undefined) console.log(`${'lines logged'.padEnd(22)}${linesLogged}`);
}

async function measure(target: Target, { clients: clientCounts, seconds, warmUpSeconds }: Asked) {
  const before = target.bytesKept;
  const loads: Omit<Run, keyof Verified>[] = [];
  let { sagas } = await measured(target, {
    clients: 64,
    seconds: warmUpSeconds,
    outcome: 'COMPLETED',
  });
  console.log('\noutcome       clients    sagas/s     p50 ms     p99 ms      sagas CPU ms/saga  memory MB');
  for (const outcome of ['COMPLETED', 'COMPENSATED'] as const) {
    for (const clients of clientCounts) {
      const run = await measured(target, { clients, seconds, outcome });
      sagas += run.sagas;
      loads.push({ ...run, target: target.name, system: 'library', clients, outcome });
      console.log(rowOf(outcome, clients, run));
    }
  }

  const holds = await verified(target);
  const { readyMs } = target;
  const after = target.bytesKept;
  const bytesPerSaga = before === undefined || after === undefined ? undefined : (after - before) / sagas;
  if (bytesPerSaga !== undefined)
    console.log(`${Math.round(bytesPerSaga)} bytes on disk per saga, message log, fences and archives included`);
  return { bytesPerSaga, readyMs, verified: holds, runs: loads.map((run): Run => ({ ...run, verified: holds })) };
}

/** Checks every effect, and says what does not hold. */
async function verified(...targets: readonly Target[]): Promise<boolean> {
  const offenders = (await Promise.all(targets.map((target) => target.verify()))).flat();
  for (const offender of offenders) console.error(offender);
  console.log(`\nThe invariants ${offenders.length === 0 ? 'hold' : 'DO NOT HOLD'}`);
  return offenders.length === 0;
}

function rowOf(outcome: Outcome, clients: number, run: Measured): string {
  const numbers = [
    clients,
    run.sagasPerSecond.toFixed(0),
    run.p50Ms.toFixed(2),
    run.p99Ms.toFixed(2),
    run.sagas,
    run.cpuMsPerSaga.toFixed(2),
    run.memoryMb.toFixed(0),
  ];
  const unexpected = Object.entries(run.unexpected).map(([what, times]) => `  ${times} × ${what}`);
  return outcome.padEnd(11) + numbers.map((number) => String(number).padStart(11)).join('') + unexpected.join('');
}

void runProgram(USAGE, process.argv.slice(2), understood, main).then((code) => process.exit(code));

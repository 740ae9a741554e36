import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { oneOf, parsed, runProgram, numberOfSeconds, wholeNumber } from '@library/infra/command-line';
import { Client } from '../client';
import { prefill } from '../prefill';
import type { Population } from '../prefill';
import { Desk } from './desk';
import { DistributedTarget } from './distributed-target';
import { EmbeddedTarget } from './embedded-target';
import { judge } from './judgement';
import type { Judgement } from './judgement';
import type { Target } from './target';

const USAGE = `npm run kill-test -- [--target embedded|distributed] [--faults 50] [--sagas 0] [--desks 24] [--keep]
  with --target distributed also [--brokers 3] [--instances 2] [--outage 60]

Lets desks rent and take back without pause, breaks something again and again, and in the end expects that everything that
was acknowledged is there, that every saga has ended, and that every invariant holds.

  embedded     kills the process with SIGKILL, and starts it on what it has left
  distributed  kills and freezes the services' processes, kills brokers, and breaks the lines to brokers and database;
               it starts all of them itself, and --outage says for how many seconds the database is gone the first time

It goes on until there were as many faults, and as many acknowledged sagas, as asked.`;

/** Few enough for desks to be in each other's way. */
const BOOKS = 120;
const FEWEST_MEMBERS = 60;
/** A card keeps a thousand keys of the last day, and many requests begin no saga. */
const SAGAS_PER_MEMBER = 25;
/** Faults in a row without a saga that is acknowledged: nobody is served any more. */
const MOST_VAIN_FAULTS = 25;
const LONGEST_PAUSE_MS = 800;
const NAMED = 20;

interface Options {
  readonly target: 'embedded' | 'distributed';
  readonly faults: number;
  readonly sagas: number;
  readonly desks: number;
  readonly brokers: 1 | 3;
  readonly instances: number;
  readonly outage: number;
  readonly keep: boolean;
}

interface Outcome extends Judgement {
  /** How often each fault came. */
  readonly faults: Readonly<Record<string, number>>;
  /** How often a request had to be asked again. */
  readonly retries: number;
}

async function main(options: Options): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'library-kills-'));
  let target: Target | undefined;
  try {
    target = await started(folder, options);
    const outcome = await breakAndJudge(target, options, (sentence) => console.log(sentence));
    const { held, broken } = outcome;
    print(outcome);
    if (options.keep || broken.length > 0) console.log(whatIsKept(folder));
    else rmSync(folder, { recursive: true });
    console.log(`kill-test: ${held} passed, ${broken.length} failed`);
    return broken.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(whatIsKept(folder));
    await target?.abandon();
    throw error;
  }
}

function print({ faults, outcomes, retries, invariants, broken }: Outcome): void {
  console.log(`Faults: ${listed(faults)}.`);
  console.log(`Acknowledged sagas: ${listed(outcomes)}; requests were asked again ${retries} times.`);
  console.log(`Invariants looked at: ${invariants}.`);
  for (const sentence of broken.slice(0, NAMED)) console.error(sentence);
}

function whatIsKept(folder: string): string {
  return `What it has left is kept in ${folder}: ${readdirSync(folder).join(', ') || 'nothing'}`;
}

/** `tell` hears of each fault when it is over. */
async function breakAndJudge(
  target: Target,
  { faults: atLeast, sagas, desks: many }: Options,
  tell: (sentence: string) => void,
): Promise<Outcome> {
  const client = new Client(target.origin, many);
  const population: Population = {
    members: Math.max(FEWEST_MEMBERS, Math.ceil(sagas / SAGAS_PER_MEMBER)),
    books: BOOKS,
  };
  await prefill(client, population);
  const desks = Array.from({ length: many }, () => new Desk(client, population));
  const working = Promise.all(desks.map((desk) => desk.work()));
  const acknowledged = () => desks.reduce((sum, desk) => sum + desk.acknowledged.size, 0);

  const faults: Record<string, number> = {};
  let last = { at: 0, acknowledged: 0 };
  for (let at = 1; at <= atLeast || acknowledged() < sagas; at++) {
    await pause(Math.random() * LONGEST_PAUSE_MS);
    const { fault, told } = await target.hurt();
    faults[fault] = (faults[fault] ?? 0) + 1;
    tell(`fault ${String(at).padStart(3)}: ${told}. ${acknowledged()} sagas acknowledged so far`);
    if (acknowledged() > last.acknowledged) last = { at, acknowledged: acknowledged() };
    else if (at - last.at >= MOST_VAIN_FAULTS)
      throw new Error(`No saga was acknowledged during ${at - last.at} faults.`);
  }
  await target.heal();
  for (const desk of desks) desk.stop();
  await working;

  const judgement = await judge(target, client, desks);
  client.close();
  return {
    ...judgement,
    broken: [...judgement.broken, ...(await target.stop())],
    faults,
    retries: desks.reduce((sum, desk) => sum + desk.retries, 0),
  };
}

function started(folder: string, { target, brokers, instances, outage }: Options): Promise<Target> {
  if (target === 'embedded') return EmbeddedTarget.start(folder);
  return DistributedTarget.start({
    folder,
    brokers,
    instances,
    outageMs: outage * 1_000,
  });
}

function optionsIn(args: readonly string[]): Options {
  const { values } = parsed({
    args: [...args],
    options: {
      target: text('embedded'),
      faults: text('50'),
      sagas: text('0'),
      desks: text('24'),
      brokers: text('3'),
      instances: text('2'),
      outage: text('60'),
      keep: { type: 'boolean', default: false },
    },
  });
  return {
    target: oneOf('--target', values.target, ['embedded', 'distributed']),
    faults: wholeNumber('--faults', values.faults, 1),
    sagas: wholeNumber('--sagas', values.sagas),
    desks: wholeNumber('--desks', values.desks, 1),
    brokers: oneOf('--brokers', values.brokers, ['1', '3']) === '1' ? 1 : 3,
    instances: wholeNumber('--instances', values.instances, 1),
    outage: numberOfSeconds('--outage', values.outage),
    keep: values.keep,
  };
}

function text(value: string) {
  return { type: 'string', default: value } as const;
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([what, many]) => `${many} ${what}`)
    .join(', ');
}

void runProgram(USAGE, process.argv.slice(2), optionsIn, main).then((code) => process.exit(code));

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '@library/infra/command-line';
import { readArguments, USAGE } from './arguments';
import type { Asked } from './arguments';
import { addCounts, countsOf, neverStruck, noCounts, total } from './counts';
import type { Counts } from './counts';
import { runSeeds } from './crew';
import { WATCHED } from './invariants/judge';
import type { Violation } from './invariants/judge';
import { judged, matrix } from './matrix';
import { FAULT_POINTS } from './plan/fault-points';
import type { FaultPoint } from './plan/fault-points';
import { withTable } from './sabotage/page';
import { sabotageTable } from './sabotage/table';
import { planFor, runSeed } from './seed-run';
import type { SeedRun } from './seed-run';
import { simulate } from './simulate';

const BROKEN = 6;
/** With fewer seeds it is chance which faults strike. */
const ENOUGH_SEEDS = 100;
const PROGRESS_MS = 10_000;

async function main(asked: Asked): Promise<number> {
  switch (asked.what) {
    case 'matrix':
      return runMatrix(asked);
    case 'sabotage':
      return runSabotage(asked);
    case 'seeds':
      return asked.seeds === 1 ? runOne(asked) : runMany(asked);
  }
}

async function runOne(asked: Asked): Promise<number> {
  const run = await runSeed(asked.from, asked);
  if (run.broken) show(run);
  else if (asked.story) console.log((await simulate(planFor(asked.from, asked))).story);
  console.log(`The history of seed ${run.seed} is ${run.digest}.`);
  return conclude(run.counts, run.broken ? 1 : 0, asked);
}

async function runMany(asked: Asked): Promise<number> {
  const counts = noCounts();
  const started = Date.now();
  let broken = 0;
  let toldAt = started;

  await runSeeds(asked, (run) => {
    addCounts(counts, run.counts);
    if (run.broken && ++broken <= 5) show(run);
    if (Date.now() - toldAt > PROGRESS_MS && !asked.json) {
      toldAt = Date.now();
      const seconds = Math.round((toldAt - started) / 1_000);
      console.log(
        `${counts.runs} of ${asked.seeds} seeds in ${seconds} s: ${total(counts.faults)} faults, ${broken} broken`,
      );
    }
  });

  const untried = asked.seeds >= ENOUGH_SEEDS ? neverStruck(counts) : [];
  for (const point of untried) console.error(`${point} has never struck, so nobody knows what it would have done.`);
  return conclude(counts, broken, asked, untried);
}

async function runMatrix(asked: Asked): Promise<number> {
  const counts = noCounts();
  let broken = 0;
  for (const each of matrix()) {
    const simulated = await simulate(each.plan);
    addCounts(counts, countsOf(simulated));
    const violations = judged(each, simulated);
    if (violations.length > 0) broken++;
    for (const { invariant, sentence } of violations) console.error(`${each.name}: ${invariant} ${sentence}`);
  }
  return conclude(counts, broken, asked);
}

async function runSabotage({ write }: Asked): Promise<number> {
  const table = await sabotageTable(({ guard, by, in: where }) =>
    console.log(`${guard.padEnd(45)} ${by.length > 0 ? `${by.join(' ')}, by ${where}` : 'NOBODY NOTICED'}`),
  );
  if (write) {
    const page = join(__dirname, '..', '..', '..', 'docs', 'simulation.md');
    writeFileSync(page, withTable(readFileSync(page, 'utf8'), table));
  }
  const missed = table.filter(({ by }) => by.length === 0).length;
  return sumUp(table.length - missed, missed);
}

function show({ seed, broken }: SeedRun): void {
  if (!broken) return;
  const { violations, faults, story, command } = broken;
  console.error(
    `\nSeed ${seed} breaks ${violations.map(({ invariant }) => invariant).join(' ')}: ${promiseOf(violations[0]!)}.`,
  );
  console.error(`The shortest history that still shows it:\n\n${story}\n`);
  for (const { index, point, role } of faults) console.error(`Fault ${index}, ${role}: ${FAULT_POINTS[point].means}.`);
  console.error(`\n${command}\n`);
}

/** What the invariant says. */
function promiseOf({ invariant }: Violation): string {
  const promises: Readonly<Record<string, string>> = WATCHED;
  return promises[invariant] ?? invariant;
}

function conclude(counts: Counts, broken: number, { json }: Asked, untried: readonly FaultPoint[] = []): number {
  const { runs, virtualMs, faults, sagas, invariants } = counts;
  const passed = runs - broken;
  const code = broken + untried.length === 0 ? 0 : BROKEN;
  if (json) {
    console.log(JSON.stringify({ passed, failed: broken, untried, virtualMs, faults, sagas, invariants }));
    return code;
  }
  for (const [title, numbers] of Object.entries({ faults, sagas, invariants })) {
    const named = Object.entries(numbers).toSorted(([one], [other]) => one.localeCompare(other));
    console.log(`${title}: ${named.map(([name, times]) => `${name} ${times}`).join(', ')}`);
  }
  const days = (virtualMs / 86_400_000).toFixed(1);
  console.log(
    `${total(faults)} faults, ${total(sagas)} sagas, ${total(invariants)} checks, ${days} days of virtual time`,
  );
  if (untried.length > 0) console.log(`kinds of faults that have never struck: ${untried.length}`);
  sumUp(passed, broken);
  return code;
}

/** The last line, as every program here ends that CI counts. */
function sumUp(passed: number, failed: number): number {
  console.log(`simulate: ${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : BROKEN;
}

// Whoever waits for what never comes ends before `main` does.
process.exitCode = 1;
void runProgram(USAGE, process.argv.slice(2), readArguments, main).then((code) => (process.exitCode = code));

import type { ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import type { Fence } from '@library/shared-kernel/participant/fence';
import { hasEnded } from '@library/shared-kernel/saga/saga';
import type { Saga } from '@library/shared-kernel/saga/saga';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { examine } from '@library/standalone/verify/examine';
import { Clients } from './clients/clients';
import { isPersonal } from './clients/names';
import { releaseParked } from './clients/release-parked';
import { effectsIn, endingOf } from './invariants/ending';
import type { Ending } from './invariants/ending';
import { SimulatedEvidence } from './invariants/evidence';
import { checkHistory } from './invariants/history-check';
import { Invariants } from './invariants/invariants';
import { Judge } from './invariants/judge';
import type { Violation } from './invariants/judge';
import type { FaultPoint } from './plan/fault-points';
import { OPENS_MS } from './plan/plan';
import type { Plan } from './plan/plan';
import { Story } from './story';
import { SimulatedLibrary, ZONE } from './world/simulated-library';
import { VirtualTime } from './world/virtual-time';

/** Once nothing goes wrong any more, everything has come to its end within this much virtual time. */
const RESTS_WITHIN_MS = 10 * 60_000;
const LOOKS_EVERY_MS = 500;
/** Whoever forgets what is old has done so within this much time. */
const FORGOTTEN_WITHIN_MS = 65_000;
const DAY_MS = 86_400_000;

export interface Simulated {
  readonly plan: Plan;
  readonly violations: readonly Violation[];
  /** All that happened, a line each. */
  readonly story: string;
  /** A hash of the story. */
  readonly digest: string;
  readonly struck: ReadonlyMap<FaultPoint, number>;
  /** How many things were looked at, by invariant. */
  readonly looked: ReadonlyMap<string, number>;
  readonly sagas: readonly Saga[];
  readonly virtualMs: number;
}

/** Runs a plan to its end, in this thread. The same plan leads to the same story, to the byte. */
export async function simulate(plan: Plan): Promise<Simulated> {
  const time = new VirtualTime(plan.beginning);
  const story = new Story(time);
  const judge = new Judge(story.tell);
  const invariants = new Invariants(judge, fenceOf, isPersonal, (correlation) => correlation.startsWith('call-'));
  const library = new SimulatedLibrary(plan, time, story, invariants);
  const clients = new Clients(library, judge, story.tell);

  await library.start();
  await time.until(clients.settle(plan.members, plan.books), OPENS_MS);
  await time.pass(OPENS_MS);
  for (const call of plan.calls) time.after(call.at - time.elapsed, () => clients.call(call));

  await time.pass(plan.calmAt);
  await library.calm();
  await rest(library, clients);
  await release(library, clients, judge);
  if (plan.replaysAfterDays !== undefined) await replay(plan.replaysAfterDays, library, clients, judge);

  const ending = await endingOf(library.stores);
  await judgeTheEnd(library, clients, judge, ending, plan.books);
  return {
    plan,
    violations: judge.violations,
    story: story.text,
    digest: story.digest,
    struck: library.lurking.struck,
    looked: judge.looked,
    sagas: ending.sagas,
    virtualMs: time.elapsed,
  };

  function fenceOf(participant: ParticipantName, { id, announced }: Saga): Fence | undefined {
    const record = participant === 'member' ? announced.idName.id : String(announced.item?.no);
    const kept = library.stores.of(participant).get(record)?.entries.get(id);
    return kept && (JSON.parse(kept.value) as Fence);
  }
}

/** Lets time pass until all rests, as long as that may take; looks only now and then, because looking takes real time. */
async function rest(library: SimulatedLibrary, clients: Clients): Promise<void> {
  const { time } = library;
  let looksAt = 0;
  await time.pass(time.elapsed + RESTS_WITHIN_MS, () => {
    if (time.elapsed < looksAt) return false;
    looksAt = time.elapsed + LOOKS_EVERY_MS;
    return clients.idle && library.rests;
  });
}

/** What was parked is handled again, when every saga has ended: it must not change anything. */
async function release(library: SimulatedLibrary, clients: Clients, judge: Judge): Promise<void> {
  const before = effectsIn(library.stores);
  await library.time.until(releaseParked(library), RESTS_WITHIN_MS);
  await rest(library, clients);
  judge.holds(
    'G17',
    effectsIn(library.stores) === before,
    () => 'What was parked has changed something when it was released.',
  );
}

/** Days go by, and the whole log comes again: it must not change anything. */
async function replay(days: number, library: SimulatedLibrary, clients: Clients, judge: Judge): Promise<void> {
  const { time, stores } = library;
  time.skip(days * DAY_MS);
  await time.pass(time.elapsed + FORGOTTEN_WITHIN_MS);

  const before = effectsIn(stores);
  library.replay();
  await rest(library, clients);
  judge.holds(
    'G6',
    effectsIn(stores) === before,
    () => `The log came again after ${days} days, and changed something.`,
  );
}

async function judgeTheEnd(
  library: SimulatedLibrary,
  clients: Clients,
  judge: Judge,
  ending: Ending,
  booksAtFirst: number,
): Promise<void> {
  const inFlight = ending.sagas.filter((saga) => !hasEnded(saga));
  const within = `${RESTS_WITHIN_MS / 60_000} minutes after the last fault`;
  judge.holds(
    'G4',
    inFlight.length === 0,
    () => `${inFlight.length} sagas are in flight ${within}, such as ${inFlight[0]?.id} (${inFlight[0]?.status}).`,
  );
  judge.holds('G9', library.rests || inFlight.length > 0, () => `Something waits to be published or read ${within}.`);
  judge.holds('G13', clients.idle, () => `A client waits for its answer ${within}.`);

  const findings = await examine(new SimulatedEvidence(library), DEFAULT_TIMING, ZONE);
  for (const { id, looked, offenders } of findings.report().checks) {
    judge.looksAt(id, looked);
    for (const sentence of offenders) judge.offends(id, sentence);
  }
  checkHistory(clients.history, ending, booksAtFirst, judge);
}

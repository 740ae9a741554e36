import type { DatedEntry } from '@library/member-service/application/member-record';
import type { ReturnedItem } from '@library/rental-service/domain/card-item';
import { PARTICIPANTS } from '@library/shared-kernel/contracts/event-contract';
import type { Direction, ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import { SAGA_EVENTS } from '@library/shared-kernel/contracts/events';
import { daysBetween, plusDays } from '@library/shared-kernel/domain/local-date';
import { hasEnded, stepsOf } from '@library/shared-kernel/saga/saga';
import type { Saga, SagaStep } from '@library/shared-kernel/saga/saga';
import { Ascending } from './ascending';
import { POINTS_A_DAY } from './cards';
import type { Left } from './evidence';
import { examineBalances, examineEntry, examinePointsOf } from './members';
import { examineDays, examineRent } from './rent-counts';
import { mayBeForgotten, named } from './seen';
import type { Look } from './seen';
import type { Part, Trace } from './traces';

const LOAN_DAYS = 14;
/** Above every ledger id that begins with the same saga, and below the next saga. */
const STEPS = ':~';

/** What other collections hold of one saga. */
interface Belongings {
  readonly ledger: DatedEntry[];
  history: ReturnedItem | undefined;
}

/** Every saga, in flight and ended, against whatever any service remembers of it. */
export async function examineSagas(look: Look): Promise<void> {
  const { evidence, findings, inFlight, traces } = look;
  for (const participant of PARTICIPANTS) await examineFences(look, participant);

  const ledger = new Ascending(evidence.ledger());
  const history = new Ascending(evidence.history());
  const unclaimed = new Map<string, Belongings>();

  for await (const portion of evidence.endedSagas()) {
    const last = portion.at(-1)?.id;
    if (last === undefined) break;
    gather(look, unclaimed, await ledger.through(last + STEPS), await history.through(last));
    for (const ended of portion) examineEnded(look, ended, unclaimed);
  }
  gather(look, unclaimed, await ledger.through(undefined), await history.through(undefined));
  for (const { member, saga } of inFlight.values()) examineSaga(look, member, saga, claim(unclaimed, saga.id));

  for (const [saga, { ledger: entries, history: returned }] of unclaimed) {
    if (entries.length > 0)
      findings.offends('G3', saga, `The ledger of ${entries[0]?.member} names saga ${saga}, which nobody knows.`);
    if (returned)
      findings.offends(
        'G6',
        `history ${saga}`,
        `The return of book ${returned.no} is history by saga ${saga}, which nobody knows.`,
      );
  }
  for (const [saga, trace] of traces.left()) examineStranger(look, saga, trace);
  for (const [saga, member] of look.answered)
    findings.offends('G14', saga, `A kept key of ${member} answers with saga ${saga}, which nobody knows.`);

  examineCardSums(look);
  examineBalances(look);
  examineDays(look);
}

async function examineFences({ evidence, traces }: Look, participant: ParticipantName): Promise<void> {
  for await (const portion of evidence.fences(participant)) {
    for (const { saga, fence } of portion) traces.fence(participant, saga, fence);
  }
}

function gather(
  look: Look,
  unclaimed: Map<string, Belongings>,
  ledger: readonly Left<DatedEntry>[],
  history: readonly Left<ReturnedItem>[],
): void {
  const of = (saga: string): Belongings => {
    const known = unclaimed.get(saga) ?? { ledger: [], history: undefined };
    unclaimed.set(saga, known);
    return known;
  };
  for (const left of ledger) {
    examineEntry(look, left);
    if (left.entry.saga !== undefined) of(left.entry.saga).ledger.push(left.entry);
  }
  for (const { id, record, entry } of history) {
    look.returns.add(record, -1);
    look.owed.add(record, -entry.fee);
    examineFee(look, id, record, entry);
    of(id).history = entry;
  }
}

function claim(unclaimed: Map<string, Belongings>, saga: string): Belongings {
  const claimed = unclaimed.get(saga) ?? { ledger: [], history: undefined };
  unclaimed.delete(saga);
  return claimed;
}

/** A saga that has left its record, and therefore must have ended, once. */
function examineEnded(
  look: Look,
  { id, record: member, entry: saga }: Left<Saga>,
  unclaimed: Map<string, Belongings>,
): void {
  const { findings, inFlight, owed } = look;
  findings.looked('G12');

  const flying = inFlight.get(id);
  if (flying) {
    const sentence = `${named(saga)} has ended as ${saga.status}, and is ${flying.saga.status} on the card of ${flying.member}.`;
    findings.offends('G12', id, sentence);
    return;
  }
  const ends = saga.story.filter(({ what }) => what === 'completed' || what === 'compensated');
  const end = saga.story.at(-1)?.what.toUpperCase();
  if (
    !hasEnded(saga) ||
    ends.length !== 1 ||
    end !== saga.status ||
    saga.endedAt === undefined ||
    saga.dueAt !== undefined
  ) {
    findings.offends(
      'G12',
      id,
      `${named(saga)} is archived as ${saga.status}, and its story ends with ${end}, after ${ends.length} ends.`,
    );
  }
  if (saga.status === 'COMPLETED' && saga.type === 'OVERDUE') owed.add(member, saga.announced.point);
  examineSaga(look, member, saga, claim(unclaimed, id));
}

function examineSaga(look: Look, member: string, saga: Saga, { ledger, history }: Belongings): void {
  const trace = look.traces.take(saga.id);
  look.answered.delete(saga.id);

  examineSteps(look, saga, trace);
  examineAnnouncements(look, saga, trace);
  examinePointsOf(look, saga, ledger, trace.of('member'));
  examineRent(look, saga, trace.of('bestbook'));

  const isHistory = saga.type === 'RETURN' && (saga.status === 'CONFIRMING' || saga.status === 'COMPLETED');
  if (isHistory === (history?.no === saga.announced.item?.no && history !== undefined)) return;
  const sentence = `${named(saga)} is ${saga.status}, and the history of ${member} ${history ? `has a return of book ${history.no}` : 'has nothing'} by it.`;
  look.findings.offends('G6', `history ${saga.id}`, sentence);
}

/** What the saga says that each participant did, against what the participants remember. */
function examineSteps(look: Look, saga: Saga, trace: Trace): void {
  const { findings } = look;
  const { status } = saga;

  for (const [participant, step] of stepsOf(saga)) {
    if (step.state === 'settled') {
      look.settled += 1;
      continue;
    }
    findings.looked('G6');
    const part = trace.of(participant);
    const contradiction = contradicts(saga, step, part, () => mayBeForgotten(look, participant, saga));
    if (contradiction)
      findings.offends(
        'G6',
        `${participant} ${saga.id}`,
        `${named(saga)} is ${status} and ${participant} is ${step.state}, but ${contradiction}.`,
      );

    if (status !== 'COMPENSATED') continue;
    findings.looked('G10');
    if (step.state === 'undone') continue;
    findings.offends(
      'G10',
      `${participant} ${saga.id}`,
      `${named(saga)} is COMPENSATED, and ${participant} is only ${step.state}.`,
    );
  }
}

/** What the fence says against the step; undefined when they agree. */
function contradicts(
  { type, status }: Saga,
  { state }: SagaStep,
  part: Part,
  mayBeForgottenNow: () => boolean,
): string | undefined {
  if (part.fencedTwice) return 'two records of it remember that';
  if (status === 'COMPLETED' && state !== 'done' && state !== 'confirmed') return 'everybody must have done their part';
  if (state === 'awaited' || state === 'refused' || state === 'undoing') return undefined;
  if (!part.fenced) return mayBeForgottenNow() ? undefined : 'it remembers nothing of it';
  if (state === 'undone') return part.undone ? undefined : 'it has not undone it';

  if (part.undone) return 'it has undone it';
  if (!part.agreed) return 'it has refused';
  // A return is never refused for want of something to do; what it finds nothing to do for counts as done.
  if (type !== 'RETURN' && !part.effective) return 'it has done nothing';
  return state === 'confirmed' && !part.confirmed ? 'it has not made it final' : undefined;
}

const TOPICS = new Map<string, string>(
  SAGA_EVENTS.map(({ saga, direction, topic }) => [`${saga} ${direction}`, topic]),
);

/** What a saga must have announced to be where it is. */
function examineAnnouncements({ evidence, findings }: Look, saga: Saga, trace: Trace): void {
  for (const direction of announcedBy(saga)) {
    const topic = TOPICS.get(`${saga.type} ${direction}`) ?? '';
    if (!evidence.wholeTopics.has(topic)) continue;
    findings.looked('G7');
    if (trace.published(direction) || (!hasEnded(saga) && trace.waits(direction))) continue;
    findings.offends(
      'G7',
      `${direction} ${saga.id}`,
      `${named(saga)} is ${saga.status}, and ${topic} never had its message.`,
    );
  }
}

function announcedBy(saga: Saga): readonly Direction[] {
  const settled = stepsOf(saga).some(([, { state }]) => state === 'settled');
  switch (saga.status) {
    case 'RUNNING':
      return ['do'];
    case 'CONFIRMING':
      return ['do', 'confirm'];
    case 'COMPENSATING':
      return ['undo'];
    case 'COMPENSATED':
      return settled ? ['do'] : ['do', 'undo'];
    case 'COMPLETED':
      return saga.type === 'RETURN' && !settled ? ['do', 'confirm'] : ['do'];
  }
}

/** A saga that fences or messages name, and that rental has never begun. */
function examineStranger({ findings }: Look, saga: string, trace: Trace): void {
  const remembering = PARTICIPANTS.filter((participant) => trace.of(participant).fenced);
  if (remembering.length > 0)
    findings.offends('G6', saga, `${remembering.join(' and ')} did something for saga ${saga}, which nobody knows.`);
  if (trace.spokenOf) findings.offends('G8', saga, `There are messages of saga ${saga}, which nobody knows.`);
}

/**
 * What a return cost. The history does not say when a loan was due: that is 14 days after the rent, unless somebody made
 * it late to show lateness, which is then the day before the rent at the earliest.
 */
function examineFee(
  { findings }: Look,
  id: string,
  member: string,
  { no, rentedOn, returnedOn, fee }: ReturnedItem,
): void {
  findings.looked('G20');
  const least = Math.max(0, daysBetween(plusDays(rentedOn, LOAN_DAYS), returnedOn)) * POINTS_A_DAY;
  const most = Math.max(0, daysBetween(plusDays(rentedOn, -1), returnedOn)) * POINTS_A_DAY;
  if (fee >= least && fee <= most && fee % POINTS_A_DAY === 0) return;
  findings.offends(
    'G20',
    id,
    `${member} had book ${no} from ${rentedOn} to ${returnedOn}, and paid ${fee} points by saga ${id}.`,
  );
}

/** Cards whose counters are not what the history and the clearings come to. */
function examineCardSums({ findings, returns, owed }: Look): void {
  for (const [member, difference] of returns.uneven) {
    const sentence = `The card of ${member} counts ${Math.abs(difference)} returns ${difference > 0 ? 'more' : 'less'} than the history has.`;
    findings.offends('G6', `returns of ${member}`, sentence, `card ${member}`);
  }
  for (const [member, difference] of owed.uneven) {
    const sentence = `The card of ${member} owes ${Math.abs(difference)} points ${difference > 0 ? 'more' : 'less'} than its returns cost and were not cleared.`;
    findings.offends('G20', `fee of ${member}`, sentence, `card ${member}`);
  }
}

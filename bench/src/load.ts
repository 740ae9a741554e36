import type { Answer } from '@library/system-tests/client';
import type { Population } from '@library/system-tests/prefill';
import { percentile } from './percentile';
import type { Calls } from './target';

/** How a saga is meant to end: done, or refused by a participant and undone. */
export type Outcome = 'COMPLETED' | 'COMPENSATED';

/** What the clients do, and for how long. */
export interface Task {
  readonly clients: number;
  readonly seconds: number;
  readonly outcome: Outcome;
  /** All that are to be refused ask for the same book: its record gets a fence for each saga. */
  readonly onOneRecord?: boolean;
}

export type LoadSettings = Task & Population;

type Clients = Pick<Task, 'clients' | 'seconds'> & Population;

export interface Load {
  /** Sagas that ended as they were meant to. */
  readonly sagas: number;
  readonly seconds: number;
  readonly sagasPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What else was answered, by status and code. */
  readonly unexpected: Readonly<Record<string, number>>;
}

const WAIT = { Prefer: 'wait=30' };
/** A book that nobody registered. */
const NO_SUCH_BOOK = 999_999_999;

/** Closed loop: each client has one request under way, and sends the next one when its saga has ended. */
export function load(calls: Calls, settings: LoadSettings): Promise<Load> {
  const { clients, seconds, outcome } = settings;
  return outcome === 'COMPLETED'
    ? closedLoop(clients, seconds, (who) => rentsAndReturns(calls, settings, who))
    : closedLoop(clients, seconds, (who) => refusedRents(calls, settings, who), 409);
}

/**
 * The same, of rents alone, until the time is over or every book is lent. Then all is given back, which is not measured, so
 * that the next load finds it there.
 */
export async function loadOfRents(calls: Calls, settings: Clients): Promise<Load> {
  const { clients, seconds } = settings;
  const lent: Loan[][] = Array.from({ length: clients }, () => []);
  const rents = await closedLoop(clients, seconds, (who) => rentsOfAll(calls, settings, who, lent[who]!));
  const returns = await closedLoop(clients, Infinity, (who) => returnsOf(calls, lent[who]!));
  return { ...rents, unexpected: { ...rents.unexpected, ...returns.unexpected } };
}

interface Loan {
  readonly member: number;
  readonly no: number;
}

interface Step {
  /** Whether it is left when the time is over. */
  readonly begins: boolean;
  readonly step: () => Promise<Answer>;
}

/** Has each client take its steps; those count that are answered with this status, or with any success. */
async function closedLoop(
  clients: number,
  atMostSeconds: number,
  stepsOf: (who: number) => Iterable<Step>,
  meant?: number,
): Promise<Load> {
  const latencies: number[] = [];
  const unexpected: Record<string, number> = {};
  const begun = performance.now();
  const until = begun + atMostSeconds * 1_000;

  const run = async (who: number) => {
    for (const { step, begins } of stepsOf(who)) {
      if (begins && performance.now() >= until) return;
      const sent = performance.now();
      const { status, body } = await step();
      const isMeant = meant === undefined ? status === 200 || status === 201 : status === meant;
      if (isMeant) latencies.push(performance.now() - sent);
      else count(unexpected, `${status} ${(body as { code?: string } | undefined)?.code ?? ''}`.trim());
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, who) => run(who)));

  const seconds = (performance.now() - begun) / 1_000;
  return {
    sagas: latencies.length,
    seconds,
    sagasPerSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    unexpected,
  };
}

/** Each client lends and takes back over members and books of its own, so that nobody is refused. */
function* rentsAndReturns(calls: Calls, { clients, members, books }: LoadSettings, who: number): Iterable<Step> {
  for (let turn = 0; ; turn++) {
    const member = mine(who, clients, members, turn);
    const no = mine(who, clients, books, turn);
    yield { begins: true, step: () => rent(calls, member, no) };
    yield { begins: false, step: () => giveBack(calls, member, no) };
  }
}

function* rentsOfAll(calls: Calls, { clients, members, books }: Clients, who: number, lent: Loan[]): Iterable<Step> {
  for (let turn = 0; turn < Math.floor(books / clients); turn++) {
    const member = mine(who, clients, members, turn);
    const no = mine(who, clients, books, turn);
    yield {
      begins: true,
      step: () => {
        lent.push({ member, no });
        return rent(calls, member, no);
      },
    };
  }
}

function* returnsOf(calls: Calls, lent: readonly Loan[]): Iterable<Step> {
  for (const { member, no } of lent) yield { begins: true, step: () => giveBack(calls, member, no) };
}

function* refusedRents(calls: Calls, settings: LoadSettings, who: number): Iterable<Step> {
  const { clients, members, onOneRecord = false } = settings;
  const no = onOneRecord ? NO_SUCH_BOOK : NO_SUCH_BOOK + who;
  for (let turn = 0; ; turn++) {
    const member = mine(who, clients, members, turn);
    yield { begins: true, step: () => rent(calls, member, no) };
  }
}

function rent(calls: Calls, member: number, no: number): Promise<Answer> {
  const rental = { memberName: `회원 ${member}`, item: { no, title: `책 ${no}` } };
  return calls.post(`/rental-cards/m${member}/rentals`, rental, WAIT);
}

function giveBack(calls: Calls, member: number, no: number): Promise<Answer> {
  return calls.post(`/rental-cards/m${member}/returns`, { item: { no } }, WAIT);
}

/** The numbers from 1 to `all` are dealt out to the clients like cards. */
function mine(who: number, clients: number, all: number, turn: number): number {
  const share = Math.floor(all / clients);
  return who + 1 + (turn % share) * clients;
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

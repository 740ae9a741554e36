import type { Population } from '@library/system-tests/prefill';
import { percentile } from './percentile';
import type { Calls } from './target';

/** How a saga is meant to end: done, or refused by a participant and undone. */
export type Outcome = 'COMPLETED' | 'COMPENSATED';

export interface LoadSettings extends Population {
  readonly clients: number;
  readonly seconds: number;
  readonly outcome: Outcome;
}

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
export async function load(calls: Calls, settings: LoadSettings): Promise<Load> {
  const latencies: number[] = [];
  const unexpected: Record<string, number> = {};
  const begun = performance.now();
  const until = begun + settings.seconds * 1_000;

  const run = async (who: number) => {
    const steps =
      settings.outcome === 'COMPLETED' ? rentsAndReturns(calls, settings, who) : refusedRents(calls, settings, who);
    for (const { step, begins } of steps) {
      if (begins && performance.now() >= until) return;
      const sent = performance.now();
      const { status, body } = await step();
      const isMeant = settings.outcome === 'COMPLETED' ? status === 200 || status === 201 : status === 409;
      if (isMeant) latencies.push(performance.now() - sent);
      else count(unexpected, `${status} ${(body as { code?: string } | undefined)?.code ?? ''}`.trim());
    }
  };
  await Promise.all(Array.from({ length: settings.clients }, (_, who) => run(who)));

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
function* rentsAndReturns(calls: Calls, { clients, members, books }: LoadSettings, who: number) {
  for (let turn = 0; ; turn++) {
    const member = mine(who, clients, members, turn);
    const no = mine(who, clients, books, turn);
    const rental = { memberName: `회원 ${member}`, item: { no, title: `책 ${no}` } };
    yield { begins: true, step: () => calls.post(`/rental-cards/m${member}/rentals`, rental, WAIT) };
    yield { begins: false, step: () => calls.post(`/rental-cards/m${member}/returns`, { item: { no } }, WAIT) };
  }
}

function* refusedRents(calls: Calls, { clients, members }: LoadSettings, who: number) {
  for (let turn = 0; ; turn++) {
    const member = mine(who, clients, members, turn);
    const rental = { memberName: `회원 ${member}`, item: { no: NO_SUCH_BOOK + who, title: '없는 책' } };
    yield { begins: true, step: () => calls.post(`/rental-cards/m${member}/rentals`, rental, WAIT) };
  }
}

/** The numbers from 1 to `all` are dealt out to the clients like cards. */
function mine(who: number, clients: number, all: number, turn: number): number {
  const share = Math.floor(all / clients);
  return who + 1 + (turn % share) * clients;
}

function count(counts: Record<string, number>, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

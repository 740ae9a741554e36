import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '../client';
import type { Acknowledged, Desk } from './desk';
import type { Target } from './target';

export interface Judgement {
  /** Acknowledged sagas and invariants that hold. */
  readonly held: number;
  /** A sentence for each thing that is not as it must be. */
  readonly broken: readonly string[];
  /** How many of the acknowledged sagas ended so. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly invariants: number;
}

const ASKED_AT_ONCE = 16;

/** Whether everything that was acknowledged is there, every saga has ended, and every invariant holds. */
export async function judge(target: Target, client: Client, desks: readonly Desk[]): Promise<Judgement> {
  const unsettled = await settled(client, target.settlesWithinMs);
  const acknowledged = desks.flatMap((desk) => [...desk.acknowledged.values()]);
  const outcomes: Record<string, number> = {};
  const lost: string[] = [];
  for (let from = 0; from < acknowledged.length; from += ASKED_AT_ONCE) {
    await Promise.all(
      acknowledged.slice(from, from + ASKED_AT_ONCE).map(async (one) => {
        const outcome = await outcomeOf(client, one);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        const sentence = contradiction(one, outcome);
        if (sentence !== undefined) lost.push(sentence);
      }),
    );
  }

  const checks = await target.verify();
  const violated = checks.flatMap(({ id, offenders }) => offenders.map((offender) => `${id}: ${offender}`));
  return {
    held: acknowledged.length - lost.length + checks.filter(({ offenders }) => offenders.length === 0).length,
    broken: [...unsettled, ...lost, ...desks.flatMap((desk) => desk.contradictions), ...violated],
    outcomes,
    invariants: checks.length,
  };
}

/** Waits until no saga is in flight; answers with those that still are when the time is up. */
async function settled(client: Client, withinMs: number): Promise<readonly string[]> {
  for (const until = Date.now() + withinMs; ; await pause(200)) {
    const pages = await Promise.all(
      ['RUNNING', 'CONFIRMING', 'COMPENSATING'].map((status) => client.get(`/sagas?status=${status}&limit=100`)),
    );
    const flying = pages.flatMap(({ body }) => (body as { items: readonly { id: string; status: string }[] }).items);
    if (flying.length === 0) return [];
    if (Date.now() > until)
      return flying.map(
        ({ id, status }) => `G4: saga ${id} is still ${status} ${withinMs / 1_000} s after the last fault.`,
      );
  }
}

/** The saga's status, or that of the answer when there is no saga. */
async function outcomeOf(client: Client, { saga }: Acknowledged): Promise<string> {
  const { status, body } = await client.get(`/sagas/${saga}`);
  return status === 200 ? (body as { status: string }).status : String(status);
}

/** Why the library does not stand by what it has acknowledged; undefined when it does. */
export function contradiction({ saga, ended }: Acknowledged, now: string): string | undefined {
  if (/^\d+$/.test(now)) return `The acknowledged saga ${saga} is lost: ${now}.`;
  if (now !== 'COMPLETED' && now !== 'COMPENSATED') return `The acknowledged saga ${saga} is ${now}.`;
  return ended === undefined || ended === now ? undefined : `Saga ${saga} was answered as ${ended}, and is ${now}.`;
}

import type { RentalCardState } from '@library/rental-service/domain/rental-card';
import type { CardItem } from '@library/rental-service/domain/card-item';
import { daysBetween } from '@library/shared-kernel/domain/local-date';
import { SAGA_EVENTS } from '@library/shared-kernel/contracts/events';
import type { Direction, SagaType } from '@library/shared-kernel/contracts/event-contract';
import type { Saga } from '@library/shared-kernel/saga/saga';
import type { CardEvidence } from './evidence';
import { examineOutbox, named } from './seen';
import type { Look } from './seen';

// The rules are written down again, here and in sagas.ts: who shares a rule's constant does not notice that it has changed.
const MOST_ON_A_CARD = 5;
export const POINTS_A_DAY = 10;
/** How much later than it should a saga may be looked at before that is wrong. */
const LATE_MS = 60_000;

const DIRECTIONS = new Map<string, Direction>(SAGA_EVENTS.map(({ topic, direction }) => [topic, direction]));

/** The cards: what is on them, the sagas in flight, and the messages that wait. */
export async function examineCards(look: Look): Promise<void> {
  const keys = new Map<string, number>();
  for await (const portion of look.evidence.keys()) {
    for (const { member, answer } of portion) {
      keys.set(member, (keys.get(member) ?? 0) + 1);
      if ('saga' in answer) look.answered.set(answer.saga, member);
      look.findings.looked('G14');
    }
  }

  for await (const portion of look.evidence.cards()) {
    for (const card of portion) {
      look.findings.saw(`card ${card.member}`, card.version);
      examineCard(look, card);
      const kept = keys.get(card.member) ?? 0;
      if (kept !== card.stored.keys) {
        const sentence = `The card of ${card.member} counts ${card.stored.keys} idempotency keys, and keeps ${kept}.`;
        look.findings.offends('G14', `keys of ${card.member}`, sentence, `card ${card.member}`);
      }
    }
  }
}

function examineCard(look: Look, { member, stored, waiting, dueAt, aliases }: CardEvidence): void {
  const { findings, inFlight, traces } = look;
  const sagas = Object.values(stored.sagas);
  for (const saga of sagas) inFlight.set(saga.id, { member, saga });
  if (sagas.length > 0) findings.quiescent = false;

  for (const { topic, saga } of waiting.messages) {
    const direction = DIRECTIONS.get(topic);
    if (direction) traces.waits(saga, direction);
    traces.spokenOf(saga);
  }
  examineOutbox(look, `The card of ${member}`, waiting);

  const { card } = stored;
  if (card) examineItems(look, member, card, stored.sagas);
  for (const saga of sagas) examineFlight(look, saga, card);
  examineSweep(look, member, sagas, dueAt, aliases);
}

function examineItems(
  { findings, loans, returns, owed }: Look,
  member: string,
  card: RentalCardState,
  sagas: Readonly<Record<string, Saga>>,
): void {
  const { items, fee, returned, clearing } = card;
  returns.add(member, returned);
  owed.add(member, fee);

  findings.looked('G2');
  if (items.length > MOST_ON_A_CARD)
    findings.offends('G2', member, `The card of ${member} holds ${items.length} books.`);

  for (const item of items) {
    if (item.state !== 'RENTED') mustBeHeldFor(item, item.state === 'RENTING' ? 'RENT' : 'RETURN', item.saga);
    if (item.state === 'RETURNING') examineFee(item);
    if (item.state === 'RENTING') continue;

    const other = loans.get(item.no);
    if (other)
      findings.offends(
        'G1',
        `book ${item.no} twice`,
        `Book ${item.no} is on the cards of ${other.member} and ${member}.`,
        `card ${other.member}`,
        `card ${member}`,
      );
    loans.set(item.no, { member, state: item.state });
  }
  if (clearing !== undefined && sagas[clearing]?.type !== 'OVERDUE') {
    findings.offends(
      'G7',
      `clearing of ${member}`,
      `The card of ${member} is locked for saga ${clearing}, which is not in flight.`,
    );
  }

  function mustBeHeldFor({ no }: CardItem, type: SagaType, saga: string): void {
    if (sagas[saga]?.type === type) return;
    findings.offends(
      'G7',
      `book ${no} of ${member}`,
      `The card of ${member} keeps book ${no} for saga ${saga}, which is not in flight.`,
    );
  }

  function examineFee({ no, dueOn, acceptedOn, fee: fixed }: CardItem & { state: 'RETURNING' }): void {
    findings.looked('G20');
    const late = Math.max(0, daysBetween(dueOn, acceptedOn));
    if (fixed === late * POINTS_A_DAY) return;
    findings.offends(
      'G20',
      `return of ${no} by ${member}`,
      `${member} returns book ${no} ${late} days late, for ${fixed} points.`,
    );
  }
}

/** One saga in flight: what it holds, what it has announced, and whether it gets on. */
function examineFlight(look: Look, saga: Saga, card: RentalCardState | undefined): void {
  const { findings, evidence, timing } = look;
  const { id, type, status, dueAt, since, attention } = saga;

  findings.looked('G7');
  if (!holds(saga, card))
    findings.offends('G7', `hold of ${id}`, `${named(saga)} is ${status}, and nothing on the card is kept for it.`);

  findings.looked('G4');
  const late = evidence.now - (dueAt ?? Infinity);
  const inStatus = evidence.now - since;
  if (late > LATE_MS) {
    findings.offends('G4', `late ${id}`, `${named(saga)} is ${status} and was due ${Math.round(late / 1_000)} s ago.`);
  } else if (!attention && inStatus > timing.attentionAfterMs + timing.longestWaitMs + LATE_MS) {
    findings.offends(
      'G4',
      `stuck ${id}`,
      `${named(saga)} has been ${status} for ${Math.round(inStatus / 1_000)} s, and calls for nobody.`,
    );
  }
  if (attention) look.calling.push(`${named(saga)} is ${status}: ${attention}.`);

  findings.looked('G5');
  if (dueAt === undefined) {
    findings.offends('G5', id, `${named(saga)} is ${status}, and does not say when somebody must look at it.`);
  } else if (dueAt - evidence.now > timing.longestWaitMs) {
    const ahead = Math.round((dueAt - evidence.now) / 1_000);
    findings.offends(
      'G5',
      id,
      `${named(saga)} is to be looked at in ${ahead} s, which is further ahead than any wait (${type}).`,
    );
  }
}

/** While it may still be undone, a saga holds its place on the card. */
function holds({ id, type, status }: Saga, card: RentalCardState | undefined): boolean {
  if (status === 'CONFIRMING') return true;
  if (type === 'OVERDUE') return card?.clearing === id;
  return card?.items.some((item) => item.state !== 'RENTED' && item.saga === id) ?? false;
}

/** Whether the sweep and the look-up find what the record holds. */
function examineSweep(
  { findings }: Look,
  member: string,
  sagas: readonly Saga[],
  dueAt: number | undefined,
  aliases: readonly string[],
): void {
  const earliest = sagas.length === 0 ? undefined : Math.min(...sagas.map((saga) => saga.dueAt ?? 0));
  if (dueAt !== earliest) {
    const sentence = `The card of ${member} is swept ${said(dueAt)}, and its sagas are due ${said(earliest)}.`;
    findings.offends('G5', `sweep of ${member}`, sentence);
  }

  for (const saga of sagas) {
    findings.looked('G13');
    if (!aliases.includes(saga.id))
      findings.offends('G13', saga.id, `${named(saga)} is in flight, and is not found by its id.`);
  }
}

function said(time: number | undefined): string {
  return time === undefined ? 'never' : `at ${new Date(time).toISOString()}`;
}

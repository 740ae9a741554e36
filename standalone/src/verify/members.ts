import type { DatedEntry } from '@library/member-service/application/member-record';
import { participantsIn } from '@library/shared-kernel/saga/saga';
import type { Saga } from '@library/shared-kernel/saga/saga';
import type { Left } from './evidence';
import { examineOutbox, isSettled, mayBeForgotten, named } from './seen';
import type { Look } from './seen';
import type { Part } from './traces';

/** The members' points; what the ledger says of them comes later. */
export async function examineMembers(look: Look): Promise<void> {
  const { findings, points, forgotten, traces } = look;

  for await (const portion of look.evidence.members()) {
    for (const { id, version, stored, waiting } of portion) {
      findings.saw(`member ${id}`, version);
      examineOutbox(look, `Member ${id}`, waiting);
      for (const { saga } of waiting.messages) traces.spokenOf(saga);
      if (stored.newestForgotten !== undefined) forgotten.member.set(id, stored.newestForgotten);
      if (!stored.member) continue;

      findings.looked('G3');
      points.add(id, stored.member.points);
      if (stored.member.points < 0) findings.offends('G3', `below ${id}`, `${id} has ${stored.member.points} points.`);
    }
  }
}

/** One line of the ledger, by itself. */
export function examineEntry({ findings, points }: Look, { id, record, entry }: Left<DatedEntry>): void {
  findings.looked('G3');
  points.add(record, -entry.points);

  const { saga, step, direction, reason, actor } = entry;
  if (step === 'ADJUSTMENT') {
    if (entry.points > 0 && reason && actor) return;
    findings.offends(
      'G3',
      id,
      `The adjustment ${id} of ${record} by ${entry.points} points lacks a reason or an actor, or takes points away.`,
    );
  } else if (id !== `${saga}:${step}:${direction}`) {
    // The id is unique, so that it must be made of what may be there only once.
    findings.offends(
      'G3',
      id,
      `The entry ${id} in the ledger of ${record} is one more for saga ${saga} (${step}, ${direction}).`,
    );
  }
}

/** What the ledger says of one saga, against what the member's fence says. */
export function examinePointsOf(look: Look, saga: Saga, entries: readonly DatedEntry[], part: Part): void {
  const net = entries.reduce((sum, { points }) => sum + points, 0);
  const expected = expectedPoints(look, saga, part);
  if (!expected.includes(net)) {
    look.findings.offends(
      'G3',
      saga.id,
      `${named(saga)} is ${saga.status}, and its points in the ledger come to ${net}, not ${expected.join(' or ')}.`,
    );
  }
}

/** More than one where the fence is forgotten, and with it whether there was an effect. */
function expectedPoints(look: Look, saga: Saga, { fenced, effective, undone }: Part): readonly number[] {
  const full = saga.type === 'OVERDUE' ? -saga.announced.point : saga.announced.point;
  if (fenced) return [effective && !undone ? full : 0];
  if (!mayBeForgotten(look, 'member', saga)) return [0];
  if (isSettled(saga, 'member') || saga.type === 'RETURN') return saga.status === 'COMPENSATED' ? [0] : [0, full];
  return participantsIn(saga, 'done').includes('member') ? [full] : [0];
}

/** Members whose points are not the sum of their ledger. */
export function examineBalances({ findings, points }: Look): void {
  for (const [member, difference] of points.uneven) {
    findings.offends(
      'G3',
      `sum of ${member}`,
      `${member} has ${Math.abs(difference)} points ${difference > 0 ? 'more' : 'less'} than the ledger says.`,
      `member ${member}`,
    );
  }
}

import type { Saga } from '@library/shared-kernel/saga/saga';
import { examineOutbox, isSettled, mayBeForgotten } from './seen';
import type { Look } from './seen';
import { Tally } from './tally';
import type { Part } from './traces';

/** The counted rents, by book and day; what the sagas say of them comes later. */
export async function examineRentCounts(look: Look): Promise<void> {
  const { evidence, findings, forgotten, traces, rents } = look;
  const totals = new Tally();

  for await (const portion of evidence.rentCounts()) {
    for (const { id, version, stored, waiting } of portion) {
      findings.saw(`count ${id}`, version);
      examineOutbox(look, `The rent count of book ${id}`, waiting);
      for (const { saga } of waiting.messages) traces.spokenOf(saga);
      if (stored.newestForgotten !== undefined) forgotten.bestbook.set(id, stored.newestForgotten);
      totals.add(id, stored.count?.total ?? 0);
    }
  }
  for await (const portion of evidence.rentDays()) {
    for (const { record, day, rents: counted } of portion) {
      findings.looked('G6');
      totals.add(record, -counted);
      rents.add(dayOf(record, day), -counted);
    }
  }
  for (const [no] of totals.uneven)
    findings.offends('G6', `total of ${no}`, `The rents of book ${no} are not the sum of its days.`, `count ${no}`);
}

/** What a saga adds to the rents of its book, once it is known what the ranking remembers of it. */
export function examineRent(look: Look, saga: Saga, part: Part): void {
  const { item } = saga.announced;
  if (saga.type !== 'RENT' || !item || !saga.steps.bestbook) return;

  const day = dayOf(String(item.no), look.calendar.dayOf(saga.startedAt));
  if (part.fenced) {
    if (part.effective && !part.undone) look.rents.add(day, 1);
  } else if (isSettled(saga, 'bestbook')) {
    look.unsure.add(day);
  } else if (mayBeForgotten(look, 'bestbook', saga) && saga.status === 'COMPLETED') {
    look.rents.add(day, 1);
  }
}

/** Days on which more or fewer rents are counted than there were. */
export function examineDays({ evidence, findings, rents, unsure }: Look): void {
  if (!evidence.wholeTopics.has('rental_rent')) return;

  for (const [day, difference] of rents.uneven) {
    if (unsure.has(day)) continue;
    const [no, on] = day.split(' ');
    const sentence = `Book ${no} is counted ${Math.abs(difference)} times too ${difference > 0 ? 'seldom' : 'often'} on ${on}.`;
    findings.offends('G6', `book ${day}`, sentence, `count ${no}`);
  }
}

function dayOf(no: string, day: string): string {
  return `${no} ${day}`;
}

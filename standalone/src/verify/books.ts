import type { StoredBook } from '@library/book-service/application/book-record';
import type { BookState } from '@library/book-service/domain/book';
import type { RecordEvidence } from './evidence';
import { examineOutbox } from './seen';
import type { Look } from './seen';

/** The books, against the cards and the sagas that say they hold them. */
export async function examineBooks(look: Look): Promise<void> {
  const { evidence, findings, loans } = look;
  const strays = new Map<string, number>();

  for await (const portion of evidence.books()) {
    for (const record of portion) {
      findings.saw(`book ${record.id}`, record.version);
      examineRecord(look, record);
      const { strayReturns } = record.stored;
      if (strayReturns) strays.set(record.id, strayReturns);
    }
  }
  // Each book that was looked at has taken its loan off.
  for (const [no, { member }] of loans) {
    findings.offends(
      'G1',
      `book ${no}`,
      `Book ${no} is on the card of ${member}, and no such book is registered.`,
      `card ${member}`,
      `book ${no}`,
    );
  }
  if (strays.size > 0) findings.note(strayNote(strays));
}

function examineRecord(look: Look, { id, stored, waiting }: RecordEvidence<StoredBook>): void {
  examineOutbox(look, `Book ${id}`, waiting);
  for (const { saga } of waiting.messages) look.traces.spokenOf(saga);
  if (stored.newestForgotten !== undefined) look.forgotten.book.set(id, stored.newestForgotten);
  if (stored.book) examineBook(look, stored.book);
}

function examineBook(look: Look, book: BookState): void {
  const { findings, loans, inFlight } = look;
  const { no, status } = book;
  const loan = loans.get(no);
  loans.delete(no);

  findings.looked('G1');
  if (book.status !== 'UNAVAILABLE') {
    if (loan) {
      findings.offends(
        'G1',
        `book ${no}`,
        `Book ${no} is on the card of ${loan.member}, and the book says ${status}.`,
        `card ${loan.member}`,
        `book ${no}`,
      );
    }
    return;
  }

  const { holder, takenBy, returning } = book;
  const taking = inFlight.get(takenBy)?.saga;
  const bringing = returning === undefined ? undefined : inFlight.get(returning)?.saga;

  if (loan && loan.member !== holder.id) {
    findings.offends(
      'G1',
      `book ${no}`,
      `Book ${no} is on the card of ${loan.member}, and the book says that ${holder.id} has it.`,
      `card ${loan.member}`,
      `book ${no}`,
    );
  } else if (!loan && !taking && bringing?.status !== 'CONFIRMING') {
    const sentence = `Book ${no} is out to ${holder.id} by saga ${takenBy}, and neither a card nor a saga in flight holds it.`;
    findings.offends('G1', `book ${no}`, sentence, `card ${holder.id}`, `book ${no}`);
  }
  if (returning !== undefined && !bringing) {
    findings.offends(
      'G1',
      `return of book ${no}`,
      `Book ${no} waits for saga ${returning} to bring it back, which is not in flight.`,
      `card ${holder.id}`,
      `book ${no}`,
    );
  }
}

function strayNote(strays: ReadonlyMap<string, number>): string {
  const all = [...strays.values()].reduce((sum, times) => sum + times, 0);
  const named = [...strays.keys()].slice(0, 10).join(', ');
  return `${all} returns found that their member did not hold the book, and changed nothing there (books ${named}).`;
}

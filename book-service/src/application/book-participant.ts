import { refuse } from '@library/shared-kernel/domain/refusal';
import { isRefusal } from '@library/shared-kernel/domain/refusal';
import { participantOf } from '@library/shared-kernel/participant/participant';
import type { BookRecord } from './book-record';

/** The book's part in the sagas: it is lent to one member, and is back when its return is confirmed. */
export const bookParticipant = participantOf<BookRecord>()({
  name: 'book',
  recordOf: (event) => ('item' in event ? String(event.item.no) : ''),
  parts: {
    RENT: {
      does: ({ book }, { idName }, { saga }) => {
        if (!book) return refuse('book-not-found');
        const lent = book.lend(idName, saga);
        return isRefusal(lent) ? lent : { lent: true };
      },
      undoes: ({ book }, _effect, _event, { saga }) => book?.cancelLoan(saga),
      recalls: ({ book }, _event, { saga }) => (book?.shows(saga) === 'taken' ? { lent: true } : 'nothing'),
    },
    RETURN: {
      does: (record, { idName }, { saga }) => {
        if (record.book?.startReturn(idName.id, saga) === 'returning') return { returning: true };
        record.countStrayReturn();
        return 'nothing';
      },
      undoes: ({ book }, _effect, _event, { saga }) => book?.cancelReturn(saga),
      confirms: ({ book }, _event, { saga }) => book?.confirmReturn(saga),
      recalls: ({ book }, _event, { saga }) => (book?.shows(saga) === 'returning' ? { returning: true } : 'nothing'),
    },
  },
});

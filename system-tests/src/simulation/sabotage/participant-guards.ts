import { Book } from '@library/book-service/domain/book';
import { Answering } from '@library/shared-kernel/participant/answering';
import { Fences } from '@library/shared-kernel/participant/fence';
import { instead, replace } from '../replace';
import type { Sabotage } from './sabotage';

/** The mechanism that participants share, its private parts included. */
interface Mechanism {
  readonly participant: { readonly name: string };
  do(record: never, message: never, told: never): unknown;
  answer(record: never, message: never, answer: string, told: never, outcome: string): unknown;
}
type Undo = (this: Mechanism, record: { book?: Book }, message: { topic: string }, ...more: unknown[]) => unknown;
type Free = (this: Book, saga: string) => void;

export const PARTICIPANT_GUARDS: readonly Sabotage[] = [
  {
    guard: 'fence',
    keeps: 'a participant remembers what it did for a saga',
    off: () => instead(Fences, 'put', () => undefined),
  },
  {
    guard: 'answer once',
    keeps: 'the same announcement again has no second effect',
    off: () =>
      instead(
        Answering,
        'repeat',
        function (this: Mechanism, ...[record, message, , told]: [never, never, never, never]) {
          return this.do(record, message, told);
        },
      ),
  },
  {
    guard: 'cancel before do',
    keeps: 'what was cancelled before it came has no effect when it comes',
    off: () =>
      instead(Answering, 'fenceOff', function (this: Mechanism, record: never, message: never, told: never) {
        return this.answer(record, message, 'ok', told, 'applied');
      }),
  },
  {
    guard: 'cancel only its own',
    keeps:
      'a cancel undoes what its own saga did, and nothing else (both the fence and the book see to it: both are off)',
    off: () => {
      const free = replace(Book, 'cancelLoan', (own) => {
        return function (this: Book) {
          const state = this.snapshot();
          if ('takenBy' in state) (own as Free).call(this, state.takenBy);
        };
      });
      const always = replace(Answering, 'undo', (undo) => {
        const whatever: Undo = function (record, message, ...more) {
          if (this.participant.name === 'book' && message.topic === 'rental_rent_cancel') freeWhoever(record.book);
          return (undo as Undo).call(this, record, message, ...more);
        };
        return whatever;
      });
      return () => {
        always();
        free();
      };
    },
  },
  {
    guard: 'late is refused',
    keeps: 'an announcement of last week has no effect, when its fence is gone',
    off: () => instead(Answering, 'hasExpired', () => false),
  },
  {
    guard: 'semantic lock: book on its way back',
    keeps: 'a book that is being returned is not lent before the return is confirmed',
    off: () =>
      replace(Book, 'startReturn', (start) => {
        return function (this: { become(status: string): void }, ...asked: never[]) {
          const answer = start.apply(this as never, asked);
          if (answer === 'returning') this.become('AVAILABLE');
          return answer;
        };
      }),
  },
];

function freeWhoever(book: Book | undefined): void {
  (book as { cancelLoan(): void } | undefined)?.cancelLoan();
}

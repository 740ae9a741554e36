import {
  answerId,
  confirmed,
  done,
  given,
  refused,
  silence,
  undone,
  undoRefused,
} from '@library/shared-kernel/testing/saga-story';
import { returnSaga } from '../../../src/application/sagas/return.saga';
import { again, AT, BEGINNINGS, book, EXPIRES, FEE, jenny, SAGA, travels } from './beginnings';

const ItemReturned = {
  ...travels,
  id: `${SAGA}:return:do`,
  topic: 'rental_return',
  body: { idName: jenny, item: book, point: 10 },
  time: AT,
  causation: 'request-1',
  awaits: ['book', 'member'],
  expiresAfterMs: 120_000,
} as const;

const ItemReturnConfirmed = {
  ...travels,
  id: `${SAGA}:return:confirm`,
  topic: 'rental_return_confirm',
  body: { idName: jenny, item: book, point: 10 },
  time: AT,
  causation: answerId({ id: SAGA }, 'member', 'do', 'ok'),
  awaits: ['book'],
} as const;

const ItemReturnCancelled = {
  ...travels,
  id: `${SAGA}:return:undo`,
  topic: 'rental_return_cancel',
  body: { idName: jenny, item: book, point: 10, reason: 'expired' },
  time: EXPIRES,
  announced: AT,
  causation: ItemReturned.id,
  awaits: ['book', 'member'],
} as const;

describe('Returning a book', () => {
  const { begin, succeeded, undone: before, history } = BEGINNINGS.RETURN;

  it('is accepted by both, charged, and complete when the book has confirmed [A20 G20]', () => {
    const rental = begin();
    const story = given(returnSaga, rental)
      .announces(ItemReturned)
      .when(done('book'))
      .when(done('member'))
      .confirms(ItemReturnConfirmed);
    expect(story.finished).toEqual(history);
    expect(rental.aggregate.snapshot()).toEqual(succeeded);
    story.when(confirmed('book')).ends('COMPLETED');

    expect(rental.aggregate.snapshot()).toEqual(succeeded);
  });

  it('asks the book to confirm until it does [A20]', () => {
    given(returnSaga, begin())
      .announces(ItemReturned)
      .when(done('book'))
      .when(done('member'))
      .confirms(ItemReturnConfirmed)
      .when(silence(2_000))
      .asksAgain(ItemReturnConfirmed)
      .when(confirmed('book'))
      .ends('COMPLETED');
  });

  it('leaves the day on which it was accepted on the card when it is undone by silence, and charges nothing [G20]', () => {
    const rental = begin();
    given(returnSaga, rental)
      .announces(ItemReturned)
      .when(done('book'))
      .when(silence(2_000))
      .asksAgain(again(ItemReturned, 'member'))
      .when(silence(118_000))
      .withdraws(ItemReturnCancelled)
      .when(undone('book'))
      .when(undone('member'))
      .ends('COMPENSATED', 'expired');

    expect(rental.aggregate.snapshot()).toEqual(before.silence);
    expect(rental.aggregate.snapshot().fee).not.toBe(FEE);
  });

  it('is undone by a refusal as if it had never been, and waits for points that cannot be taken back yet [A16 A17]', () => {
    const rental = begin();
    const withdrawn = {
      ...ItemReturnCancelled,
      body: { ...ItemReturnCancelled.body, reason: 'withdrawn' },
      time: AT,
      causation: answerId({ id: SAGA }, 'book', 'do', 'withdrawn'),
    };
    given(returnSaga, rental)
      .announces(ItemReturned)
      .when(done('member'))
      .when(refused('book', 'withdrawn'))
      .withdraws(withdrawn)
      .when(undone('book'))
      .when(undoRefused('member', 'not-enough-points'))
      .callsForHelp('undo-refused')
      .when(silence(2_000))
      .asksAgain({ ...withdrawn, awaits: ['member'] })
      .when(undone('member'))
      .ends('COMPENSATED', 'withdrawn');

    expect(rental.aggregate.snapshot()).toEqual(before.refused);
  });
});

import { answerId, done, given, refused, silence, undone } from '@library/shared-kernel/testing/saga-story';
import { rentSaga } from '../../../src/application/sagas/rent.saga';
import { again, AT, BEGINNINGS, book, EXPIRES, jenny, SAGA, travels } from './beginnings';

const ItemRented = {
  ...travels,
  id: `${SAGA}:rent:do`,
  topic: 'rental_rent',
  body: { idName: jenny, item: book, point: 10 },
  time: AT,
  causation: 'request-1',
  awaits: ['book', 'member', 'bestbook'],
  expiresAfterMs: 120_000,
} as const;

const ItemRentCancelled = {
  ...travels,
  id: `${SAGA}:rent:undo`,
  topic: 'rental_rent_cancel',
  body: { idName: jenny, item: book, point: 10, reason: 'book-not-available' },
  time: AT,
  announced: AT,
  causation: answerId({ id: SAGA }, 'book', 'do', 'book-not-available'),
  awaits: ['book', 'member', 'bestbook'],
} as const;

describe('Renting a book', () => {
  const { begin, succeeded, undone: before } = BEGINNINGS.RENT;

  it('is done when the book, the member and the ranking agree', () => {
    const rental = begin();
    given(rentSaga, rental)
      .announces(ItemRented)
      .when(done('book'))
      .when(done('member'))
      .when(done('bestbook'))
      .ends('COMPLETED');

    expect(rental.aggregate.snapshot()).toEqual(succeeded);
  });

  it('gives the slot back when the book is not available [A4]', () => {
    const rental = begin();
    given(rentSaga, rental)
      .announces(ItemRented)
      .when(refused('book', 'book-not-available'))
      .withdraws(ItemRentCancelled)
      .when(undone('book'))
      .when(undone('member'))
      .when(undone('bestbook'))
      .ends('COMPENSATED', 'book-not-available');

    expect(rental.aggregate.snapshot()).toEqual(before.refused);
  });

  it('is undone with everybody when the member is unknown, and keeps the slot until they all have [A8 G10]', () => {
    const rental = begin();
    const story = given(rentSaga, rental)
      .announces(ItemRented)
      .when(done('bestbook'))
      .when(done('book'))
      .when(refused('member', 'member-not-found'))
      .withdraws({
        ...ItemRentCancelled,
        body: { ...ItemRentCancelled.body, reason: 'member-not-found' },
        causation: answerId({ id: SAGA }, 'member', 'do', 'member-not-found'),
      })
      .when(undone('book'))
      .when(undone('bestbook'));
    expect(rental.aggregate.snapshot().items).toHaveLength(1);
    story.when(undone('member')).ends('COMPENSATED', 'member-not-found');

    expect(rental.aggregate.snapshot()).toEqual(before.refused);
  });

  it('is undone when the ranking stays silent [F2]', () => {
    const rental = begin();
    given(rentSaga, rental)
      .announces(ItemRented)
      .when(done('member'))
      .when(silence(2_000))
      .asksAgain(again(ItemRented, 'book', 'bestbook'))
      .when(done('book'))
      .when(silence(118_000))
      .withdraws({
        ...ItemRentCancelled,
        body: { ...ItemRentCancelled.body, reason: 'expired' },
        time: EXPIRES,
        causation: ItemRented.id,
      })
      .when(undone('book'))
      .when(undone('member'))
      .when(undone('bestbook'))
      .ends('COMPENSATED', 'expired');

    expect(rental.aggregate.snapshot()).toEqual(before.silence);
  });
});

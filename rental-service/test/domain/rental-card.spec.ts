import { bookNo, memberId, sagaId } from '@library/shared-kernel/domain/identifiers';
import { plusDays, type LocalDate } from '@library/shared-kernel/domain/local-date';
import type { IdName, Item } from '@library/shared-kernel/domain/names';
import type { CardItem, RentedItem } from '../../src/domain/card-item';
import { RentalCard, type RentalCardState } from '../../src/domain/rental-card';

const jenny: IdName = { id: memberId('jenny'), name: '제니' };
const bell: Item = { no: bookNo(1), title: '누구를 위하여 종을 울리나?' };
const study: Item = { no: bookNo(2), title: '최재천의 공부' };
const saga = sagaId('saga');
const other = sagaId('other');

const day: LocalDate = '2023-01-01';
const dueOn: LocalDate = '2023-01-15';

const empty: RentalCardState = { member: jenny, items: [], fee: 0, returned: 0 };

const bellRented: RentedItem = { ...bell, state: 'RENTED', rentedOn: day, dueOn, overdue: false };
const bellRenting: CardItem = { ...bell, state: 'RENTING', rentedOn: day, dueOn, saga };
const bellReturning: CardItem = { ...bellRented, state: 'RETURNING', saga, acceptedOn: dueOn, fee: 0 };

const cardWith = (...items: CardItem[]) => new RentalCard({ ...empty, items });
const owing = (fee: number) => new RentalCard({ ...empty, fee, returned: 1 });
const copies = (count: number, from = 10): RentedItem[] =>
  Array.from({ length: count }, (_, i) => ({ ...bellRented, no: bookNo(from + i), title: `Book ${from + i}` }));

describe('a new card', () => {
  it('is empty, owes nothing and may be borrowed with [AC-04]', () => {
    const card = RentalCard.open(jenny);

    expect(card.snapshot()).toStrictEqual(empty);
    expect(card.status).toBe('RENT_AVAILABLE');
    expect(card.counts).toStrictEqual({ rented: 0, returned: 0, overdue: 0 });
    expect(card.nextOverdueOn).toBeUndefined();
  });
});

describe('renting', () => {
  it('takes a slot for 14 days, and tells whose, which and for how many points', () => {
    const card = RentalCard.open(jenny);

    expect(card.rent(bell, saga, day)).toStrictEqual({ idName: jenny, item: bell, point: 10 });
    expect(card.snapshot()).toStrictEqual({ ...empty, items: [bellRenting] });
  });

  it.each<[LocalDate, LocalDate]>([
    ['2024-02-15', '2024-02-29'],
    ['2024-02-16', '2024-03-01'],
    ['2023-02-15', '2023-03-01'],
    ['2023-12-20', '2024-01-03'],
    ['2024-03-24', '2024-04-07'],
  ])('on %s makes the book due on %s [K5]', (rentedOn, due) => {
    const card = RentalCard.open(jenny);

    card.rent(bell, saga, rentedOn);

    expect(card.snapshot().items).toStrictEqual([{ ...bell, state: 'RENTING', rentedOn, dueOn: due, saga }]);
  });

  it('becomes a loan when all agree', () => {
    const card = cardWith(...copies(1), bellRenting);

    card.confirmRent(saga);

    expect(card.snapshot()).toStrictEqual({ ...empty, items: [...copies(1), bellRented] });
  });

  it('gives the slot back when it is cancelled [A4] [A6] [AC-20]', () => {
    const card = cardWith(...copies(1), bellRenting);

    card.cancelRent(saga);

    expect(card.snapshot()).toStrictEqual({ ...empty, items: copies(1) });
  });

  it('takes a fifth book, and refuses a sixth, pending ones included [A1] [AC-22]', () => {
    const card = cardWith(...copies(2), bellRenting, { ...bellReturning, ...study });
    expect(card.rent({ no: bookNo(50), title: 'Fifth' }, other, day)).not.toHaveProperty('refused');
    const full = card.snapshot();

    expect(card.rent({ no: bookNo(60), title: 'Sixth' }, other, day)).toStrictEqual({ refused: 'limit-reached' });
    expect(card.snapshot()).toBe(full);
  });

  it.each<[string, CardItem, string]>([
    ['a book that this card has on loan [A5]', bellRented, 'already-rented'],
    ['a book that is being rented', bellRenting, 'rent-in-progress'],
    ['a book that is being returned', bellReturning, 'return-in-progress'],
  ])('refuses %s', (_, item, refused) => {
    const card = cardWith(item);
    const before = card.snapshot();

    expect(card.rent(bell, other, day)).toStrictEqual({ refused });
    expect(card.snapshot()).toBe(before);
  });

  it.each<[string, RentalCard]>([
    ['a loan is marked overdue [A2] [AC-12]', cardWith({ ...bellRented, overdue: true })],
    ['an overdue item is being returned', cardWith({ ...bellReturning, overdue: true })],
    ['a return in flight has fixed a fee, marked or not [J12]', cardWith({ ...bellReturning, fee: 10 })],
    ['a fee is owed [AC-14]', owing(10)],
  ])('refuses a card on which %s', (_, card) => {
    const before = card.snapshot();

    expect(card.rent(study, saga, day)).toStrictEqual({ refused: 'card-unavailable' });
    expect(card.status).toBe('RENT_UNAVAILABLE');
    expect(card.snapshot()).toBe(before);
  });

  it('refuses a card that is being cleared [A18] [L6]', () => {
    const card = new RentalCard({ ...empty, clearing: saga });
    const before = card.snapshot();

    expect(card.rent(study, other, day)).toStrictEqual({ refused: 'clearing-in-progress' });
    expect(card.status).toBe('RENT_UNAVAILABLE');
    expect(card.snapshot()).toBe(before);
  });

  it('names the card before the limit, and the limit before the book', () => {
    const overdue = { ...bellRented, overdue: true };

    expect(cardWith(...copies(4), overdue).rent(bell, saga, day)).toStrictEqual({ refused: 'card-unavailable' });
    expect(cardWith(...copies(4), bellRented).rent(bell, saga, day)).toStrictEqual({ refused: 'limit-reached' });
  });
});

describe('returning', () => {
  const returned = (acceptedOn: LocalDate, fee: number): CardItem => ({ ...bellReturning, acceptedOn, fee });

  it.each<[string, LocalDate, number]>([
    ['early', '2023-01-02', 0],
    ['on the due day', '2023-01-15', 0],
    ['a day late', '2023-01-16', 10],
    ['36 days late, due 15 January and back 20 February [AC-32]', '2023-02-20', 360],
  ])('%s fixes the fee when it is accepted', (_, on, fee) => {
    const card = cardWith(bellRented);

    expect(card.return(bell.no, saga, on)).toStrictEqual({ idName: jenny, item: bell, point: 10 });
    expect(card.snapshot()).toStrictEqual({ ...empty, items: [returned(on, fee)] });
    expect(card.status).toBe(fee > 0 ? 'RENT_UNAVAILABLE' : 'RENT_AVAILABLE');
  });

  it('ends the loan and charges the fee when all agree, by the day it was accepted, not the day it was processed [K6]', () => {
    const card = new RentalCard({ ...empty, items: [...copies(1), bellRented], fee: 20, returned: 3 });
    card.return(bell.no, saga, '2023-01-16');
    card.markOverdue('2023-01-17');

    expect(card.confirmReturn(saga)).toStrictEqual({ ...bell, rentedOn: day, returnedOn: '2023-01-16', fee: 10 });
    expect(card.snapshot()).toStrictEqual({
      ...empty,
      items: [{ ...copies(1)[0], overdue: true }],
      fee: 30,
      returned: 4,
    });
  });

  it('owes nothing for a book taken in before midnight, when the overdue job runs after it [A19]', () => {
    const card = cardWith(bellRented);
    card.return(bell.no, saga, dueOn);

    expect(card.markOverdue('2023-01-16')).toBe(0);
    expect(card.confirmReturn(saga)).toStrictEqual({ ...bell, rentedOn: day, returnedOn: dueOn, fee: 0 });
    expect(card.snapshot()).toStrictEqual({ ...empty, returned: 1 });
    expect(card.status).toBe('RENT_AVAILABLE');
  });

  it.each<[string, CardItem[], string]>([
    ['a book that is not on the card [A9]', copies(1), 'item-not-rented'],
    ['a book whose rent is still in flight [E7]', [bellRenting], 'rent-in-progress'],
    ['a book that is being returned already [A10] [L5]', [bellReturning], 'return-in-progress'],
  ])('refuses %s', (_, items, refused) => {
    const card = cardWith(...items);
    const before = card.snapshot();

    expect(card.return(bell.no, other, day)).toStrictEqual({ refused });
    expect(card.snapshot()).toBe(before);
  });

  it.each([false, true])(
    'leaves the loan as it was, without a fee, when it is refused (marked overdue: %s)',
    (overdue) => {
      const card = cardWith({ ...bellRented, overdue });
      card.return(bell.no, saga, '2023-01-20');

      card.cancelReturn(saga, 'refused');

      expect(card.snapshot()).toStrictEqual({ ...empty, items: [{ ...bellRented, overdue }] });
    },
  );

  it.each([false, true])('leaves its acceptance day when silence undid it (marked overdue: %s)', (overdue) => {
    const card = cardWith({ ...bellRented, overdue });
    card.return(bell.no, saga, '2023-01-20');

    card.cancelReturn(saga, 'silence');

    expect(card.snapshot()).toStrictEqual({ ...empty, items: [{ ...bellRented, overdue, acceptedOn: '2023-01-20' }] });
  });
});

describe('returning again, after silence undid a return', () => {
  const acceptedOn: LocalDate = '2023-01-15';

  it.each<[string, LocalDate, LocalDate, number]>([
    ['the same day charges by that day', '2023-01-15', '2023-01-15', 0],
    ['3 days later charges by the day of the first', '2023-01-18', '2023-01-15', 0],
    ['4 days later charges by its own day', '2023-01-19', '2023-01-19', 40],
    ['by a clock that was set back charges by the earlier day', '2023-01-14', '2023-01-14', 0],
  ])('%s', (_, on, chargedBy, fee) => {
    const card = cardWith({ ...bellRented, acceptedOn });

    card.return(bell.no, saga, on);

    expect(card.snapshot().items).toStrictEqual([
      { ...bellReturning, acceptedOn: chargedBy, fee, acceptedBefore: acceptedOn },
    ]);
  });

  it.each<LocalDate>(['2023-01-15', '2023-01-18', '2023-01-19'])(
    'puts that day back when it is refused on %s',
    (on) => {
      const card = cardWith({ ...bellRented, acceptedOn });
      const before = card.snapshot();
      card.return(bell.no, saga, on);

      card.cancelReturn(saga, 'refused');

      expect(card.snapshot()).toStrictEqual(before);
    },
  );

  it('keeps the day of the first when silence undoes the second as well', () => {
    const card = cardWith({ ...bellRented, acceptedOn });
    card.return(bell.no, saga, '2023-01-17');

    card.cancelReturn(saga, 'silence');

    expect(card.snapshot().items).toStrictEqual([{ ...bellRented, acceptedOn }]);
  });

  it('shows the day it was charged by in the history', () => {
    const card = cardWith({ ...bellRented, acceptedOn });
    card.return(bell.no, saga, '2023-01-17');

    expect(card.confirmReturn(saga)).toStrictEqual({ ...bell, rentedOn: day, returnedOn: acceptedOn, fee: 0 });
  });
});

describe('clearing', () => {
  it('locks the card, and tells whose and how much', () => {
    const card = owing(10);

    expect(card.clear(10, saga)).toStrictEqual({ idName: jenny, point: 10 });
    expect(card.snapshot()).toStrictEqual({ ...empty, fee: 10, returned: 1, clearing: saga });
  });

  it('ends with nothing owed and the card free to borrow [AC-16]', () => {
    const card = owing(10);
    card.clear(10, saga);

    card.confirmClearing(saga);

    expect(card.snapshot()).toStrictEqual({ ...empty, returned: 1 });
    expect(card.status).toBe('RENT_AVAILABLE');
  });

  it('unlocks the card and leaves the fee when it is cancelled [A13] [AC-30]', () => {
    const card = owing(10);
    card.clear(10, saga);

    card.cancelClearing(saga);

    expect(card.snapshot()).toStrictEqual({ ...empty, fee: 10, returned: 1 });
    expect(card.status).toBe('RENT_UNAVAILABLE');
  });

  it.each<[string, CardItem]>([
    ['is on loan [A12] [AC-13]', bellRented],
    ['is being rented [A18]', bellRenting],
    ['is being returned, its fee not charged yet [E9]', { ...bellReturning, fee: 10 }],
  ])('refuses while a book %s', (_, item) => {
    const card = new RentalCard({ ...empty, items: [item], fee: 10 });
    const before = card.snapshot();

    expect(card.clear(10, other)).toStrictEqual({ refused: 'items-not-returned' });
    expect(card.snapshot()).toBe(before);
  });

  it.each<[string, number, number]>([
    ['less than the fee [A14] [AC-15]', 10, 9],
    ['more than the fee [A14]', 10, 11],
    ['nothing, when nothing is owed', 0, 0],
    ['something, when nothing is owed', 0, 10],
  ])('refuses %s', (_, fee, points) => {
    const card = owing(fee);
    const before = card.snapshot();

    expect(card.clear(points, saga)).toStrictEqual({ refused: 'wrong-amount' });
    expect(card.snapshot()).toBe(before);
  });

  it('refuses a second clearing beside the first [L7]', () => {
    const card = owing(10);
    card.clear(10, saga);
    const before = card.snapshot();

    expect(card.clear(10, other)).toStrictEqual({ refused: 'clearing-in-progress' });
    expect(card.snapshot()).toBe(before);
  });
});

describe('marking overdue', () => {
  it('marks what is past due, once, and makes the card unavailable', () => {
    const punctual = { ...bellRented, ...study, dueOn: plusDays(dueOn, 1) };
    const card = cardWith(bellRented, punctual, ...copies(1));

    expect(card.markOverdue('2023-01-16')).toBe(2);
    expect(card.snapshot().items).toStrictEqual([
      { ...bellRented, overdue: true },
      punctual,
      { ...copies(1)[0], overdue: true },
    ]);
    expect(card.status).toBe('RENT_UNAVAILABLE');
    expect(card.counts).toStrictEqual({ rented: 3, returned: 0, overdue: 2 });

    const marked = card.snapshot();
    expect(card.markOverdue('2023-01-16')).toBe(0);
    expect(card.snapshot()).toBe(marked);
  });

  it('marks nothing on the due day', () => {
    const card = cardWith(bellRented);
    const before = card.snapshot();

    expect(card.markOverdue(dueOn)).toBe(0);
    expect(card.snapshot()).toBe(before);
  });

  it('leaves what is being rented or returned to the next run [A19]', () => {
    const card = cardWith(bellRenting, { ...bellReturning, ...study });
    const before = card.snapshot();

    expect(card.markOverdue('2023-03-01')).toBe(0);
    expect(card.snapshot()).toBe(before);
  });

  it('waits 3 days for a new return after silence undid one', () => {
    const item: RentedItem = { ...bellRented, acceptedOn: '2023-01-15' };
    const card = cardWith(item);

    expect(card.markOverdue('2023-01-18')).toBe(0);
    expect(card.snapshot().items).toStrictEqual([item]);
    expect(card.markOverdue('2023-01-19')).toBe(1);
    expect(card.snapshot().items).toStrictEqual([{ ...item, overdue: true }]);
  });

  it.each<[string, CardItem[], LocalDate | undefined]>([
    ['the day after the earliest due date', [{ ...bellRented, dueOn: '2023-01-31' }, ...copies(1)], '2023-01-16'],
    ['the day the waiting ends', [{ ...bellRented, acceptedOn: '2023-01-15' }], '2023-01-19'],
    [
      'the day after the due date, when the waiting ends before',
      [{ ...bellRented, acceptedOn: '2023-01-02' }],
      '2023-01-16',
    ],
    [
      'never, when all is marked or in flight',
      [{ ...bellRented, overdue: true }, bellRenting, bellReturning],
      undefined,
    ],
  ])('would first find something %s', (_, items, next) => {
    expect(cardWith(...items).nextOverdueOn).toBe(next);
  });
});

describe('making a loan overdue by hand', () => {
  const today: LocalDate = '2023-01-03';
  const late: RentedItem = { ...bellRented, dueOn: '2023-01-02', overdue: true };

  it('makes it due the day before and marks it, so that one day is owed [AC-11] [AC-14]', () => {
    const card = cardWith(bellRented, ...copies(1));

    expect(card.makeOverdue(bell.no, today)).toBeUndefined();
    expect(card.snapshot()).toStrictEqual({ ...empty, items: [late, ...copies(1)] });
    expect(card.status).toBe('RENT_UNAVAILABLE');

    card.return(bell.no, saga, today);
    expect(card.confirmReturn(saga)).toStrictEqual({ ...bell, rentedOn: day, returnedOn: today, fee: 10 });
  });

  it('forgives nothing to a loan that is later than that already', () => {
    const card = cardWith(bellRented);

    card.makeOverdue(bell.no, '2023-02-20');
    card.makeOverdue(bell.no, '2023-02-21');

    expect(card.snapshot().items).toStrictEqual([{ ...bellRented, overdue: true }]);
  });

  it('drops the acceptance day that silence had left', () => {
    const card = cardWith({ ...bellRented, acceptedOn: '2023-01-02' });

    card.makeOverdue(bell.no, today);

    expect(card.snapshot().items).toStrictEqual([late]);
  });

  it.each<[string, CardItem[], string]>([
    ['a book that is not on the card', copies(1), 'item-not-rented'],
    ['a book that is being rented', [bellRenting], 'rent-in-progress'],
    ['a book that is being returned', [bellReturning], 'return-in-progress'],
  ])('refuses %s', (_, items, refused) => {
    const card = cardWith(...items);
    const before = card.snapshot();

    expect(card.makeOverdue(bell.no, today)).toStrictEqual({ refused });
    expect(card.snapshot()).toBe(before);
  });
});

describe('the saga on a book', () => {
  it('is the one in flight, and none once it is on loan or not there', () => {
    const card = cardWith(bellRenting, { ...bellReturning, ...study, saga: other }, ...copies(1));

    expect([bell.no, study.no, bookNo(10), bookNo(99)].map((no) => card.sagaOf(no))).toStrictEqual([
      saga,
      other,
      undefined,
      undefined,
    ]);
  });
});

describe('confirming or undoing what is not there', () => {
  it.each<[string, RentalCard]>([
    ['nothing', RentalCard.open(jenny)],
    ['a rent', cardWith(bellRenting)],
    ['a loan', cardWith(bellRented)],
    ['a return', cardWith(bellReturning)],
    ['a clearing', new RentalCard({ ...empty, fee: 10, clearing: saga })],
  ])('changes nothing, whatever another saga asks of a card with %s [E12] [D9]', (_, card) => {
    const before = card.snapshot();

    card.confirmRent(other);
    card.cancelRent(other);
    expect(card.confirmReturn(other)).toBeUndefined();
    card.cancelReturn(other, 'refused');
    card.cancelReturn(other, 'silence');
    card.confirmClearing(other);
    card.cancelClearing(other);

    expect(card.snapshot()).toBe(before);
  });

  it('changes nothing when a saga of one kind is taken for one of another kind', () => {
    const renting = cardWith(bellRenting);
    const returning = cardWith(bellReturning);
    const before = [renting.snapshot(), returning.snapshot()];

    expect(renting.confirmReturn(saga)).toBeUndefined();
    renting.cancelReturn(saga, 'silence');
    renting.cancelClearing(saga);
    returning.confirmRent(saga);
    returning.cancelRent(saga);
    returning.confirmClearing(saga);

    expect(renting.snapshot()).toBe(before[0]);
    expect(returning.snapshot()).toBe(before[1]);
  });

  it('undoes once what is undone twice [E2]', () => {
    const card = RentalCard.open(jenny);
    card.rent(bell, saga, day);
    card.cancelRent(saga);
    const undone = card.snapshot();

    card.cancelRent(saga);

    expect(card.snapshot()).toBe(undone);
    expect(undone).toStrictEqual(empty);
  });
});

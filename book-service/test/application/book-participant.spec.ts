import {
  itemRentCancelledContract,
  itemRentedContract,
  itemReturnCancelledContract,
  itemReturnConfirmedContract,
  itemReturnedContract,
} from '@library/shared-kernel/contracts/events';
import { bookNo, memberId, sagaId, type SagaId } from '@library/shared-kernel/domain/identifiers';
import type { IdName } from '@library/shared-kernel/domain/names';
import { ParticipantTrial } from '@library/shared-kernel/testing/participant-trial';
import { bookKind } from '../../src/application/book-kind';
import { bookParticipant } from '../../src/application/book-participant';
import type { BookRecord } from '../../src/application/book-record';
import { Book, type BookState, type Particulars } from '../../src/domain/book';

const jenny: IdName = { id: memberId('jenny'), name: '제니' };
const minsu: IdName = { id: memberId('minsu'), name: '민수' };
const rent = sagaId('rent');
const otherRent = sagaId('other-rent');
const bringBack = sagaId('bring-back');
const item = { no: bookNo(1), title: '누구를 위하여 종을 울리나?' };
const particulars: Particulars = {
  title: item.title,
  author: '한정헌',
  isbn: '1232141214',
  classification: 'LITERATURE',
  source: 'SUPPLY',
  location: 'JEONGJA',
};
const onShelf: BookState = { no: item.no, particulars, status: 'AVAILABLE' };
const lent: BookState = { no: item.no, particulars, status: 'UNAVAILABLE', holder: jenny, takenBy: rent };
const lentToMinsu: BookState = { ...lent, holder: minsu, takenBy: otherRent };

const asked = (idName: IdName) => ({ idName, item, point: 10 });
const reason = 'member-closed';

let trial: ParticipantTrial<BookRecord>;
beforeEach(() => {
  trial = new ParticipantTrial(bookKind, () => bookParticipant);
});

const arrange = (state: BookState) =>
  trial.change('1', [], (record) => {
    record.register(new Book(state));
    return true;
  });
const book = async () => (await trial.read('1'))?.book?.snapshot();
const strays = async () => (await trial.read('1'))?.strayReturns;

const doRent = (idName = jenny, saga = rent, at?: number) => trial.tell(itemRentedContract, saga, asked(idName), at);
const undoRent = (idName = jenny, saga = rent, at?: number) =>
  trial.tell(itemRentCancelledContract, saga, { ...asked(idName), reason }, at);
const doReturn = (idName = jenny, saga = bringBack, at?: number) =>
  trial.tell(itemReturnedContract, saga, asked(idName), at);
const undoReturn = (idName = jenny, saga = bringBack, at?: number) =>
  trial.tell(itemReturnCancelledContract, saga, { ...asked(idName), reason }, at);
const confirmReturn = (idName = jenny, saga = bringBack, at?: number) =>
  trial.tell(itemReturnConfirmedContract, saga, asked(idName), at);

/** Does it, and lets so much time pass that its fence is dropped; answers when it was announced. */
async function forgotten(state: BookState, does: () => Promise<unknown>, saga: SagaId) {
  const announcedAt = trial.now;
  await arrange(state);
  await does();
  await trial.pass(8);
  expect((await trial.read('1', [saga]))?.fences.of(saga)).toBeUndefined();
  return announcedAt;
}

it('has a part in renting and in returning, and none in clearing', () => {
  expect(trial.topics).toStrictEqual([
    'rental_rent',
    'rental_rent_cancel',
    'rental_return',
    'rental_return_cancel',
    'rental_return_confirm',
  ]);
});

describe('renting', () => {
  it('lends the book to the member', async () => {
    await arrange(onShelf);

    const { outcome, message } = await doRent();

    expect(outcome).toBe('applied');
    expect(await book()).toStrictEqual(lent);
    expect(message).toStrictEqual({
      id: 'rent:book:do:ok',
      topic: 'rental_result',
      body: { eventType: 'RENT', ...asked(jenny), success: true },
      time: trial.now,
      saga: rent,
      correlation: 'a-request',
      causation: 'rent:rental:do',
      participant: 'book',
    });
  });

  it('lends it once, however often it is told', async () => {
    await arrange(onShelf);
    const first = await doRent();

    const again = await doRent();

    expect(again).toStrictEqual({ ...first, outcome: 'repeated' });
    expect(await book()).toStrictEqual(lent);
  });

  it.each<[string, BookState, string]>([
    ['a book that somebody else has [A4]', lentToMinsu, 'book-not-available'],
    ['a book that this member has [A5]', { ...lent, takenBy: otherRent }, 'book-not-available'],
    ['a book that is not on the shelf', { ...onShelf, status: 'ENTERED' }, 'book-not-available'],
    ['a book that was withdrawn [A7]', { ...onShelf, status: 'WITHDRAWN' }, 'book-withdrawn'],
  ])('refuses %s, and leaves it as it is, also when told to undo that', async (_, state, code) => {
    await arrange(state);

    const refused = await doRent();

    expect(refused).toMatchObject({ outcome: 'refused', said: code });
    expect(refused.message).toMatchObject({
      id: `rent:book:do:${code}`,
      body: { eventType: 'RENT', ...asked(jenny), success: false, reason: code },
    });
    expect(await undoRent()).toMatchObject({ said: 'ok' });
    expect(await book()).toStrictEqual(state);
  });

  it('refuses a book that is not registered [A6]', async () => {
    expect(await doRent()).toMatchObject({ outcome: 'refused', said: 'book-not-found' });
    expect(await book()).toBeUndefined();
  });

  it('still refuses it when it has been registered since [A6b]', async () => {
    await doRent();
    await arrange(onShelf);

    expect(await doRent()).toMatchObject({ outcome: 'repeated', said: 'book-not-found' });
    expect(await book()).toStrictEqual(onShelf);
  });

  it('refuses again what it refused, though the book has come back since', async () => {
    await arrange(lentToMinsu);
    await doRent();
    await arrange(onShelf);

    expect(await doRent()).toMatchObject({ outcome: 'repeated', said: 'book-not-available' });
    expect(await book()).toStrictEqual(onShelf);
  });
});

describe('undoing a rent', () => {
  it('puts the book back on the shelf', async () => {
    await arrange(onShelf);
    await doRent();

    expect(await undoRent()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await book()).toStrictEqual(onShelf);
  });

  it('leaves nothing behind when told to do it again [E2]', async () => {
    await arrange(onShelf);
    await doRent();
    await undoRent();

    expect(await doRent()).toMatchObject({ outcome: 'withdrawn', said: 'withdrawn' });
    expect(await book()).toStrictEqual(onShelf);
  });

  it('holds off a rent that comes later [E1]', async () => {
    await arrange(onShelf);

    expect(await undoRent()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await doRent()).toMatchObject({ outcome: 'withdrawn', said: 'withdrawn' });
    expect(await book()).toStrictEqual(onShelf);
  });

  it('happens once, though the book has been lent again since', async () => {
    await arrange(onShelf);
    await doRent();
    await undoRent();
    await doRent(minsu, otherRent);

    expect(await undoRent()).toMatchObject({ outcome: 'repeated', said: 'ok' });
    expect(await book()).toStrictEqual(lentToMinsu);
  });

  it('is harmless for a book that is not registered', async () => {
    await doRent();

    expect(await undoRent()).toMatchObject({ said: 'ok' });
    expect(await book()).toBeUndefined();
  });

  describe('when its fence was dropped [D4b]', () => {
    it('goes by what the book shows', async () => {
      const at = await forgotten(onShelf, doRent, rent);

      expect(await undoRent(jenny, rent, at)).toMatchObject({ outcome: 'applied', said: 'ok' });
      expect(await book()).toStrictEqual(onShelf);
      expect(await undoRent(jenny, rent, at)).toMatchObject({ outcome: 'repeated', said: 'ok' });
    });

    it('leaves a later rent alone', async () => {
      const at = await forgotten(onShelf, doRent, rent);
      await arrange(lentToMinsu);

      expect(await undoRent(jenny, rent, at)).toMatchObject({ outcome: 'applied', said: 'ok' });
      expect(await book()).toStrictEqual(lentToMinsu);
    });

    it('has nothing to do with an announcement that comes again: that has expired [D4]', async () => {
      const at = await forgotten(onShelf, doRent, rent);
      await arrange(onShelf);

      expect(await doRent(jenny, rent, at)).toMatchObject({ outcome: 'expired', said: 'expired' });
      expect(await book()).toStrictEqual(onShelf);
    });
  });
});

describe('returning', () => {
  const comingBack: BookState = { ...lent, returning: bringBack };

  it('has the book come back when the return is confirmed', async () => {
    await arrange(lent);

    expect(await doReturn()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await book()).toStrictEqual(comingBack);
    expect(await confirmReturn()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await book()).toStrictEqual(onShelf);
    expect(await strays()).toBe(0);
  });

  it('confirms once, though the book has been lent again since', async () => {
    await arrange(lent);
    await doReturn();
    await confirmReturn();
    await doRent(minsu, otherRent);

    expect(await confirmReturn()).toMatchObject({ outcome: 'repeated', said: 'ok' });
    expect(await book()).toStrictEqual(lentToMinsu);
  });

  it('takes one return at a time', async () => {
    await arrange(comingBack);

    expect(await doReturn(jenny, sagaId('second'))).toMatchObject({ said: 'ok' });
    expect(await book()).toStrictEqual(comingBack);
    expect(await strays()).toBe(1);
  });

  it.each<[string, BookState | undefined]>([
    ['is on the shelf', onShelf],
    ['somebody else has', lentToMinsu],
    ['was withdrawn', { ...onShelf, status: 'WITHDRAWN' }],
    ['was never registered', undefined],
  ])('takes in a book that %s without effect, and counts that [A11]', async (_, state) => {
    if (state) await arrange(state);

    expect(await doReturn()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await strays()).toBe(1);
    await doReturn();
    expect(await strays()).toBe(1);
    expect(await confirmReturn()).toMatchObject({ said: 'ok' });
    expect(await book()).toStrictEqual(state);
  });

  it('has nothing to undo then', async () => {
    await arrange(lentToMinsu);
    await doReturn();

    expect(await undoReturn()).toMatchObject({ said: 'ok' });
    expect(await book()).toStrictEqual(lentToMinsu);
  });
});

describe('undoing a return', () => {
  it('leaves the book with its holder', async () => {
    await arrange(lent);
    await doReturn();

    expect(await undoReturn()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await book()).toStrictEqual(lent);
  });

  it('leaves nothing behind when told to do it again, or to confirm it', async () => {
    await arrange(lent);
    await doReturn();
    await undoReturn();

    expect(await doReturn()).toMatchObject({ outcome: 'withdrawn', said: 'withdrawn' });
    expect(await confirmReturn()).toMatchObject({ outcome: 'withdrawn', said: 'withdrawn' });
    expect(await book()).toStrictEqual(lent);
    expect(await strays()).toBe(0);
  });

  describe('when its fence was dropped [D4b]', () => {
    it('goes by what the book shows', async () => {
      const at = await forgotten(lent, doReturn, bringBack);

      expect(await undoReturn(jenny, bringBack, at)).toMatchObject({ outcome: 'applied', said: 'ok' });
      expect(await book()).toStrictEqual(lent);
    });

    it('leaves another return alone', async () => {
      const at = await forgotten(lent, doReturn, bringBack);
      const another: BookState = { ...lent, returning: sagaId('another') };
      await arrange(another);

      expect(await undoReturn(jenny, bringBack, at)).toMatchObject({ outcome: 'applied', said: 'ok' });
      expect(await book()).toStrictEqual(another);
    });

    it('can still be confirmed instead', async () => {
      const at = await forgotten(lent, doReturn, bringBack);

      expect(await confirmReturn(jenny, bringBack, at)).toMatchObject({ outcome: 'applied', said: 'ok' });
      expect(await book()).toStrictEqual(onShelf);
    });
  });
});

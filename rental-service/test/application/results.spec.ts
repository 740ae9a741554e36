import { sagaId } from '@library/shared-kernel/domain/identifiers';
import { Tampered } from '@library/shared-kernel/messaging/reaction';
import { book, jenny, RentalDesk } from './rental-desk';

describe('A result', () => {
  let desk: RentalDesk;

  beforeEach(() => {
    desk = new RentalDesk();
  });

  it('moves the saga, the card and the outbox in one commit, and the last one ends it [C11 G7]', async () => {
    const saga = await desk.began(desk.rent(1));
    await desk.hear('book', 'RENT', saga);
    await desk.hear('member', 'RENT', saga);
    const before = desk.store.commits;
    expect(await desk.hear('bestbook', 'RENT', saga)).toBe('applied');

    expect(desk.store.commits).toBe(before + 1);
    expect(await desk.itemStates()).toEqual(['1 RENTED']);
    expect(await desk.store.archive.find('saga', saga)).toMatchObject({ id: saga, status: 'COMPLETED' });
  });

  it('of a return archives the loan once it is agreed, and ends it when the book has confirmed [A20 I13]', async () => {
    await desk.rented(1);
    const saga = await desk.began(desk.return(1));
    await desk.publish();
    await desk.hear('book', 'RETURN', saga);
    await desk.hear('member', 'RETURN', saga);
    expect(await desk.publish()).toEqual([`${saga}:return:confirm`]);
    expect(await desk.store.archive.find('history', saga)).toEqual({
      no: 1,
      title: 'Book 1',
      rentedOn: '2023-02-11',
      returnedOn: '2023-02-11',
      fee: 0,
    });
    expect((await desk.sagas.find(saga))?.status).toBe('CONFIRMING');
    await desk.hear('book', 'RETURN_CONFIRM', saga);

    expect((await desk.sagas.find(saga))?.status).toBe('COMPLETED');
    expect(await desk.itemStates()).toEqual([]);
  });

  it('that refuses withdraws an announcement that is still waiting, and puts the card back when all have undone it [A4]', async () => {
    const saga = await desk.began(desk.rent(1));
    await desk.hear('book', 'RENT', saga, 'book-not-available');
    expect(await desk.publish()).toEqual([`${saga}:rent:undo`]);
    expect(await desk.itemStates()).toEqual(['1 RENTING']);
    for (const participant of ['book', 'member', 'bestbook'] as const)
      await desk.hear(participant, 'RENT_CANCEL', saga);

    expect(await desk.itemStates()).toEqual([]);
    expect(await desk.sagas.find(saga)).toMatchObject({ status: 'COMPENSATED', reason: 'book-not-available' });
  });

  it('that comes late, twice, for another saga or from nobody changes nothing, and says which it is [D2 D3 B10 E12]', async () => {
    const saga = await desk.began(desk.rent(1));
    await desk.hear('book', 'RENT', saga);
    const before = desk.store.commits;

    expect(await desk.hear('book', 'RENT', saga)).toBe('duplicate');
    expect(await desk.hear('book', 'RENT_CANCEL', saga)).toBe('late');
    expect(await desk.hear('book', 'RETURN', saga)).toBe('foreign');
    expect(await desk.hear(undefined, 'RENT', saga)).toBe('foreign');
    expect(await desk.hear('book', 'RENT', sagaId('another'))).toBe('late');
    expect(await desk.hear('book', 'RENT', sagaId('constructor'))).toBe('foreign');
    expect(await desk.hear('book', 'RENT', saga, undefined, { ...jenny, id: 'nobody' as typeof jenny.id })).toBe(
      'late',
    );
    expect(desk.store.commits).toBe(before);
    expect(desk.store.all()).toHaveLength(1);
  });

  it.each(['RENT', 'RENT_CANCEL'] as const)(
    'of %s about another book than the one announced was tampered with, and changes nothing',
    async (eventType) => {
      const saga = await desk.began(desk.rent(1));
      if (eventType === 'RENT_CANCEL') await desk.hear('member', 'RENT', saga, 'member-unknown');
      const before = desk.store.commits;

      await expect(desk.hear('book', eventType, saga, undefined, jenny, book(2))).rejects.toThrow(Tampered);
      expect(desk.store.commits).toBe(before);
      expect(await desk.hear('book', eventType, saga, undefined, jenny, book(1))).toBe('applied');
    },
  );

  it('for a saga that a newer release began is left to that release [O5]', async () => {
    const saga = await desk.began(desk.rent(1));
    await desk.cards.change(jenny.id, [], (record) => record.put({ ...record.saga(saga)!, definition: 2 }));
    const before = desk.store.commits;

    expect(await desk.hear('book', 'RENT', saga)).toBe('foreign');
    await desk.clock.advance(3_000);
    await desk.lookAfter.execute();
    expect(await desk.settle.execute(saga, 'book', { actor: 'a', reason: 'b' })).toBe('foreign');
    expect(desk.store.commits).toBe(before);
  });
});

describe('Settling by hand', () => {
  it('counts as the participant’s answer, with actor and reason in the story [D4b P4]', async () => {
    const desk = new RentalDesk();
    const saga = await desk.began(desk.rent(1));
    await desk.hear('book', 'RENT', saga, 'book-not-available');
    const by = { actor: 'librarian', reason: 'seen to' };
    expect(await desk.settle.execute(saga, 'book', by)).toBe('applied');
    expect(await desk.settle.execute(saga, 'book', by)).toBe('late');
    await desk.hear('member', 'RENT_CANCEL', saga);
    await desk.hear('bestbook', 'RENT_CANCEL', saga);

    const settled = await desk.sagas.find(saga);
    expect(settled?.status).toBe('COMPENSATED');
    expect(settled?.story).toContainEqual({
      at: desk.clock.now(),
      what: 'settled',
      participant: 'book',
      code: 'seen to',
      actor: 'librarian',
    });
    expect(await desk.settle.execute(saga, 'book', by)).toBeUndefined();
    expect(await desk.settle.execute(sagaId('unknown'), 'book', by)).toBeUndefined();
  });

  it('finds no saga in flight where one has ended and is only on its way to the archive', async () => {
    const desk = new RentalDesk();
    desk.store.archiveLater();
    const saga = await desk.rented(1);

    expect(await desk.settle.execute(saga, 'book', { actor: 'a', reason: 'b' })).toBeUndefined();
  });
});

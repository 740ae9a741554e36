import { bookNo, memberId, sagaId } from '@library/shared-kernel/domain/identifiers';
import { localDate } from '@library/shared-kernel/domain/local-date';
import type { Saga } from '@library/shared-kernel/saga/saga';
import type { Archive } from '@library/shared-kernel/store/records';
import type { CardLists, RentalCards } from '../../../src/application/ports';

export interface ListsUnderTest {
  readonly cards: RentalCards;
  readonly lists: CardLists;
  readonly archive: Archive;
  close(): Promise<void>;
}

const SAGA: Saga = {
  id: sagaId('s'),
  type: 'RENT',
  definition: 1,
  status: 'RUNNING',
  announced: { idName: { id: memberId('jenny'), name: 'jenny' }, point: 10 },
  steps: {},
  cause: { correlation: 'c' },
  story: [],
  resent: 0,
  startedAt: 0,
  since: 0,
};

/** Proves every promise of `CardLists`. */
export function describeCardLists(name: string, open: () => Promise<ListsUnderTest>): void {
  describe(`CardLists: ${name}`, () => {
    let storage: ListsUnderTest;

    beforeEach(async () => {
      storage = await open();
      for (const [member, rentedOn] of [
        ['jenny', '2026-01-01'],
        ['adam', '2026-01-10'],
        ['제니', undefined],
      ] as const) {
        await storage.cards.change(member, [], (record) => {
          const card = record.cardOf({ id: memberId(member), name: member });
          if (rentedOn === undefined) return member;
          const saga = sagaId(`saga of ${member}`);
          card.rent({ no: bookNo(1), title: 'a book' }, saga, localDate(rentedOn));
          card.confirmRent(saga);
          return member;
        });
      }
    });

    afterEach(() => storage.close());

    const members = async (...asked: Parameters<CardLists['list']>) =>
      (await storage.lists.list(...asked)).map(({ member: { id } }) => id);

    const unarchived = async () =>
      (await storage.lists.listUnarchived({ limit: 10 })).flatMap(({ member, sagas }) =>
        sagas.map(({ id, status }) => `${member}: ${id} ${status}`),
      );
    const put = (status: Saga['status']) =>
      storage.cards.change('jenny', [], (record) => record.put({ ...SAGA, status }));

    it('lists cards by member id, page by page', async () => {
      expect(await members({}, { limit: 10 })).toEqual(['adam', 'jenny', '제니']);
      expect(await members({}, { limit: 1 })).toEqual(['adam']);
      expect(await members({}, { limit: 2, after: 'adam' })).toEqual(['jenny', '제니']);
    });

    it('finds members with something to mark, and then the marked cards', async () => {
      const today = localDate('2026-01-20');
      expect(await storage.lists.findLate(today, { limit: 10 })).toEqual(['jenny']);
      expect(await members({ overdue: true }, { limit: 10 })).toEqual([]);

      await storage.cards.change('jenny', [], ({ card }) => void card?.markOverdue(today));
      expect(await storage.lists.findLate(today, { limit: 10 })).toEqual([]);
      expect(await members({ overdue: true }, { limit: 10 })).toEqual(['jenny']);
    });

    it('lists no saga while there is none', async () => {
      expect(await unarchived()).toEqual([]);
    });

    it('lists a saga in flight, and one that has ended until the archive has it', async () => {
      await put('RUNNING');
      expect(await unarchived()).toEqual(['jenny: s RUNNING']);

      await put('COMPLETED');
      // The record first: what moves meanwhile is seen in both places.
      const seen = new Set(await unarchived());
      for (const { id } of await storage.archive.listAll('saga', { limit: 10 })) seen.add(`jenny: ${id} COMPLETED`);
      expect([...seen]).toEqual(['jenny: s COMPLETED']);
    });
  });
}

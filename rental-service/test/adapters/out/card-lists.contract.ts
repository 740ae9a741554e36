import { bookNo, memberId, sagaId } from '@library/shared-kernel/domain/identifiers';
import { localDate } from '@library/shared-kernel/domain/local-date';
import type { CardLists, RentalCards } from '../../../src/application/ports';

export interface ListsUnderTest {
  readonly cards: RentalCards;
  readonly lists: CardLists;
  close(): Promise<void>;
}

/** Proves every promise of `CardLists`, but for sagas in flight, which their own specs begin. */
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

    it('lists nobody in flight while nobody is', async () => {
      expect(await storage.lists.listInFlight({ limit: 10 })).toEqual([]);
    });
  });
}

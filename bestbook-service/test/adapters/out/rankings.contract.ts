import { bookNo } from '@library/shared-kernel/domain/identifiers';
import { localDate } from '@library/shared-kernel/domain/local-date';
import type { CountsOfAll, CurrentGeneration, RentCounts } from '../../../src/application/ports';

export interface RankingsUnderTest {
  readonly rents: RentCounts;
  readonly counts: CountsOfAll & { discard(): Promise<void> };
  readonly current: CurrentGeneration;
  /** Resolves when the counts know all that the records do. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

const item = (no: number) => ({ no: bookNo(no), title: `book ${no}` });

/** Proves every promise of `CountsOfAll` and `CurrentGeneration`. */
export function describeRankings(name: string, open: () => Promise<RankingsUnderTest>): void {
  describe(`CountsOfAll: ${name}`, () => {
    let storage: RankingsUnderTest;

    beforeEach(async () => {
      storage = await open();
    });

    afterEach(() => storage.close());

    const count = async (no: number, day: string, times: number) => {
      const on = localDate(day);
      await storage.rents.change(String(no), [on], (record) => {
        for (let rent = 0; rent < times; rent++) record.add(item(no), on);
        return no;
      });
    };

    const ranked = async (...asked: Parameters<CountsOfAll['mostRented']>) =>
      (await storage.counts.mostRented(...asked))
        .map(({ item: { no }, rentCount }) => ({ no: Number(no), rentCount }))
        .toSorted((one, other) => other.rentCount - one.rentCount || one.no - other.no);

    it('answers the most rented since ever, and all that are even with the last of them', async () => {
      await count(1, '2026-01-01', 3);
      await count(2, '2026-01-02', 2);
      await count(3, '2026-01-02', 2);
      await count(4, '2026-01-02', 1);
      await storage.caughtUp();

      expect(await ranked(1)).toEqual([{ no: 1, rentCount: 3 }]);
      expect(await ranked(2)).toEqual([
        { no: 1, rentCount: 3 },
        { no: 2, rentCount: 2 },
        { no: 3, rentCount: 2 },
      ]);
      expect(await ranked(10)).toHaveLength(4);
      expect((await storage.counts.mostRented(1))[0]?.item).toEqual(item(1));
    });

    it('counts the days of a period, its first and its last included', async () => {
      await count(1, '2026-01-01', 3);
      await count(1, '2026-01-03', 1);
      await count(2, '2026-01-02', 2);
      await count(3, '2026-01-04', 5);
      // A fence, which is no day, whatever it is called.
      await storage.rents.change('2', ['2026-01-02-saga'], (record) => {
        record.entries.set('2026-01-02-saga', { answered: 'ok' }, 9_000);
      });
      await storage.caughtUp();

      expect(await ranked(10, localDate('2026-01-01'), localDate('2026-01-03'))).toEqual([
        { no: 1, rentCount: 4 },
        { no: 2, rentCount: 2 },
      ]);
      expect(await ranked(10, localDate('2026-01-02'))).toEqual([
        { no: 3, rentCount: 5 },
        { no: 2, rentCount: 2 },
        { no: 1, rentCount: 1 },
      ]);
      expect(await ranked(1, undefined, localDate('2026-01-02'))).toEqual([{ no: 1, rentCount: 3 }]);
    });

    it('forgets what was undone', async () => {
      const on = localDate('2026-01-01');
      await count(1, '2026-01-01', 1);
      await storage.rents.change('1', [on], (record) => record.takeOff(item(1), on));
      await storage.caughtUp();

      expect(await ranked(10)).toEqual([]);
      expect(await ranked(10, on, on)).toEqual([]);
    });

    it('is gone when it is discarded', async () => {
      await count(1, '2026-01-01', 1);
      await storage.caughtUp();

      await expect(storage.counts.discard()).resolves.toBeUndefined();
    });
  });

  describe(`CurrentGeneration: ${name}`, () => {
    it('is the first until another is chosen, and the newest that was', async () => {
      const storage = await open();
      expect(await storage.current.read()).toBe(1);
      await storage.current.choose(2);
      await storage.current.choose(3);
      expect(await storage.current.read()).toBe(3);
      await storage.close();
    });

    it('begins no number twice, and none that was chosen', async () => {
      const storage = await open();
      expect(await storage.current.begin()).toBe(2);
      expect(await storage.current.begin()).toBe(3);
      expect(await storage.current.read()).toBe(1);
      await storage.current.choose(7);
      expect(await storage.current.begin()).toBe(8);
      const begun = await Promise.all([storage.current.begin(), storage.current.begin()]);
      expect(begun.toSorted((one, other) => one - other)).toEqual([9, 10]);
      await storage.close();
    });
  });
}

import * as fc from 'fast-check';
import { bookNo } from '@library/shared-kernel/domain/identifiers';
import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import { RentCount } from '../../src/domain/rent-count';

const bell = { no: bookNo(1), title: '누구를 위하여 종을 울리나?' };
const monday: LocalDate = '2023-01-02';
const tuesday: LocalDate = '2023-01-03';

const counted = (total: number, ...days: [LocalDate, number][]) => new RentCount({ item: bell, total }, new Map(days));
const shown = (count: RentCount) => ({ ...count.snapshot(), days: Object.fromEntries(count.days) });

describe('how often a book was rented', () => {
  it('starts at nothing', () => {
    expect(shown(counted(0))).toStrictEqual({ item: bell, total: 0, days: {} });
  });

  it('counts a rent on its day and in all [AC-08]', () => {
    const count = counted(3, [monday, 1]);

    count.count(monday);
    count.count(tuesday);

    expect(shown(count)).toStrictEqual({ item: bell, total: 5, days: { [monday]: 2, [tuesday]: 1 } });
  });

  it('takes an undone rent off its own day, and in all [AC-20]', () => {
    const count = counted(5, [monday, 2], [tuesday, 1]);

    count.uncount(monday);

    expect(shown(count)).toStrictEqual({ item: bell, total: 4, days: { [monday]: 1, [tuesday]: 1 } });
  });

  it('keeps a day with 0 whose last rent was undone', () => {
    const count = counted(1, [monday, 1]);

    count.uncount(monday);

    expect(shown(count)).toStrictEqual({ item: bell, total: 0, days: { [monday]: 0 } });
  });

  it.each<[string, RentCount]>([
    ['that counts 0', counted(1, [monday, 0], [tuesday, 1])],
    ['that was never counted', counted(1, [tuesday, 1])],
  ])('has nothing to undo on a day %s', (_, count) => {
    const [state, days] = [count.snapshot(), count.days];

    count.uncount(monday);

    expect(count.snapshot()).toBe(state);
    expect(count.days).toBe(days);
  });

  it('leaves the days it was given untouched', () => {
    const given = new Map([[monday, 1]]);
    const count = new RentCount({ item: bell, total: 1 }, given);

    count.count(monday);
    count.uncount(tuesday);

    expect(given).toStrictEqual(new Map([[monday, 1]]));
    expect(count.days).toStrictEqual(new Map([[monday, 2]]));
  });

  it('is the sum of its days, none of them below 0, whatever is counted and undone', () => {
    const anyDay = fc.constantFrom<LocalDate>('2023-01-02', '2023-01-03', '2023-01-04');
    const change = fc.record({ ask: fc.constantFrom('count' as const, 'uncount' as const), day: anyDay });

    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const count = counted(0);
        const expected = new Map<LocalDate, number>();
        for (const { ask, day } of changes) {
          Object.freeze(count.snapshot());
          count[ask](day);
          const before = expected.get(day) ?? 0;
          if (ask === 'count' || before > 0) expected.set(day, ask === 'count' ? before + 1 : before - 1);

          expect(count.days).toStrictEqual(expected);
          expect(count.snapshot()).toStrictEqual({
            item: bell,
            total: [...expected.values()].reduce((sum, n) => sum + n, 0),
          });
        }
      }),
    );
  });
});

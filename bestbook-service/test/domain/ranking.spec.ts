import { bookNo } from '@library/shared-kernel/domain/identifiers';
import { rank } from '../../src/domain/ranking';

const book = (no: number, rentCount: number) => ({ item: { no: bookNo(no), title: `Book ${no}` }, rentCount });

describe('the best books', () => {
  it('begin with the one rented most often', () => {
    expect(rank([book(1, 2), book(2, 10), book(3, 9)], 10)).toStrictEqual([
      { ...book(2, 10), rank: 1 },
      { ...book(3, 9), rank: 2 },
      { ...book(1, 2), rank: 3 },
    ]);
  });

  it('share a rank when rented equally often, in order of their numbers, and the next is counted past them', () => {
    expect(rank([book(10, 5), book(7, 1), book(3, 8), book(9, 5), book(2, 8)], 10)).toStrictEqual([
      { ...book(2, 8), rank: 1 },
      { ...book(3, 8), rank: 1 },
      { ...book(9, 5), rank: 3 },
      { ...book(10, 5), rank: 3 },
      { ...book(7, 1), rank: 5 },
    ]);
  });

  it('end after the number that is asked for, also between books of one rank', () => {
    expect(rank([book(3, 5), book(2, 5), book(1, 9)], 2)).toStrictEqual([
      { ...book(1, 9), rank: 1 },
      { ...book(2, 5), rank: 2 },
    ]);
  });

  it('leave out what nobody rented, or whose rents were all undone [AC-20]', () => {
    expect(rank([book(1, 0), book(2, 1)], 10)).toStrictEqual([{ ...book(2, 1), rank: 1 }]);
    expect(rank([book(1, 0)], 10)).toStrictEqual([]);
  });

  it('show item, count and rank, and leave the counts as they were given', () => {
    const counts = Object.freeze([{ ...book(1, 1), version: 7 }, book(2, 2)]);

    expect(rank(counts, 10)).toStrictEqual([
      { ...book(2, 2), rank: 1 },
      { ...book(1, 1), rank: 2 },
    ]);
  });
});

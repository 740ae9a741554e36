import type { Item } from '@library/shared-kernel/domain/names';

export interface CountedBook {
  readonly item: Item;
  readonly rentCount: number;
}

export interface RankedBook extends CountedBook {
  /** From 1; books rented equally often share a rank, and the next one is counted past them (1, 1, 3). */
  readonly rank: number;
}

/** The `top` most rented books, those of one rank by number; a book that was never rented has no rank. */
export function rank(counts: readonly CountedBook[], top: number): RankedBook[] {
  const rented = counts
    .filter(({ rentCount }) => rentCount > 0)
    .toSorted((one, other) => other.rentCount - one.rentCount || one.item.no - other.item.no);
  const placeOf = (count: number) => rented.findIndex(({ rentCount }) => rentCount === count) + 1;

  return rented.slice(0, top).map(({ item, rentCount }) => ({ item, rentCount, rank: placeOf(rentCount) }));
}

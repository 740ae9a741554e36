import type { IdName, Item } from '@library/shared-kernel/domain/names';

export const RENT_POINTS = 10;
export const RETURN_POINTS = 10;

/** A slot on the card was taken for the book; `point` is what a completed rent earns. */
export interface ItemRented {
  readonly idName: IdName;
  readonly item: Item;
  readonly point: number;
}

/** A return was accepted and its late fee fixed; `point` is what a completed return earns. */
export interface ItemReturned {
  readonly idName: IdName;
  readonly item: Item;
  readonly point: number;
}

/** The clearing of a card was accepted; `point` is the fee to be spent. */
export interface OverdueCleared {
  readonly idName: IdName;
  readonly point: number;
}

export const itemRented = (idName: IdName, item: Item, point: number): ItemRented => ({ idName, item, point });
export const itemReturned = (idName: IdName, item: Item, point: number): ItemReturned => ({ idName, item, point });
export const overdueCleared = (idName: IdName, point: number): OverdueCleared => ({ idName, point });

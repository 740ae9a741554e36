import type { BookNo, SagaId } from '@library/shared-kernel/domain/identifiers';
import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import type { IdName, Item } from '@library/shared-kernel/domain/names';
import { isRefusal, refuse, type Refusal } from '@library/shared-kernel/domain/refusal';
import { isMarked, madeOverdue, owes, rented, renting, returned, returning, unreturned } from './card-item';
import type { ReturnedItem } from './card-item';
import { find, markLate, nextLateOn, notTwice, onLoan, rentingBy, replace, returningBy, without } from './card-items';
import type { CardItems, NotOnLoan, NotTwice } from './card-items';
import { itemRented, itemReturned, overdueCleared, RENT_POINTS, RETURN_POINTS } from './events';
import type { ItemRented, ItemReturned, OverdueCleared } from './events';

const RENTAL_LIMIT = 5;

type NotRentable = Refusal<'clearing-in-progress' | 'card-unavailable' | 'limit-reached'> | NotTwice;
type NotClearable = Refusal<'clearing-in-progress' | 'items-not-returned' | 'wrong-amount'>;

export interface RentalCardState {
  readonly member: IdName;
  readonly items: CardItems;
  /** Points owed for late returns. */
  readonly fee: number;
  /** How many returns ever completed. */
  readonly returned: number;
  readonly clearing?: SagaId;
}

/** A member's card: what is on loan, what is owed, and whether more may be borrowed. */
export class RentalCard {
  constructor(private state: RentalCardState) {}

  static open(member: IdName): RentalCard {
    return new RentalCard({ member, items: [], fee: 0, returned: 0 });
  }

  rent(item: Item, saga: SagaId, on: LocalDate): ItemRented | NotRentable {
    const { member, items, clearing } = this.state;
    if (clearing) return refuse('clearing-in-progress');
    if (this.unavailable) return refuse('card-unavailable');
    if (items.length >= RENTAL_LIMIT) return refuse('limit-reached');
    const twice = notTwice(items, item.no);
    if (twice) return twice;

    this.state = { ...this.state, items: [...items, renting(item, saga, on)] };

    return itemRented(member, item, RENT_POINTS);
  }

  confirmRent(saga: SagaId): void {
    const item = rentingBy(this.state.items, saga);
    if (item) this.state = { ...this.state, items: replace(this.state.items, item, rented(item)) };
  }

  cancelRent(saga: SagaId): void {
    const item = rentingBy(this.state.items, saga);
    if (item) this.state = { ...this.state, items: without(this.state.items, item) };
  }

  return(no: BookNo, saga: SagaId, on: LocalDate): ItemReturned | NotOnLoan {
    const item = onLoan(this.state.items, no);
    if (isRefusal(item)) return item;

    this.state = { ...this.state, items: replace(this.state.items, item, returning(item, saga, on)) };

    return itemReturned(this.state.member, { no, title: item.title }, RETURN_POINTS);
  }

  /** The loan that ended; undefined when nothing of this saga is on the card. */
  confirmReturn(saga: SagaId): ReturnedItem | undefined {
    const { items, fee, returned: ever } = this.state;
    const item = returningBy(items, saga);
    if (!item) return undefined;

    this.state = { ...this.state, items: without(items, item), fee: fee + item.fee, returned: ever + 1 };

    return returned(item);
  }

  cancelReturn(saga: SagaId, because: 'refused' | 'silence'): void {
    const item = returningBy(this.state.items, saga);
    if (item) this.state = { ...this.state, items: replace(this.state.items, item, unreturned(item, because)) };
  }

  /** A card that owes nothing has nothing to clear. */
  clear(points: number, saga: SagaId): OverdueCleared | NotClearable {
    const { member, items, fee, clearing } = this.state;
    if (clearing) return refuse('clearing-in-progress');
    if (items.length > 0) return refuse('items-not-returned');
    if (fee === 0 || points !== fee) return refuse('wrong-amount');

    this.state = { ...this.state, clearing: saga };

    return overdueCleared(member, points);
  }

  confirmClearing(saga: SagaId): void {
    const { clearing, ...cleared } = this.state;
    if (clearing === saga) this.state = { ...cleared, fee: 0 };
  }

  cancelClearing(saga: SagaId): void {
    const { clearing, ...unlocked } = this.state;
    if (clearing === saga) this.state = unlocked;
  }

  /** Marks what is past due on `today`, leaving what is in flight to the next run; answers how many it marked. */
  markOverdue(today: LocalDate): number {
    const { items, marked } = markLate(this.state.items, today);
    if (marked > 0) this.state = { ...this.state, items };
    return marked;
  }

  /** Makes a loan late by a day, so that lateness can be shown without waiting for it. */
  makeOverdue(no: BookNo, today: LocalDate): void | NotOnLoan {
    const item = onLoan(this.state.items, no);
    if (isRefusal(item)) return item;

    this.state = { ...this.state, items: replace(this.state.items, item, madeOverdue(item, today)) };
  }

  /** Derived, so that no undo can restore it wrongly. */
  get unavailable(): boolean {
    const { items, fee, clearing } = this.state;
    return clearing !== undefined || fee > 0 || items.some((item) => isMarked(item) || owes(item));
  }

  get status(): 'RENT_AVAILABLE' | 'RENT_UNAVAILABLE' {
    return this.unavailable ? 'RENT_UNAVAILABLE' : 'RENT_AVAILABLE';
  }

  /** Books on the card now, pending ones included; returns ever completed; books marked overdue now. */
  get counts(): { readonly rented: number; readonly returned: number; readonly overdue: number } {
    const { items, returned: ever } = this.state;
    return { rented: items.length, returned: ever, overdue: items.filter(isMarked).length };
  }

  /** The rent or return in flight on this book. */
  sagaOf(no: BookNo): SagaId | undefined {
    const item = find(this.state.items, no);
    return item?.state === 'RENTED' ? undefined : item?.saga;
  }

  /** The first day on which `markOverdue` would find something, as the card is now; it may have passed. */
  get nextOverdueOn(): LocalDate | undefined {
    return nextLateOn(this.state.items);
  }

  snapshot(): RentalCardState {
    return this.state;
  }
}

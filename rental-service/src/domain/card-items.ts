import type { BookNo, SagaId } from '@library/shared-kernel/domain/identifiers';
import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import { refuse, type Refusal } from '@library/shared-kernel/domain/refusal';
import { markedOverdue, overdueFrom } from './card-item';
import type { CardItem, RentedItem, RentingItem, ReturningItem } from './card-item';

/** What is on one card, each book once. */
export type CardItems = readonly CardItem[];

export type NotTwice = Refusal<'already-rented' | 'rent-in-progress' | 'return-in-progress'>;
export type NotOnLoan = Refusal<'item-not-rented' | 'rent-in-progress' | 'return-in-progress'>;

export function find(items: CardItems, no: BookNo): CardItem | undefined {
  return items.find((item) => item.no === no);
}

/** Why this book cannot be rented once more; undefined when it is not on the card. */
export function notTwice(items: CardItems, no: BookNo): NotTwice | undefined {
  switch (find(items, no)?.state) {
    case undefined:
      return undefined;
    case 'RENTED':
      return refuse('already-rented');
    case 'RENTING':
      return refuse('rent-in-progress');
    case 'RETURNING':
      return refuse('return-in-progress');
  }
}

/** The loan that could end now, or why there is none. */
export function onLoan(items: CardItems, no: BookNo): RentedItem | NotOnLoan {
  const item = find(items, no);
  if (!item) return refuse('item-not-rented');
  if (item.state === 'RENTING') return refuse('rent-in-progress');
  if (item.state === 'RETURNING') return refuse('return-in-progress');
  return item;
}

export function rentingBy(items: CardItems, saga: SagaId): RentingItem | undefined {
  return items.find((item): item is RentingItem => item.state === 'RENTING' && item.saga === saga);
}

export function returningBy(items: CardItems, saga: SagaId): ReturningItem | undefined {
  return items.find((item): item is ReturningItem => item.state === 'RETURNING' && item.saga === saga);
}

export function replace(items: CardItems, old: CardItem, item: CardItem): CardItems {
  return items.map((other) => (other === old ? item : other));
}

export function without(items: CardItems, old: CardItem): CardItems {
  return items.filter((item) => item !== old);
}

/** The first day on which `markLate` would find something; undefined when it never would. */
export function nextLateOn(items: CardItems): LocalDate | undefined {
  const days = items.map(overdueFrom).filter((day) => day !== undefined);
  return days.toSorted()[0];
}

/** The items with every loan marked that is late on `today`, and how many were marked now. */
export function markLate(items: CardItems, today: LocalDate): { readonly items: CardItems; readonly marked: number } {
  const late = items.filter((item): item is RentedItem => isLate(item, today));
  const marked = late.reduce<CardItems>((others, item) => replace(others, item, markedOverdue(item)), items);
  return { items: marked, marked: late.length };
}

function isLate(item: CardItem, today: LocalDate): boolean {
  const from = overdueFrom(item);
  return from !== undefined && from <= today;
}

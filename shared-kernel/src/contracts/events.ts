import type { z } from 'zod';
import type { Answerers, Direction, EventContract, SagaType } from './event-contract';
import { cardBodySchema, itemBodySchema, reasonSchema } from './bodies';

function contract<Body, const Answered extends Answerers, Saga extends SagaType, Asked extends Direction>(
  type: string,
  topic: string,
  saga: Saga,
  direction: Asked,
  body: z.ZodType<Body>,
  answeredBy: Answered,
): EventContract<Body, Answered, Saga, Asked> {
  return { type, topic, saga, direction, body, answeredBy };
}

const itemBodyWithReason = itemBodySchema.extend({ reason: reasonSchema });
const cardBodyWithReason = cardBodySchema.extend({ reason: reasonSchema });

export const itemRentedContract = contract('ItemRented', 'rental_rent', 'RENT', 'do', itemBodySchema, {
  book: ['book-not-available', 'book-not-found', 'book-withdrawn'],
  member: ['member-not-found', 'member-closed'],
  bestbook: [],
});

export const itemRentCancelledContract = contract(
  'ItemRentCancelled',
  'rental_rent_cancel',
  'RENT',
  'undo',
  itemBodyWithReason,
  {
    book: [],
    member: ['not-enough-points'],
    bestbook: [],
  },
);

export const itemReturnedContract = contract('ItemReturned', 'rental_return', 'RETURN', 'do', itemBodySchema, {
  book: [],
  member: [],
});

export const itemReturnCancelledContract = contract(
  'ItemReturnCancelled',
  'rental_return_cancel',
  'RETURN',
  'undo',
  itemBodyWithReason,
  {
    book: [],
    member: ['not-enough-points'],
  },
);

export const itemReturnConfirmedContract = contract(
  'ItemReturnConfirmed',
  'rental_return_confirm',
  'RETURN',
  'confirm',
  itemBodySchema,
  {
    book: [],
  },
);

export const overdueClearedContract = contract('OverdueCleared', 'overdue_clear', 'OVERDUE', 'do', cardBodySchema, {
  member: ['member-not-found', 'member-closed', 'not-enough-points'],
});

export const overdueClearCancelledContract = contract(
  'OverdueClearCancelled',
  'overdue_clear_cancel',
  'OVERDUE',
  'undo',
  cardBodyWithReason,
  {
    member: [],
  },
);

/** Every event that rental publishes and participants answer. */
export const SAGA_EVENTS = [
  itemRentedContract,
  itemRentCancelledContract,
  itemReturnedContract,
  itemReturnCancelledContract,
  itemReturnConfirmedContract,
  overdueClearedContract,
  overdueClearCancelledContract,
] as const;

export type SagaEventContract = (typeof SAGA_EVENTS)[number];

import {
  itemReturnCancelledContract,
  itemReturnConfirmedContract,
  itemReturnedContract,
} from '@library/shared-kernel/contracts/events';
import { sagaOf } from '@library/shared-kernel/saga/saga-definition';
import type { ReturnedItem } from '../../domain/card-item';
import type { RentalCard } from '../../domain/rental-card';

/** Returning a book: once both agree the loan is history, and the book may be lent again when it has confirmed. */
export const returnSaga = sagaOf<RentalCard, ReturnedItem>()({
  type: 'RETURN',
  announces: itemReturnedContract,
  withdraws: itemReturnCancelledContract,
  confirms: itemReturnConfirmedContract,
  awaits: ['book', 'member'],
  agreed: (card, saga) => card.confirmReturn(saga),
  compensated: (card, saga, because) => card.cancelReturn(saga, because),
});

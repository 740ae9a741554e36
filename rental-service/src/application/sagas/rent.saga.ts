import { itemRentCancelledContract, itemRentedContract } from '@library/shared-kernel/contracts/events';
import { sagaOf } from '@library/shared-kernel/saga/saga-definition';
import type { RentalCard } from '../../domain/rental-card';

/** Renting a book: all three agree, or it looks as if nothing happened. */
export const rentSaga = sagaOf<RentalCard>()({
  type: 'RENT',
  announces: itemRentedContract,
  withdraws: itemRentCancelledContract,
  awaits: ['book', 'member', 'bestbook'],
  agreed: (card, saga) => card.confirmRent(saga),
  compensated: (card, saga) => card.cancelRent(saga),
});

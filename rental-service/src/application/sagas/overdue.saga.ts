import { overdueClearCancelledContract, overdueClearedContract } from '@library/shared-kernel/contracts/events';
import { sagaOf } from '@library/shared-kernel/saga/saga-definition';
import type { RentalCard } from '../../domain/rental-card';

/** Clearing an overdue card: the member pays the fee in points, and may rent again. */
export const overdueSaga = sagaOf<RentalCard>()({
  type: 'OVERDUE',
  announces: overdueClearedContract,
  withdraws: overdueClearCancelledContract,
  awaits: ['member'],
  agreed: (card, saga) => card.confirmClearing(saga),
  compensated: (card, saga) => card.cancelClearing(saga),
});

import type { Saga } from '@library/shared-kernel/saga/saga';
import type { SagaDefinition } from '@library/shared-kernel/saga/saga-definition';
import type { ReturnedItem } from '../../domain/card-item';
import type { RentalCard } from '../../domain/rental-card';
import { overdueSaga } from './overdue.saga';
import { rentSaga } from './rent.saga';
import { returnSaga } from './return.saga';

export type RentalSaga = SagaDefinition<RentalCard, ReturnedItem>;

/** Every version that may still be in flight; a saga ends by the one that it began with. */
export const RENTAL_SAGAS: readonly RentalSaga[] = [rentSaga, returnSaga, overdueSaga];

/** Undefined when a newer release has started it: then it is left for an instance that knows how to end it. */
export function definitionOf(saga: Pick<Saga, 'type' | 'definition'>): RentalSaga | undefined {
  return RENTAL_SAGAS.find(({ type, version }) => type === saga.type && version === saga.definition);
}

import type { Route } from '@library/shared-kernel/http/routes';
import { cardRoutes } from './card-routes';
import { loanRoutes } from './loan-routes';
import { sagaRoutes } from './saga-routes';
import type { RentalUseCases } from './use-cases';

export function rentalRoutes(useCases: RentalUseCases): readonly Route[] {
  return [...cardRoutes(useCases), ...loanRoutes(useCases), ...sagaRoutes(useCases)];
}

// breaks kernel-knows-no-service
import type { RentalCard } from '../../../rental-service/src/domain/rental-card';

export type Named = RentalCard;

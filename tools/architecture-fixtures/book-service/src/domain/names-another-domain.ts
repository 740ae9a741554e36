// breaks domain-imports-domain
// breaks services-meet-on-the-wire
import type { RentalCard } from '../../../rental-service/src/domain/rental-card';

export type Named = RentalCard;

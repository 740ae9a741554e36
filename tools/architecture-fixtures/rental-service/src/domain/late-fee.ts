import type { RentalCard } from './rental-card';

export const lateFee = (card: RentalCard): number => card.items.length;

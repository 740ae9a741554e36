import type { Item } from '../../../shared-kernel/src/domain/item';

export type RentalCard = { items: Item[] };

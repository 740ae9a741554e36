// breaks adapters-in-and-out-are-strangers
import type { cards } from '../../out/embedded/rental-cards';

export type Named = typeof cards;

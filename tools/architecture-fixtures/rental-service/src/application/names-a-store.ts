// breaks application-imports-domain-and-ports
import type { cards } from '../adapters/out/embedded/rental-cards';

export type Named = typeof cards;

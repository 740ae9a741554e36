// breaks domain-imports-domain
import { type cards } from '../adapters/out/embedded/rental-cards';

export type Named = typeof cards;

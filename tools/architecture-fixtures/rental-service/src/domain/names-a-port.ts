// breaks domain-imports-domain
import type { Ports } from '../application/ports';

export type Named = Ports;

// breaks domain-imports-domain
import type { Clock } from '../../../shared-kernel/src/time/clock';

export type Named = Clock;

import type { StoredRecord } from '../../../shared-kernel/src/store/records';
import type { Clock } from '../../../shared-kernel/src/time/clock';
import type { RentalCard } from '../domain/rental-card';

export type Ports = { clock: Clock; record: StoredRecord; card: RentalCard };

import type { Registry } from 'prom-client';
import type { MessageLog } from '../messaging/message-log';
import type { Parking } from '../messaging/parking';
import type { SagaTiming } from '../saga/timing';
import type { Leases } from '../store/lease';
import type { Calendar } from '../time/calendar';
import type { Clock } from '../time/clock';
import type { Logger } from './logger';
import type { Randomness } from './uuid-v7';

/** What a service is started in, whatever it is made of: time, messages, and ways to be observed. */
export interface World {
  readonly clock: Clock;
  readonly calendar: Calendar;
  readonly timing: SagaTiming;
  readonly log: MessageLog;
  readonly parking: Parking;
  /** Absent where no other process runs the same service. */
  readonly leases?: Leases;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Where new ids get their random bits; absent: from the machine. */
  readonly randomness?: Randomness;
}

import type { Outbox } from '../outbox/outbox';

export type StoredRecord = { outbox: Outbox };

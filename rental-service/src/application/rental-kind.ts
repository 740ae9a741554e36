import type { RecordKind } from '@library/shared-kernel/store/records';
import { RentalRecord } from './rental-record';
import type { StoredRental } from './rental-record';

/** How members' cards are stored. */
export const rentalKind = {
  name: 'rental_cards',
  open: (_id, body, outbox, entries) => new RentalRecord(body as StoredRental | undefined, outbox, entries),
  bodyOf: (record) => record.body(),
  dueAt: ({ inFlight }) => (inFlight.length === 0 ? undefined : Math.min(...inFlight.map(({ dueAt }) => dueAt ?? 0))),
  aliases: ({ inFlight, leaving }) => [...inFlight, ...leaving].map(({ id }) => id),
  columns: { late_on: 'text', overdue: 'integer' },
  columnsOf: ({ card }) => ({ late_on: card?.nextOverdueOn, overdue: card && card.counts.overdue > 0 ? 1 : undefined }),
} as const satisfies RecordKind<RentalRecord>;

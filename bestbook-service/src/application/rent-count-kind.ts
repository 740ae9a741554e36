import type { RecordKind } from '@library/shared-kernel/store/records';
import type { CountedBook } from '../domain/ranking';
import { RentCountRecord } from './rent-count-record';
import type { StoredRentCount } from './rent-count-record';

/** How the rent counts of one generation are stored. */
export function rentCountKind(generation: number): RecordKind<RentCountRecord> {
  return {
    name: `rent_counts_${generation}`,
    open: (_id, body, outbox, entries) => new RentCountRecord(body as StoredRentCount | undefined, outbox, entries),
    bodyOf: (record) => record.body(),
    columns: { total: 'integer' },
    columnsOf: ({ count }) => ({ total: count?.total }),
  };
}

/** The book of a record's stored body, counted so often; none when it was never rented. */
export function countedIn(body: string, rentCount: number): readonly CountedBook[] {
  const { count } = JSON.parse(body) as StoredRentCount;
  return count ? [{ item: count.item, rentCount }] : [];
}

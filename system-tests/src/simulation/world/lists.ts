import type { CardLists, Page } from '@library/rental-service/application/ports';
import type { RentalRecord } from '@library/rental-service/application/rental-record';
import { memberId } from '@library/shared-kernel/domain/identifiers';
import type { SimulatedStore } from './simulated-store';

/** The members' cards as lists, by the columns that are kept beside each record. */
export function cardListsOf(store: SimulatedStore<RentalRecord>): CardLists {
  const page = ({ limit, after = '' }: Page, fits: (columns: Readonly<Record<string, unknown>>) => boolean) =>
    store
      .all()
      .filter(([id, { columns }]) => id > after && fits(columns))
      .slice(0, limit)
      .map(([id, stored]) => ({ member: memberId(id), record: store.opened(id, stored, []) }));

  return {
    list: async ({ overdue = false }, asked) =>
      page(asked, (columns) => !overdue || columns['overdue'] === 1).flatMap(
        ({ record }) => record.card?.snapshot() ?? [],
      ),
    findLate: async (today, asked) =>
      page(asked, ({ late_on: lateOn }) => typeof lateOn === 'string' && lateOn <= today).map(({ member }) => member),
    listUnarchived: async (asked) =>
      page(asked, () => true)
        .map(({ member, record }) => ({ member, sagas: [...record.inFlight, ...record.leaving] }))
        .filter(({ sagas }) => sagas.length > 0),
  };
}

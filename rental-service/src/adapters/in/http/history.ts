import type { MemberId, SagaId } from '@library/shared-kernel/domain/identifiers';
import type { Archive } from '@library/shared-kernel/store/records';
import type { RentalCards } from '../../../application/ports';
import type { Sagas } from '../../../application/sagas';
import type { ReturnedItem } from '../../../domain/card-item';

/** Where the loans that have ended are found, each under the id of the saga that ended it. */
export interface ReturnedItems {
  readonly cards: Pick<RentalCards, 'read'>;
  readonly archive: Pick<Archive, 'find'>;
}

type Found = ReturnedItem | undefined;

/** The loans that these sagas have ended; undefined for one that has ended none. */
export async function findReturned(
  { cards, archive }: ReturnedItems,
  member: MemberId,
  sagas: readonly SagaId[],
): Promise<readonly Found[]> {
  // The record first: what it has left may still be on its way to the archive.
  const leaving = (await cards.read(member))?.outbox.leaving ?? [];
  const onTheWay = new Map(leaving.flatMap(({ kind, id, document }) => (kind === 'history' ? [[id, document]] : [])));
  const find = async (saga: SagaId) => (onTheWay.get(saga) ?? (await archive.find('history', saga))) as Found;
  return Promise.all(sagas.map(find));
}

/** A member's loans that have ended, the newest first. A page may be short, or empty, and yet have a next one. */
export async function listReturned(
  { sagas, ...where }: ReturnedItems & { readonly sagas: Pick<Sagas, 'list'> },
  member: MemberId,
  page: { readonly limit: number; readonly before?: string },
): Promise<{ readonly items: readonly ReturnedItem[]; readonly next?: string }> {
  const { sagas: returns, ...more } = await sagas.list({ type: 'RETURN', member }, page);
  const found = await findReturned(
    where,
    member,
    returns.map(({ id }) => id),
  );
  return { items: found.filter((item) => item !== undefined), ...more };
}

import type { DatedEntry } from '@library/member-service/application/member-record';
import type { CardItem } from '@library/rental-service/domain/card-item';
import type { Saga } from '@library/shared-kernel/saga/saga';
import type { Stores } from '../world/stores';

/** What there is in the end. */
export interface Ending {
  /** In flight and ended. */
  readonly sagas: readonly Saga[];
  /** By member, what is on the card. */
  readonly items: ReadonlyMap<string, readonly CardItem[]>;
  /** How many books were ever registered, and how many adjustments of points there are. */
  readonly books: number;
  readonly adjustments: number;
}

export async function endingOf({ rental, book, member }: Stores): Promise<Ending> {
  const archived = await rental.archive.listAll('saga', { limit: Infinity });
  const records = rental.living();
  const ledger = await member.archive.listAll('ledger', { limit: Infinity });
  return {
    sagas: [...archived.map(({ document }) => document as Saga), ...records.flatMap((record) => record.inFlight)],
    items: new Map(
      records.flatMap(({ card }) => (card ? [[card.snapshot().member.id, card.snapshot().items] as const] : [])),
    ),
    books: book.living().filter((record) => record.book).length,
    adjustments: ledger.filter(({ document }) => (document as DatedEntry).step === 'ADJUSTMENT').length,
  };
}

/** All that anybody could notice of what has happened: who has what, who owes and owns what, and what is counted. */
export function effectsIn({ rental, book, member, bestbook }: Stores): string {
  return JSON.stringify([
    rental.living().map(({ card }) => card?.snapshot()),
    book.living().map((record) => record.book?.snapshot()),
    member.living().map((record) => record.member?.snapshot()),
    bestbook.living().map(({ count }) => count),
  ]);
}

import type { Collection, Filter } from 'mongodb';
import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import { memberId } from '@library/shared-kernel/domain/identifiers';
import type { MemberId } from '@library/shared-kernel/domain/identifiers';
import { translated } from '@library/shared-kernel/mongodb/mongo-fault';
import type { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import type { ArchiveEntry } from '@library/shared-kernel/outbox/outbox';
import type { Saga } from '@library/shared-kernel/saga/saga';
import type { CardLists, Page } from '../../../application/ports';
import { rentalKind } from '../../../application/rental-kind';
import { NOTHING_STORED } from '../../../application/rental-record';
import type { StoredRental } from '../../../application/rental-record';
import type { RentalCardState } from '../../../domain/rental-card';

interface CardDocument {
  readonly _id: string;
  readonly body?: string;
  readonly late_on?: string;
  readonly overdue?: number;
  /** Archive entries, as JSON. */
  readonly leaving?: readonly { readonly text: string }[];
  readonly dueAt?: number;
  readonly movingSince?: number;
}

/** The members' cards, selected by the columns that are kept beside each record. */
export class MongoCardLists implements CardLists {
  private readonly documents: Collection<CardDocument>;

  constructor(database: Pick<ServiceDatabase, 'collection'>) {
    this.documents = database.collection(rentalKind.name);
  }

  async list({ overdue }: { readonly overdue?: boolean }, page: Page): Promise<readonly RentalCardState[]> {
    return (await this.select(overdue ? { overdue: 1 } : {}, page)).flatMap(({ body }) => stored(body).card ?? []);
  }

  async findLate(today: LocalDate, page: Page): Promise<readonly MemberId[]> {
    return (await this.select({ late_on: { $lte: today } }, page)).map(({ _id }) => memberId(_id));
  }

  async listUnarchived(page: Page): Promise<readonly { readonly member: MemberId; readonly sagas: readonly Saga[] }[]> {
    const unarchived = { $or: [{ dueAt: { $exists: true } }, { movingSince: { $exists: true } }] };
    return (await this.select(unarchived, page)).map(({ _id, body, leaving = [] }) => ({
      member: memberId(_id),
      sagas: [...Object.values(stored(body).sagas), ...leaving.flatMap(({ text }) => endedSaga(text))],
    }));
  }

  private select(condition: Filter<CardDocument>, { limit, after = '' }: Page): Promise<readonly CardDocument[]> {
    const found = this.documents
      .find({ ...condition, _id: { $gt: after } }, { projection: { body: 1, leaving: 1 } })
      .sort({ _id: 1 })
      .limit(limit)
      .toArray();
    return translated(found);
  }
}

function endedSaga(leaving: string): readonly Saga[] {
  const { kind, document } = JSON.parse(leaving) as ArchiveEntry;
  return kind === 'saga' ? [document as Saga] : [];
}

/** A record that only keeps answers has no body. */
function stored(body: string | undefined): StoredRental {
  return body === undefined ? NOTHING_STORED : (JSON.parse(body) as StoredRental);
}

import type { Collection } from 'mongodb';
import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import { translated } from '@library/shared-kernel/mongodb/mongo-fault';
import { entriesOf } from '@library/shared-kernel/mongodb/service-database';
import type { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import type { CountsOfAll } from '../../../application/ports';
import { countedIn } from '../../../application/rent-count-kind';
import type { CountedBook } from '../../../domain/ranking';

const ALL_DAYS = { first: '0000-00-00', last: '9999-99-99' };

interface CountDocument {
  readonly _id: string;
  readonly total?: number;
  readonly body: string;
}

interface DayDocument {
  readonly _id: string;
  readonly record: string;
  /** The day. */
  readonly key: string;
  readonly value: number;
  readonly until?: number;
}

/** The counts of one generation, added up where they lie: a moment after the records, from where the days move. */
export class MongoCountsOfAll implements CountsOfAll {
  private readonly counts: Collection<CountDocument>;
  private readonly days: Collection<DayDocument>;

  constructor(
    private readonly database: Pick<ServiceDatabase, 'collection' | 'drop'>,
    /** The name of the generation's record kind. */
    private readonly kind: string,
  ) {
    this.counts = database.collection(kind);
    this.days = database.collection(entriesOf(kind), [{ fields: { key: 1, until: 1, record: 1, value: 1 } }]);
  }

  /** Drops the generation's collections. */
  async discard(): Promise<void> {
    await this.database.drop(this.kind);
    await this.database.drop(entriesOf(this.kind));
  }

  async mostRented(top: number, from?: LocalDate, to?: LocalDate): Promise<readonly CountedBook[]> {
    return from === undefined && to === undefined
      ? this.ever(top)
      : this.between(top, from ?? ALL_DAYS.first, to ?? ALL_DAYS.last);
  }

  private async ever(top: number): Promise<readonly CountedBook[]> {
    const ranked = this.counts.find({ total: { $gt: 0 } }, { projection: { total: 1 } }).sort({ total: -1 });
    const [last] = await translated(
      ranked
        .skip(top - 1)
        .limit(1)
        .toArray(),
    );
    const most = await translated(this.counts.find({ total: { $gte: last?.total ?? 1 } }).toArray());
    return most.flatMap(({ body, total = 0 }) => countedIn(body, total));
  }

  private async between(top: number, from: string, to: string): Promise<readonly CountedBook[]> {
    const sums = await translated(
      this.days
        .aggregate<{ readonly _id: string; readonly rents: number }>([
          // Of a book's entries only the counts by day are kept for ever.
          { $match: { key: { $gte: from, $lte: to }, until: { $exists: false } } },
          { $group: { _id: '$record', rents: { $sum: '$value' } } },
          { $match: { rents: { $gt: 0 } } },
          { $sort: { rents: -1 } },
        ])
        .toArray(),
    );
    const least = sums[top - 1]?.rents ?? 0;
    const rents = new Map(sums.filter((sum) => sum.rents >= least).map(({ _id: record, rents: sum }) => [record, sum]));
    const books = await translated(this.counts.find({ _id: { $in: [...rents.keys()] } }).toArray());
    return books.flatMap(({ _id, body }) => countedIn(body, rents.get(_id) ?? 0));
  }
}

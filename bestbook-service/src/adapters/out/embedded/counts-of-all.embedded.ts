import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import type { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import type { CountsOfAll } from '../../../application/ports';
import { countedIn } from '../../../application/rent-count-kind';
import type { CountedBook } from '../../../domain/ranking';

const ALL_DAYS = { first: '0000-00-00', last: '9999-99-99' };

/** The counts of one generation, added up where they lie. */
export class EmbeddedCountsOfAll implements CountsOfAll {
  constructor(
    private readonly file: Pick<ServiceFile, 'rows' | 'drop' | 'createMissing'>,
    /** The name of the generation's record kind. */
    private readonly table: string,
  ) {
    // Of a book's entries only the counts by day are kept for ever.
    file.createMissing(
      `CREATE INDEX IF NOT EXISTS ${table}_days ON ${table}_entry(key, record, value) WHERE until IS NULL`,
    );
  }

  /** Drops the generation's tables. */
  discard(): Promise<void> {
    return this.file.drop(this.table);
  }

  async mostRented(top: number, from?: LocalDate, to?: LocalDate): Promise<readonly CountedBook[]> {
    return from === undefined && to === undefined
      ? this.ever(top)
      : this.between(top, from ?? ALL_DAYS.first, to ?? ALL_DAYS.last);
  }

  private async ever(top: number): Promise<readonly CountedBook[]> {
    const [last] = await this.file.rows<{ total: number }>(
      `SELECT total FROM ${this.table} WHERE total > 0 ORDER BY total DESC LIMIT 1 OFFSET ?`,
      top - 1,
    );
    const counts = await this.file.rows<{ body: string; total: number }>(
      `SELECT body, total FROM ${this.table} WHERE total >= ?`,
      last?.total ?? 1,
    );
    return counts.flatMap(({ body, total }) => countedIn(body, total));
  }

  private async between(top: number, from: string, to: string): Promise<readonly CountedBook[]> {
    const counts = await this.file.rows<{ body: string; rents: number }>(
      `SELECT body, rents FROM (SELECT record, sum(value) AS rents FROM ${this.table}_entry
         WHERE until IS NULL AND key BETWEEN ? AND ? GROUP BY record HAVING rents > 0)
       JOIN ${this.table} ON id = record ORDER BY rents DESC`,
      from,
      to,
    );
    const least = counts[top - 1]?.rents ?? 0;
    return counts.filter(({ rents }) => rents >= least).flatMap(({ body, rents }) => countedIn(body, rents));
  }
}

import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import type { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import type { CountsOfAll } from '../../../application/ports';
import { countedIn } from '../../../application/rent-count-kind';
import type { CountedBook } from '../../../domain/ranking';

const ALL_DAYS = { first: '0000-00-00', last: '9999-99-99' };

/** The counts of one generation, added up where they lie. */
export class EmbeddedCountsOfAll implements CountsOfAll {
  constructor(
    private readonly file: Pick<SqlFile, 'statement'>,
    /** The name of the generation's record kind. */
    private readonly table: string,
  ) {
    // Of a book's entries only the counts by day are kept for ever.
    file
      .statement(`CREATE INDEX IF NOT EXISTS ${table}_days ON ${table}_entry(key, record, value) WHERE until IS NULL`)
      .run();
  }

  /** Drops the generation's tables. */
  async discard(): Promise<void> {
    for (const table of [this.table, `${this.table}_entry`]) this.file.statement(`DROP TABLE ${table}`).run();
  }

  async mostRented(top: number, from?: LocalDate, to?: LocalDate): Promise<readonly CountedBook[]> {
    return from === undefined && to === undefined
      ? this.ever(top)
      : this.between(top, from ?? ALL_DAYS.first, to ?? ALL_DAYS.last);
  }

  private ever(top: number): readonly CountedBook[] {
    const last = this.file
      .statement<{ total: number }>(
        `SELECT total FROM ${this.table} WHERE total > 0 ORDER BY total DESC LIMIT 1 OFFSET ?`,
      )
      .all(top - 1)[0];
    return this.file
      .statement<{ body: string; total: number }>(`SELECT body, total FROM ${this.table} WHERE total >= ?`)
      .all(last?.total ?? 1)
      .flatMap(({ body, total }) => countedIn(body, total));
  }

  private between(top: number, from: string, to: string): readonly CountedBook[] {
    const counts = this.file
      .statement<{ body: string; rents: number }>(
        `SELECT body, rents FROM (SELECT record, sum(value) AS rents FROM ${this.table}_entry
           WHERE until IS NULL AND key BETWEEN ? AND ? GROUP BY record HAVING rents > 0)
         JOIN ${this.table} ON id = record ORDER BY rents DESC`,
      )
      .all(from, to);
    const least = counts[top - 1]?.rents ?? 0;
    return counts.filter(({ rents }) => rents >= least).flatMap(({ body, rents }) => countedIn(body, rents));
  }
}

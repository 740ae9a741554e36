import type { JournaledFile } from './journaled-file';
import type { SqlStatement } from './sql-file';
import type { SqlRow } from './pending-sql';
import { literalRow } from './sql-value';
import type { SqlLiteral, SqlValue } from './sql-value';

/** So many rows at a time, the most that fit first: calling the driver costs more than what it is asked to do with a row. */
const WIDTHS = [64, 16, 4, 1] as const;
const ROWS = '<rows>';

type WrittenRow = readonly (SqlValue | SqlLiteral)[];

type Statements = Pick<JournaledFile, 'statement'>;

/** Writes many rows by one statement, in whose text `sql` puts `(…),(…),…` where it wants them. */
export class WideWrite {
  private readonly sql: string;
  private readonly end: string;

  constructor(
    private readonly file: Pick<JournaledFile, 'write'>,
    private readonly table: string,
    sql: (rows: string) => string,
    /** The key of what a row replaces as a whole; undefined when it leaves some of it as it was. */
    private readonly keyOf?: (row: WrittenRow) => string | undefined,
  ) {
    // A failure ends the transaction: whoever waits for a commit would wait for the end of one that is left open.
    const [begin = '', end = ''] = sql(ROWS)
      .replace(/^INSERT\b/u, 'INSERT OR ROLLBACK')
      .split(ROWS);
    this.sql = begin;
    this.end = end;
  }

  /** As part of the commit in hand. */
  run(rows: readonly WrittenRow[]): void {
    if (rows.length === 0) return;
    this.file.write({ table: this.table, sql: this.sql, rows: this.rowsOf(rows), end: this.end });
  }

  private rowsOf(rows: readonly WrittenRow[]): readonly SqlRow[] {
    const { keyOf } = this;
    if (keyOf) return rows.map((row) => ({ text: literalRow(row), key: keyOf(row) }));
    let text = '';
    for (const row of rows) text += text === '' ? literalRow(row) : `,${literalRow(row)}`;
    return [{ text, key: undefined }];
  }
}

/** Selects by many rows of values at a time, which stand in the text given by `sql` as `(?,?),(?,?),…`. */
export class WideSelect<Row extends object = Record<string, SqlValue>> {
  private readonly statements = new Map<number, Pick<SqlStatement<Row>, 'all'>>();

  constructor(
    private readonly file: Statements,
    private readonly columns: number,
    private readonly sql: (rows: string) => string,
  ) {}

  all(rows: readonly (readonly SqlValue[])[]): Row[] {
    const found: Row[] = [];
    let next = 0;
    for (const width of WIDTHS) {
      for (; rows.length - next >= width; next += width) {
        // By hand: `flat` takes several times as long.
        const values: SqlValue[] = [];
        for (let index = next; index < next + width; index++) for (const value of rows[index] ?? []) values.push(value);
        found.push(...this.ofWidth(width).all(...values));
      }
    }
    return found;
  }

  private ofWidth(width: number): Pick<SqlStatement<Row>, 'all'> {
    let statement = this.statements.get(width);
    if (!statement) {
      const row = `(${Array(this.columns).fill('?').join(',')})`;
      statement = this.file.statement<Row>(this.sql(Array(width).fill(row).join(',')));
      this.statements.set(width, statement);
    }
    return statement;
  }
}

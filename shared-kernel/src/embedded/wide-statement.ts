import type { SqlFile, SqlStatement } from './sql-file';
import { literalRow } from './sql-value';
import type { SqlValue } from './sql-value';

/** So many rows at a time, the most that fit first: calling the driver costs more than what it is asked to do with a row. */
const WIDTHS = [64, 16, 4, 1] as const;
/** So few rows are sooner stored by prepared statements than by a text that must be parsed. */
const FEW = 4;
/** The most characters of rows in one text; SQLite takes a billion bytes, and as much memory again to parse them. */
const MOST_CHARACTERS = 500_000;
const ROWS = '<rows>';

/** A statement over many rows at a time, in which the text given by `sql` puts `(?,?),(?,?),…` where it wants them. */
export class WideStatement<Row extends object = Record<string, SqlValue>> {
  private readonly statements = new Map<number, SqlStatement<Row>>();
  /**
   * What stands before and behind the rows. Whoever waits for a commit would wait for the end of a transaction that a
   * failure leaves open.
   */
  private readonly around: readonly string[];

  constructor(
    private readonly file: SqlFile,
    private readonly columns: number,
    private readonly sql: (rows: string) => string,
  ) {
    this.around = sql(ROWS)
      .replace(/^INSERT\b/u, 'INSERT OR ROLLBACK')
      .split(ROWS);
  }

  /** Writes the rows, at the latest by the commit: nothing in this transaction may look for them any more. */
  run(rows: readonly (readonly SqlValue[])[]): void {
    const literals = rows.length > FEW ? rows.map(literalRow) : [];
    // All of them or none, because rows are written in the order in which they are given.
    if (!literals.every(isShort) || literals.length === 0) {
      return this.each(rows, (statement, values) => statement.run(...values));
    }
    let text = '';
    for (const literal of literals) {
      if (text.length + literal.length > MOST_CHARACTERS) {
        this.runAtCommit(text);
        text = '';
      }
      text += text === '' ? literal : `,${literal}`;
    }
    this.runAtCommit(text);
  }

  all(rows: readonly (readonly SqlValue[])[]): Row[] {
    const found: Row[] = [];
    this.each(rows, (statement, values) => found.push(...statement.all(...values)));
    return found;
  }

  private runAtCommit(rows: string): void {
    this.file.runAtCommit(this.around.join(rows));
  }

  private each(
    rows: readonly (readonly SqlValue[])[],
    use: (statement: SqlStatement<Row>, values: SqlValue[]) => void,
  ): void {
    let next = 0;
    for (const width of WIDTHS) {
      for (; rows.length - next >= width; next += width) {
        // By hand: `flat` takes several times as long, for every value that is written.
        const values: SqlValue[] = [];
        for (let index = next; index < next + width; index++) for (const value of rows[index] ?? []) values.push(value);
        use(this.ofWidth(width), values);
      }
    }
  }

  private ofWidth(width: number): SqlStatement<Row> {
    let statement = this.statements.get(width);
    if (!statement) {
      const row = `(${Array(this.columns).fill('?').join(',')})`;
      statement = this.file.statement<Row>(this.sql(Array(width).fill(row).join(',')));
      this.statements.set(width, statement);
    }
    return statement;
  }
}

function isShort(literal: string | undefined): literal is string {
  return literal !== undefined && literal.length <= MOST_CHARACTERS;
}

import type { SqlFile, SqlStatement, SqlValue } from './sql-file';

/** So many rows at a time, the most that fit first: calling the driver costs more than what it is asked to do with a row. */
const WIDTHS = [64, 16, 4, 1] as const;

/** A statement over many rows at a time, in which the text given by `sql` puts `(?,?),(?,?),…` where it wants them. */
export class WideStatement<Row extends object = Record<string, SqlValue>> {
  private readonly statements = new Map<number, SqlStatement<Row>>();

  constructor(
    private readonly file: SqlFile,
    private readonly columns: number,
    private readonly sql: (rows: string) => string,
  ) {}

  run(rows: readonly (readonly SqlValue[])[]): void {
    this.each(rows, (statement, values) => statement.run(...values));
  }

  all(rows: readonly (readonly SqlValue[])[]): Row[] {
    const found: Row[] = [];
    this.each(rows, (statement, values) => found.push(...statement.all(...values)));
    return found;
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

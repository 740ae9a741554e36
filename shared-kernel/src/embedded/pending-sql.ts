/** A statement that is part of a commit; its values stand in it as literals. */
export interface SqlWrite {
  /** What is written to one table keeps its order. */
  readonly table: string;
  /** All of it, or what stands before the rows. */
  readonly sql: string;
  /** Rows, `(1,'a'),(2,'b')`, that may come together with those of other commits; then `end` stands behind them. */
  readonly rows?: string;
  readonly end?: string;
}

/** A statement whose rows are there as bytes: so they cost the garbage collector nothing while they wait. */
export type PendingWrite = Omit<SqlWrite, 'rows'> & { readonly rows?: Buffer };

interface Group {
  readonly first: PendingWrite;
  readonly rows: Buffer[];
  bytes: number;
}

/** The most bytes of rows in one statement; SQLite takes a billion, and as much memory again to parse them. */
const MOST_BYTES = 500_000;
const COMMA = Buffer.from(',');

/** What several commits write, as few statements: the rows of each table come together as long as their order allows it. */
export class PendingSql {
  private readonly groups: Group[] = [];
  private readonly lastOf = new Map<string, Group>();
  bytes = 0;

  add(write: PendingWrite): void {
    const { table, sql, rows } = write;
    const bytes = rows?.length ?? sql.length;
    this.bytes += bytes;
    const last = this.lastOf.get(table);
    if (last && rows && fits(last, write)) {
      last.rows.push(COMMA, rows);
      last.bytes += bytes;
      return;
    }
    const group = { first: write, rows: rows ? [rows] : [], bytes };
    this.groups.push(group);
    this.lastOf.set(table, group);
  }

  /** The statements, one behind the other, and `last`. */
  text(last: string): string {
    const parts: Buffer[] = [];
    for (const { first, rows } of this.groups)
      parts.push(Buffer.from(first.sql), ...rows, Buffer.from(`${first.end ?? ''};`));
    parts.push(Buffer.from(last));
    return Buffer.concat(parts).toString();
  }

  /** The same, and then what came later. */
  followedBy(later: PendingSql): PendingSql {
    const both = new PendingSql();
    for (const { first, rows } of [...this.groups, ...later.groups]) {
      both.add(rows.length === 0 ? first : { ...first, rows: Buffer.concat(rows) });
    }
    return both;
  }
}

function fits({ first, bytes }: Group, { sql, rows, end }: PendingWrite): boolean {
  return (
    first.rows !== undefined && first.sql === sql && first.end === end && bytes + (rows?.length ?? 0) <= MOST_BYTES
  );
}

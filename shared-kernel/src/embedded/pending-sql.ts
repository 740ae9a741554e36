/** A statement that is part of a commit; its values stand in it as literals. */
export interface SqlWrite {
  /** What is written to one table keeps its order. */
  readonly table: string;
  /** All of it, or what stands before the rows. */
  readonly sql: string;
  /** Rows that may come together with those of other commits; then `end` stands behind them. */
  readonly rows?: readonly SqlRow[];
  readonly end?: string;
}

export interface SqlRow {
  /** Its literals in brackets, `(1,'a')`; or several of them, `(1,'a'),(2,'b')`, without a key. */
  readonly text: string;
  /** Of the rows of one key in a statement only the last is written: it must leave the same whatever those before it did. */
  readonly key: string | undefined;
}

/** Where a row lies in the text of those written with it: as bytes, which cost the garbage collector little while they wait. */
interface RowBytes {
  readonly text: Buffer;
  readonly from: number;
  readonly to: number;
}

/** The most bytes of rows in one statement; SQLite takes a billion, and as much memory again to parse them. */
const MOST_BYTES = 500_000;
const COMMA = Buffer.from(',');

/** As they stand in a statement. */
export function textOfRows(rows: readonly SqlRow[]): string {
  let joined = '';
  for (const { text } of rows) joined += joined === '' ? text : `,${text}`;
  return joined;
}

/**
 * What several commits write, as few statements: the rows of each table come together as long as their order allows it, and
 * of those that have a key only the last is left.
 */
export class PendingSql {
  private readonly groups: Group[] = [];
  private readonly lastOf = new Map<string, Group>();
  /** What the statements weigh. */
  bytes = 0;
  /** The same, with the rows that need not be written any more: they may lie in memory until all is applied. */
  inMemory = 0;

  /** `text` is that of its rows, as it lies in the frame. */
  add({ table, sql, rows = [], end = '' }: SqlWrite, text: Buffer): void {
    let group = this.lastOf.get(table);
    if (!group || rows.length === 0 || group.sql !== sql || group.end !== end) {
      group = new Group(sql, end);
      this.groups.push(group);
      this.lastOf.set(table, group);
      this.weigh(sql.length);
    }

    // Mostly ASCII, where a character is a byte.
    const isAscii = text.length === lengthOf(rows);
    let from = 0;
    for (const { text: row, key } of rows) {
      const to = from + (isAscii ? row.length : Buffer.byteLength(row));
      this.bytes -= group.add({ text, from, to }, key);
      this.weigh(to - from);
      from = to + COMMA.length;
    }
  }

  /** The statements, one behind the other. */
  parts(): readonly Buffer[] {
    return this.groups.flatMap((group) => group.parts());
  }

  /** The same, and then what came later. */
  followedBy(later: PendingSql): PendingSql {
    const both = new PendingSql();
    for (const group of [...this.groups, ...later.groups]) both.groups.push(group);
    for (const [table, group] of later.lastOf) both.lastOf.set(table, group);
    both.bytes = this.bytes + later.bytes;
    both.inMemory = this.inMemory + later.inMemory;
    return both;
  }

  private weigh(bytes: number): void {
    this.bytes += bytes;
    this.inMemory += bytes;
  }
}

/** A statement without rows, or the rows of one, which are many statements when they weigh much. */
class Group {
  private readonly rows: (RowBytes | undefined)[] = [];
  private readonly newest = new Map<string, number>();

  constructor(
    readonly sql: string,
    readonly end: string,
  ) {}

  /** Answers how many bytes need not be written any more. */
  add(row: RowBytes, key: string | undefined): number {
    const before = key === undefined ? undefined : this.newest.get(key);
    if (key !== undefined) this.newest.set(key, this.rows.length);
    this.rows.push(row);
    if (before === undefined) return 0;
    const { from, to } = this.rows[before]!;
    this.rows[before] = undefined;
    return to - from;
  }

  parts(): readonly Buffer[] {
    const begin = Buffer.from(this.sql);
    const end = Buffer.from(`${this.end};`);
    const parts: Buffer[] = [begin];
    let bytes = 0;
    for (const { text, from, to } of this.rows.filter((row) => row !== undefined)) {
      if (bytes > 0 && bytes + to - from > MOST_BYTES) {
        parts.push(end, begin);
        bytes = 0;
      } else if (bytes > 0) parts.push(COMMA);
      parts.push(text.subarray(from, to));
      bytes += to - from;
    }
    parts.push(end);
    return parts;
  }
}

/** Of their text, in characters. */
function lengthOf(rows: readonly SqlRow[]): number {
  return rows.reduce((sum, { text }) => sum + text.length, rows.length - 1);
}

import type { OutgoingMessage } from '../messaging/event-message';
import { Outbox } from '../outbox/outbox';
import { Entries, type KeptEntry } from '../store/entries';
import type { ExpiredEntries, LivingRecord, RecordKind, WaitingRecord } from '../store/records';
import type { JournaledFile, Overlay } from './journaled-file';
import type { SqlStatement } from './sql-file';
import { jsonLiteral } from './sql-value';
import type { SqlLiteral, SqlValue } from './sql-value';
import { tooNew } from './storage-fault';
import { WideSelect, WideWrite } from './wide-statement';

/** A record as it is stored, its entries apart. Never changed: a change makes a new one. */
export interface StoredRecord {
  readonly version: number;
  /** Undefined when the record holds nothing but entries and messages. */
  readonly body: unknown;
  readonly waiting: readonly OutgoingMessage[];
  /** When each of them was added, in milliseconds since the epoch. */
  readonly waitingSince: readonly number[];
  readonly aliases: readonly string[];
}

/** A record that is to be written. */
export interface RecordRow {
  readonly id: string;
  readonly version: number;
  /** Absent: the stored one stays. */
  readonly body?: { readonly value: unknown };
  readonly waiting: readonly OutgoingMessage[];
  readonly waitingSince: readonly number[];
  readonly aliases: readonly string[];
  readonly dueAt: number | undefined;
  readonly columns: Readonly<Record<string, string | number | undefined>>;
}

export interface EntryRow {
  readonly record: string;
  readonly key: string;
  /** Undefined: it is to be deleted. */
  readonly kept: KeptEntry | undefined;
}

/** Lists of declared columns, each one an index. */
export type Indexes = readonly (readonly string[])[];

/** In the order of the table: what is looked at without the body comes before it. */
const OWN_COLUMNS = ['id', 'version', 'aliases', 'due_at', 'outbox_since', 'outbox', 'body'];

const BODY_AT = OWN_COLUMNS.indexOf('body');

/**
 * The tables of one kind of record, `<kind>` and `<kind>_entry`, with all SQL about them. Services may select from
 * `<kind>` by the columns that the kind declares.
 */
export class RecordTable<Living extends LivingRecord> {
  private readonly declared: readonly string[];
  private readonly upsert: WideWrite;
  private readonly upsertEntry: WideWrite;
  private readonly deleteEntry: WideWrite;
  private readonly select: WideSelect<{
    id: string;
    version: number;
    body: string;
    outbox: string;
    aliases: string;
  }>;
  private readonly selectEntry: WideSelect<{ record: string; key: string; value: string; until: number | null }>;

  /** Creates what is missing: the tables, columns that the kind has come to declare, indexes. */
  constructor(
    private readonly file: JournaledFile,
    private readonly kind: RecordKind<Living>,
    indexes: Indexes,
  ) {
    const table = kind.name;
    this.declared = Object.keys(kind.columns ?? {});
    [table, ...this.declared].forEach(mustBeIdentifier);

    file.direct.inTransaction(() => {
      this.createTables();
      this.addColumns();
      this.createIndexes(indexes);
    });

    const columns = [...OWN_COLUMNS, ...this.declared].map(quoted);
    const updates = columns.map((column) =>
      // A body that stays is not sent again: NULL keeps it.
      column === '"body"' ? 'body = coalesce(excluded.body, body)' : `${column} = excluded.${column}`,
    );
    this.upsert = new WideWrite(
      file,
      table,
      (rows) =>
        `INSERT INTO ${table} (${columns.join()}) VALUES ${rows} ON CONFLICT (id) DO UPDATE SET ${updates.join()}`,
      // Without a body it leaves the one that is stored.
      (row) => (row[BODY_AT] === null ? undefined : (row[0] as string)),
    );
    this.upsertEntry = new WideWrite(
      file,
      `${table}_entry`,
      (rows) =>
        `INSERT INTO ${table}_entry (record, key, value, until) VALUES ${rows} ON CONFLICT (key, record) DO UPDATE SET value = excluded.value, until = excluded.until`,
    );
    this.deleteEntry = new WideWrite(
      file,
      `${table}_entry`,
      (rows) => `DELETE FROM ${table}_entry WHERE (record, key) IN (VALUES ${rows})`,
    );
    this.select = new WideSelect(
      file,
      1,
      (rows) => `SELECT id, version, body, outbox, aliases FROM ${table} WHERE id IN (VALUES ${rows})`,
    );
    this.selectEntry = new WideSelect(
      file,
      2,
      // CROSS JOIN: look for each of the wanted ones in the table, never the opposite.
      (rows) =>
        `SELECT record, key, value, until FROM (VALUES ${rows}) AS wanted CROSS JOIN ${table}_entry
         WHERE record = wanted.column1 AND key = wanted.column2`,
    );
  }

  /** What the SQL shows: without what is not applied yet. */
  load(ids: readonly string[]): [id: string, stored: StoredRecord][] {
    return this.select.all(ids.map((id) => [id])).map(({ id, version, body, outbox, aliases }) => [
      id,
      {
        version,
        body: valueOf(body),
        ...waitingIn(outbox),
        aliases: (valueOf(aliases) ?? []) as string[],
      },
    ]);
  }

  /** What the SQL shows: without what is not applied yet. */
  loadEntries(wanted: readonly (readonly [record: string, key: string])[]): EntryRow[] {
    return this.selectEntry.all(wanted).map(({ record, key, value, until }) => {
      const parsed = valueOf(value);
      return { record, key, kept: until === null ? { value: parsed } : { value: parsed, until } };
    });
  }

  /** The last key that begins with this character, of the entries that are applied. */
  lastKey(first: string): string | undefined {
    const sql = `SELECT key FROM ${this.kind.name}_entry WHERE key >= ? AND key < ? ORDER BY key DESC LIMIT 1`;
    const [last] = this.file.statement<{ key: string }>(sql).all(first, String.fromCharCode(first.charCodeAt(0) + 1));
    return last?.key;
  }

  /** Keeps what is not applied yet, for those who load. */
  follow(overlay: Overlay): void {
    this.file.follow(overlay);
  }

  write(rows: readonly RecordRow[]): void {
    this.upsert.run(
      rows.map(({ id, version, aliases, dueAt, waiting, waitingSince, body, columns }) => [
        id,
        version,
        textOf(aliases.length === 0 ? undefined : aliases),
        dueAt ?? null,
        // The order is that in which they were added; but a clock may be set back.
        waiting.length === 0 ? null : Math.min(...waitingSince),
        textOfWaiting(waiting, waitingSince),
        body ? textOf(body.value) : null,
        ...this.declared.map((column) => columns[column] ?? null),
      ]),
    );
  }

  writeEntries(rows: readonly EntryRow[]): void {
    const kept: (SqlValue | SqlLiteral)[][] = [];
    const deleted: SqlValue[][] = [];
    for (const { record, key, kept: entry } of rows) {
      if (entry) kept.push([record, key, textOf(entry.value), entry.until ?? null]);
      else deleted.push([record, key]);
    }
    this.upsertEntry.run(kept);
    this.deleteEntry.run(deleted);
  }

  /** Every alias, with the id of the record that carries it. */
  aliases(): Map<string, string> {
    const rows = this.file
      .statement<{ id: string; aliases: string }>(`SELECT id, aliases FROM ${this.kind.name} WHERE aliases <> ''`)
      .all();
    return new Map(rows.flatMap(({ id, aliases }) => (valueOf(aliases) as string[]).map((alias) => [alias, id])));
  }

  async findDue(now: number, horizon: number, limit: number): Promise<string[]> {
    await this.file.applied();
    const due = (condition: string, at: number, most: number): string[] =>
      this.file
        .statement<{ id: string }>(
          `SELECT id FROM ${this.kind.name} WHERE due_at ${condition} ? ORDER BY due_at, id LIMIT ?`,
        )
        .all(finite(at), finite(most))
        .map(({ id }) => id);

    const overdue = due('<=', now, limit);
    return overdue.length < limit ? [...overdue, ...due('>', Math.max(now, horizon), limit - overdue.length)] : overdue;
  }

  async findWaiting(before: number, limit: number): Promise<WaitingRecord[]> {
    await this.file.applied();
    return this.file
      .statement<{ id: string; outbox: string }>(
        `SELECT id, outbox FROM ${this.kind.name} WHERE outbox_since < ? ORDER BY outbox_since, id LIMIT ?`,
      )
      .all(finite(before), finite(limit))
      .flatMap(({ id, outbox }) => this.waitingOf(id, outbox));
  }

  async findExpiredEntries(now: number, limit: number): Promise<ExpiredEntries[]> {
    await this.file.applied();
    const rows = this.file
      .statement<{ record: string; key: string }>(
        `SELECT record, key FROM ${this.kind.name}_entry WHERE until <= ? ORDER BY until, record, key LIMIT ?`,
      )
      .all(finite(now), finite(limit));

    const byRecord = new Map<string, string[]>();
    for (const { record, key } of rows) {
      const keys = byRecord.get(record);
      if (keys) keys.push(key);
      else byRecord.set(record, [key]);
    }
    return [...byRecord].map(([id, keys]) => ({ id, keys }));
  }

  private waitingOf(id: string, outbox: string): WaitingRecord[] {
    try {
      return [{ id, waiting: waitingIn(outbox).waiting }];
    } catch {
      // It holds up no other; a change of it tells its callers why.
      return [];
    }
  }

  private createTables(): void {
    const { name } = this.kind;
    const declared = this.declared.map((column) => `${this.columnDefinition(column)},`).join(' ');
    this.direct(
      `CREATE TABLE IF NOT EXISTS ${name} (
         id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, aliases TEXT NOT NULL,
         due_at INTEGER, outbox_since INTEGER, outbox TEXT NOT NULL, ${declared} body TEXT)`,
    ).run();
    this.direct(
      `CREATE TABLE IF NOT EXISTS ${name}_entry (
         record TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, until INTEGER,
         PRIMARY KEY (key, record)) WITHOUT ROWID`,
    ).run();
  }

  /** What the kind did not declare when the table was made is added, and filled from the bodies. */
  private addColumns(): void {
    const { name } = this.kind;
    const existing = this.direct<{ name: string }>(`SELECT name FROM pragma_table_info(?)`).all(name);
    const known = new Set(existing.map((column) => column.name));
    const expected = new Set([...OWN_COLUMNS, ...this.declared]);
    // An older program would leave them empty in every record that it changes.
    if ([...known].some((column) => !expected.has(column))) throw tooNew(this.file.path);

    const missing = this.declared.filter((column) => !known.has(column));
    if (missing.length === 0) return;
    for (const column of missing) this.direct(`ALTER TABLE ${name} ADD COLUMN ${this.columnDefinition(column)}`).run();
    this.fillColumns(missing);
  }

  private fillColumns(columns: readonly string[]): void {
    const { name } = this.kind;
    const update = this.direct(
      `UPDATE ${name} SET ${columns.map((column) => `${quoted(column)} = ?`).join()} WHERE id = ?`,
    );

    for (const { id } of this.direct<{ id: string }>(`SELECT id FROM ${name}`).all()) {
      const [row] = this.direct<{ body: string }>(`SELECT body FROM ${name} WHERE id = ?`).all(id);
      const record = this.kind.open(id, valueOf(row?.body ?? NOTHING), new Outbox(), new Entries(new Set(), new Map()));
      const values = this.kind.columnsOf?.(record) ?? {};
      update.run(...columns.map((column) => values[column] ?? null), id);
    }
  }

  private createIndexes(indexes: Indexes): void {
    const { name } = this.kind;
    const create = (columns: readonly string[], table: string, condition: string) =>
      this.direct(
        `CREATE INDEX IF NOT EXISTS ${table}_by_${columns.join('_')} ON ${table} (${columns.map(quoted).join()}) ${condition}`,
      ).run();

    create(['due_at'], name, 'WHERE due_at IS NOT NULL');
    create(['outbox_since'], name, 'WHERE outbox_since IS NOT NULL');
    create(['until'], `${name}_entry`, 'WHERE until IS NOT NULL');
    for (const columns of indexes) create(columns, name, '');
  }

  private columnDefinition(column: string): string {
    return `${quoted(column)} ${this.kind.columns?.[column] === 'integer' ? 'INTEGER' : 'TEXT'}`;
  }

  /** For what is done before anything runs. */
  private direct<Row extends object>(sql: string): SqlStatement<Row> {
    return this.file.direct.statement<Row>(sql);
  }
}

/** The messages of a record as text, `[[since, message], …]`. */
function textOfWaiting(waiting: readonly OutgoingMessage[], since: readonly number[]): SqlLiteral | string {
  return waiting.length === 0 ? NOTHING : jsonLiteral(waiting.map((message, at) => [since[at], message]));
}

function waitingIn(text: string): Pick<StoredRecord, 'waiting' | 'waitingSince'> {
  const waiting = (valueOf(text) ?? []) as [since: number, message: OutgoingMessage][];
  return { waiting: waiting.map(([, message]) => message), waitingSince: waiting.map(([since]) => since) };
}

/** Stands for undefined, for which JSON has no word. */
const NOTHING = '';

/** Callers who want everything ask for what is before infinity, for which SQL has no number. */
function finite(value: number): number {
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

function textOf(value: unknown): SqlLiteral | string {
  return value === undefined ? NOTHING : jsonLiteral(value);
}

function valueOf(text: string): unknown {
  return text === NOTHING ? undefined : JSON.parse(text);
}

/** Trap: SQLite takes a name in double quotes that it does not know for a text, so names are quoted only where it cannot. */
function quoted(identifier: string): string {
  return `"${identifier}"`;
}

function mustBeIdentifier(name: string): void {
  if (!/^[a-z][a-z0-9_]*$/u.test(name) || OWN_COLUMNS.includes(name)) {
    throw new Error(`"${name}" cannot be the name of a table or a column of records.`);
  }
}

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { StorageFault, storageFault, tooNew } from './storage-fault';

/** What a column can hold. Truth values and times are stored as integers, everything else as JSON text. */
export type SqlValue = string | number | null | Uint8Array;

/** A prepared statement; `?` stands for a value. */
export interface SqlStatement<Row extends object = Record<string, SqlValue>> {
  /** Answers how many rows it changed. */
  run(...values: readonly SqlValue[]): number;
  /** The rows, by column name. */
  all(...values: readonly SqlValue[]): Row[];
}

export type PageBytes = 2048 | 4096;

const SETTINGS = [
  'PRAGMA journal_mode = WAL',
  // In WAL mode, FULL is what makes a COMMIT wait for the disk. NORMAL would lose acknowledged work in a power cut.
  'PRAGMA synchronous = FULL',
  // Elsewhere than on macOS these two do nothing; there, a plain fsync leaves the data in the drive's own cache.
  'PRAGMA fullfsync = ON',
  'PRAGMA checkpoint_fullfsync = ON',
  'PRAGMA cache_size = -16384',
  'PRAGMA temp_store = MEMORY',
  // For a moment in which somebody else looks at the file or copies it.
  'PRAGMA busy_timeout = 1000',
  // Only for writers who never call `checkpoint`: a checkpoint made within a COMMIT keeps its failure to itself.
  'PRAGMA wal_autocheckpoint = 16384',
].join(';');

/** Bytes bound since the last checkpoint that make the next one worth its while. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024;

/**
 * One SQL file on the local disk, with one writer: this object. A COMMIT that returned survives `kill -9` and power loss.
 * Failures of the disk are thrown as StorageFault, the driver's other errors as they are.
 */
export class SqlFile {
  private readonly statements = new Map<string, PreparedStatement>();
  private closed = false;
  private bytesSinceCheckpoint = 0;
  private runs = 0;

  private constructor(
    readonly path: string,
    private readonly database: Database.Database,
    private readonly writable: boolean,
  ) {}

  /**
   * Opens the file, creating it and its folder where need be, and brings it up to date: `schema[n]` leads from version n to
   * n + 1, in one transaction with the number, so that what was interrupted is done again. Entries are only ever appended.
   * A commit writes every page that it touches, so that small pages suit scattered changes; they are chosen once, when the
   * file is made.
   */
  static open(path: string, schema: readonly string[], pageBytes: PageBytes = 4096): SqlFile {
    const file = connected(path, () => {
      mustBeWritable(path);
      return new SqlFile(path, new Database(path), true);
    });
    try {
      file.execute(`PRAGMA page_size = ${pageBytes}; ${SETTINGS}`);
      file.migrate(schema);
      return file;
    } catch (error) {
      file.disconnect();
      throw error;
    }
  }

  /** For looking at a file that another process may be writing. */
  static openReadOnly(path: string): SqlFile {
    if (!existsSync(path)) throw new StorageFault('data-missing', `There is no data file "${path}".`, false);
    // The driver ignores its `readonly` option, but not the one in the address.
    return connected(
      path,
      () => new SqlFile(path, new Database(`${pathToFileURL(resolve(path)).href}?mode=ro`), false),
    );
  }

  /** The statement, prepared once however often it is asked for. */
  statement<Row extends object = Record<string, SqlValue>>(sql: string): SqlStatement<Row> {
    let statement = this.statements.get(sql);
    if (!statement) {
      statement = new PreparedStatement(
        this,
        sql,
        this.attempt(() => this.database.prepare(sql)),
      );
      this.statements.set(sql, statement);
    }
    return statement as SqlStatement<object> as SqlStatement<Row>;
  }

  /** All that `work` wrote, or nothing when it throws. It must be synchronous: nobody else writes in between. */
  inTransaction<Answer>(work: () => Answer extends PromiseLike<unknown> ? never : Answer): Answer {
    this.statement('BEGIN IMMEDIATE').run();
    try {
      const answer = work();
      this.statement('COMMIT').run();
      return answer;
    } catch (error) {
      // SQLite has already rolled back by itself after some failures of the disk.
      if (this.database.inTransaction) this.execute('ROLLBACK');
      throw error;
    }
  }

  /** Grows with every statement that may write: as long as it stays the same, nothing was written. */
  get writes(): number {
    return this.runs;
  }

  /** Whether enough was written for `checkpoint` to be called, at a time when nobody waits. */
  get checkpointDue(): boolean {
    return this.bytesSinceCheckpoint >= CHECKPOINT_BYTES;
  }

  /** Carries what was committed from the log beside the file into the file. Nothing is lost when it throws. */
  checkpoint(): void {
    this.bytesSinceCheckpoint = 0;
    this.statement('PRAGMA wal_checkpoint(PASSIVE)').all();
  }

  /**
   * Leaves one file behind, without a log beside it. Trap: the driver keeps the file open for as long as the process
   * lives once a statement was prepared (tursodatabase/libsql-js#228), so nothing may rest on the file being released.
   */
  close(): void {
    if (this.closed) return;
    try {
      if (this.writable) this.statement('PRAGMA wal_checkpoint(TRUNCATE)').all();
    } finally {
      this.disconnect();
    }
  }

  /** @internal For this file's own statements. */
  attempt<Answer>(work: () => Answer): Answer {
    // Trap: the driver itself goes on working after `close`.
    if (this.closed) throw new Error(`"${this.path}" is closed.`);
    try {
      return work();
    } catch (error) {
      throw storageFault(error, this.path) ?? error;
    }
  }

  /** @internal For this file's own statements. */
  written(bytes: number): void {
    this.runs += 1;
    this.bytesSinceCheckpoint += bytes;
  }

  private migrate(schema: readonly string[]): void {
    const [row] = this.statement<{ user_version: number }>('PRAGMA user_version').all();
    const stored = row?.user_version ?? 0;
    if (stored > schema.length) throw tooNew(this.path);

    schema.slice(stored).forEach((migration, index) => {
      this.inTransaction(() => {
        this.execute(migration);
        this.execute(`PRAGMA user_version = ${stored + index + 1}`);
      });
    });
  }

  private execute(sql: string): void {
    this.attempt(() => this.database.exec(sql));
  }

  private disconnect(): void {
    this.closed = true;
    this.statements.clear();
    this.database.close();
  }
}

class PreparedStatement implements SqlStatement {
  private readonly places: number;
  private readonly columns: readonly string[];
  private readonly reads: boolean;

  constructor(
    private readonly file: SqlFile,
    private readonly sql: string,
    private readonly statement: Database.Statement,
  ) {
    this.places = placesIn(sql);
    this.reads = /^\s*(SELECT|PRAGMA)\b/iu.test(sql);
    this.columns = statement.columns().map((column) => column.name);
    if (this.columns.length > 0) statement.raw();
  }

  run(...values: readonly SqlValue[]): number {
    this.file.written(this.check(values));
    return this.file.attempt(() => this.statement.run(values)).changes;
  }

  all(...values: readonly SqlValue[]): Record<string, SqlValue>[] {
    const bytes = this.check(values);
    if (!this.reads) this.file.written(bytes);
    const rows = this.file.attempt(() => this.statement.all(values)) as SqlValue[][];

    return rows.map((row) => Object.fromEntries(this.columns.map((column, index) => [column, row[index] ?? null])));
  }

  /** Answers how many bytes the values have, more or less. */
  private check(values: readonly unknown[]): number {
    // Trap: to the driver a missing value is NULL, and one too many is none.
    if (values.length !== this.places) {
      throw new Error(`${this.places} values are wanted, ${values.length} were given: ${this.sql}`);
    }
    let bytes = 0;
    for (const value of values) {
      const refused = whyRefused(value);
      if (refused) throw new TypeError(`${refused} cannot be stored: ${this.sql}`);
      bytes += typeof value === 'string' || value instanceof Uint8Array ? value.length + 8 : 8;
    }
    return bytes;
  }
}

/** Trap: a boolean, bound, aborts the process; an object, a NUL in a text or half a surrogate pair is stored as something else. */
function whyRefused(value: unknown): string | undefined {
  if (value === null || value instanceof Uint8Array) return undefined;
  if (typeof value === 'string') {
    if (value.includes('\0')) return 'A text with a NUL character';
    return (value as WellFormed).isWellFormed() ? undefined : 'A text with half a surrogate pair';
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return `The number ${value}`;
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? `An integer beyond 2^53 (${value})` : undefined;
  }
  return `A value of the type ${value instanceof Date ? 'Date' : typeof value}`;
}

/** Every Node that runs this has it; the library that TypeScript is told to assume does not. */
type WellFormed = string & { isWellFormed(): boolean };

/** `?` in quotes would be counted too, so that a statement passes its texts as values. */
function placesIn(sql: string): number {
  const places = [...sql.matchAll(/\?(\d*)/gu)].map(([, number]) => Number(number));
  // `?2` is the second value, wherever and however often it stands.
  return Math.max(places.filter((number) => number === 0).length, ...places, 0);
}

function connected(path: string, open: () => SqlFile): SqlFile {
  try {
    return open();
  } catch (error) {
    throw storageFault(error, path) ?? error;
  }
}

/**
 * Trap: the file itself must not be opened to find out, because closing it again would release the locks that another
 * connection of this process holds on it.
 */
function mustBeWritable(path: string): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const probe = join(folder, `.writable-${process.pid}`);
  writeFileSync(probe, '');
  rmSync(probe);
}

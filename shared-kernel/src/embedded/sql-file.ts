import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import ConcurrentDatabase from 'libsql/promise';
import { whyRefused } from './sql-value';
import type { SqlValue } from './sql-value';
import { hangs, notDurable, StorageFault, storageFault, tooNew } from './storage-fault';

/** A prepared statement; `?` stands for a value. */
export interface SqlStatement<Row extends object = Record<string, SqlValue>> {
  /** Answers how many rows it changed. */
  run(...values: readonly SqlValue[]): number;
  /** The rows, by column name. */
  all(...values: readonly SqlValue[]): Row[];
}

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

/** As SQLite numbers `synchronous`. */
const FULL = 2;

/** A commit that takes longer meets a disk that hangs. */
const LONGEST_COMMIT_MS = 2_000;
const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4));

const SEMICOLON = Buffer.from(';');
const COMMIT = Buffer.from('COMMIT');

/** Bytes bound since the last checkpoint that make the next one worth its while. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024;

/**
 * One SQL file on the local disk, with one writer: this object. A COMMIT that returned survives `kill -9` and power loss.
 * Failures of the disk are thrown as StorageFault, the driver's other errors as they are.
 */
export class SqlFile {
  private readonly statements = new Map<string, PreparedStatement>();
  private closed = false;
  private committing = false;
  /** What is still to be written before the next commit. */
  private rest: Buffer[] = [];
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
   * `beforeMigration` sees the file as the program before has left it.
   */
  static open(
    path: string,
    schema: readonly string[],
    beforeMigration: (file: SqlFile) => void = () => undefined,
  ): SqlFile {
    const file = connected(path, () => {
      mustBeWritable(path);
      return new SqlFile(path, new Database(path), true);
    });
    try {
      file.execute(SETTINGS);
      file.mustBeDurable();
      beforeMigration(file);
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
    this.begin();
    try {
      const answer = work();
      this.execute(this.textOfCommit());
      return answer;
    } catch (error) {
      this.rollBack();
      throw error;
    }
  }

  /** Begins a transaction, which `commit` or `rollBack` ends. Nobody else may use the file before one of them is called. */
  begin(): void {
    this.statement('BEGIN IMMEDIATE').run();
  }

  /**
   * Ends the transaction; resolves when it is durable. The disk is waited for in another thread. Whoever uses the file
   * meanwhile waits, and sees what was committed. Rejects when it was not, and all is as it was before.
   */
  async commit(): Promise<void> {
    this.committing = true;
    try {
      await this.elsewhere(this.textOfCommit());
    } catch (error) {
      this.rollBack();
      throw error;
    } finally {
      this.committing = false;
    }
  }

  rollBack(): void {
    this.committing = false;
    this.rest = [];
    // Trap: asked when it is closed, the driver aborts the process.
    if (this.closed) return;
    // SQLite has already rolled back by itself after some failures of the disk.
    if (this.database.inTransaction) this.execute('ROLLBACK');
  }

  /**
   * Has the commit of the transaction in hand write this first, in its own thread: a text, or its bytes in pieces. The text
   * holds its values, as literals, and what fails in it should end the transaction (`INSERT OR ROLLBACK`): until somebody does,
   * readers wait.
   */
  runAtCommit(sql: string | readonly Buffer[]): void {
    for (const part of typeof sql === 'string' ? [Buffer.from(sql)] : sql) {
      this.written(part.length);
      this.rest.push(part);
    }
    this.rest.push(SEMICOLON);
  }

  /** Grows with every statement that may write: as long as it stays the same, nothing was written. */
  get writes(): number {
    return this.runs;
  }

  /** Whether enough was written for `checkpoint` to be called, at a time when nobody waits. */
  get checkpointDue(): boolean {
    return this.bytesSinceCheckpoint >= CHECKPOINT_BYTES;
  }

  /** Carries what was committed from the log beside the file into the file. Nothing is lost when it rejects. */
  async checkpoint(): Promise<void> {
    this.bytesSinceCheckpoint = 0;
    await this.elsewhere('PRAGMA wal_checkpoint(PASSIVE)');
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

  /** @internal For this file's own statements: whatever they see or change must not be part of a commit under way. */
  awaitCommit(): void {
    if (!this.committing || this.closed) return;
    const giveUp = performance.now() + LONGEST_COMMIT_MS;
    while (this.database.inTransaction) {
      if (performance.now() > giveUp) throw hangs(this.path);
      Atomics.wait(NEVER_WOKEN, 0, 0, 0.1);
    }
    // Whatever transaction is open from now on, it is another one.
    this.committing = false;
  }

  /** @internal For this file's own statements. */
  written(bytes: number): void {
    this.runs += 1;
    this.bytesSinceCheckpoint += bytes;
  }

  /** Trap: where a file system cannot do what WAL needs, SQLite keeps another journal, and says so only when it is asked. */
  private mustBeDurable(): void {
    const [journal] = this.statement<{ journal_mode: string }>('PRAGMA journal_mode').all();
    const [disk] = this.statement<{ synchronous: number }>('PRAGMA synchronous').all();
    if (journal?.journal_mode !== 'wal' || disk?.synchronous !== FULL) {
      throw notDurable(this.path, `journal_mode=${journal?.journal_mode}, synchronous=${disk?.synchronous}`);
    }
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

  /** In the driver's own thread, so that nobody here waits for the disk; one connection does one thing at a time. */
  private async elsewhere(sql: string): Promise<void> {
    try {
      await this.attempt(() => ConcurrentDatabase.prototype.exec.call(this.database, sql) as Promise<void>);
    } catch (error) {
      throw storageFault(error, this.path) ?? error;
    }
  }

  private textOfCommit(): string {
    // As bytes: a text that is put together of others is copied once more when the driver takes it.
    return Buffer.concat([...this.rest.splice(0), COMMIT]).toString();
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
    this.file.awaitCommit();
    this.file.written(this.check(values));
    return this.file.attempt(() => this.statement.run(values)).changes;
  }

  all(...values: readonly SqlValue[]): Record<string, SqlValue>[] {
    this.file.awaitCommit();
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

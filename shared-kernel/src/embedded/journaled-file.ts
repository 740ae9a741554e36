import { basename } from 'node:path';
import type { Fault } from '../store/fault';
import { Journal, type JournalMember } from './journal';
import { PendingSql, textOfRows, type SqlWrite } from './pending-sql';
import { SqlFile } from './sql-file';
import type { SqlStatement } from './sql-file';
import { literalsIn } from './sql-value';
import type { SqlValue } from './sql-value';
import { damagedJournal, fallsBehind, StorageFault, storageFailed } from './storage-fault';

/** Up to where the file holds what the journal says, and whether it is whole without that. */
export const JOURNAL_TABLE = `
  CREATE TABLE journal (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL,
    number INTEGER NOT NULL,
    whole INTEGER NOT NULL
  ) STRICT;
`;

/** Says that the file needs no journal: it was closed in order, or is a copy of one that shows everything. */
export const IS_WHOLE = 'UPDATE journal SET whole = 1';

/** Who keeps in memory what the SQL does not show yet. */
export interface Overlay {
  /** All that was written so far is going to be applied. */
  applying(): void;
  /** It can be selected now. */
  applied(): void;
}

/** After so many milliseconds, with so many bytes to write, or with so many in memory, what waits begins to be applied. */
const APPLY_AFTER_MS = 500;
const MOST_PENDING = 1024 * 1024;
const MOST_IN_MEMORY = 8 * 1024 * 1024;
/** Who brings more than that must wait until it is applied. */
const TOO_MUCH_PENDING = 64 * 1024 * 1024;

/**
 * A SQL file whose changes are in a journal first. What one commit writes counts at once, in its order; it is durable when
 * `settled` says so, and comes into the SQL later, together with much else. Selects show what has come there: `applied`
 * waits until that is everything.
 */
export class JournaledFile implements JournalMember {
  /** What the commit in hand writes. */
  private writes: SqlWrite[] = [];
  private pending = new PendingSql();
  private newest: number;
  private held: number;
  private applyingNow: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private lasting: Fault | undefined;
  private passing: Fault | undefined;
  private readonly overlays: Overlay[] = [];
  private readonly leave: () => void;
  private closing: Promise<void> | undefined;

  private constructor(
    /** For what is written at once, when nothing runs yet, and for looking at the file as a whole. */
    readonly direct: SqlFile,
    private readonly reader: SqlFile,
    private readonly journal: Journal,
    private readonly ownsJournal: boolean,
    private readonly name: string,
  ) {
    this.newest = this.held = journal.newestDurable;
    journal.holds(name, this.held);
    this.leave = journal.join(this);
  }

  /**
   * Opens the file, and brings into its SQL what a process before has left in the journal, which is one of its own, beside it,
   * where it is given none that others share. `schema` has JOURNAL_TABLE in it.
   */
  static open(path: string, schema: readonly string[], shared?: Journal): JournaledFile {
    const name = basename(path);
    const undo: (() => void)[] = [];
    try {
      const journal = shared ?? Journal.open(`${path}.journal`);
      if (!shared) undo.push(() => journal.letGo());
      const direct = SqlFile.open(path, schema, (file) => recover(file, journal, name));
      undo.push(() => direct.close());
      const reader = SqlFile.openReadOnly(path);
      undo.push(() => reader.close());
      // Last of all: from here on the file cannot be opened without its journal.
      direct.inTransaction(() => direct.runAtCommit(position(journal, journal.newestDurable)));
      return new JournaledFile(direct, reader, journal, !shared, name);
    } catch (error) {
      for (const each of undo.toReversed()) each();
      throw error;
    }
  }

  get path(): string {
    return this.direct.path;
  }

  /** Selects from what was applied. */
  statement<Row extends object = Record<string, SqlValue>>(sql: string): Pick<SqlStatement<Row>, 'all'> {
    return this.reader.statement<Row>(sql);
  }

  /** Selects when everything that was committed is applied. */
  async rows<Row extends object = Record<string, SqlValue>>(
    sql: string,
    ...values: readonly SqlValue[]
  ): Promise<readonly Row[]> {
    await this.applied();
    return this.statement<Row>(sql).all(...values);
  }

  /** As part of the commit in hand. */
  write(write: SqlWrite): void {
    this.writes.push(write);
  }

  /** A single statement with its values, as part of the commit in hand. */
  change(table: string, sql: string, ...values: readonly SqlValue[]): void {
    this.write({ table, sql: literalsIn(sql, values) });
  }

  /** How many writes the commit in hand has. */
  get written(): number {
    return this.writes.length;
  }

  /** Forgets the writes of the commit in hand behind the first `kept`. */
  forgetWrites(kept = 0): void {
    this.writes.length = kept;
  }

  /** What was written counts from now on. Throws the Fault of a journal that takes nothing any more. */
  commit(): void {
    const writes = this.writes;
    this.writes = [];
    if (writes.length === 0) return;
    const texts = writes.flatMap(({ sql, rows = [], end = '' }) => [sql, textOfRows(rows), `${end};`]);
    const { number, parts } = this.journal.append(this.name, ...texts);
    this.newest = number;
    for (const [at, write] of writes.entries()) this.pending.add(write, parts[3 * at + 1]!);
    this.applySoon();
  }

  /** Why nothing must be committed now. */
  get refusal(): Fault | undefined {
    if (this.pending.inMemory > TOO_MUCH_PENDING) return fallsBehind(this.path);
    return this.trouble ?? this.journal.refusal();
  }

  /** Why the last attempt to write failed, until one succeeds. */
  get trouble(): Fault | undefined {
    return this.failure ?? this.passing;
  }

  /** Why nothing is written any more, until the file is opened anew. */
  get failure(): Fault | undefined {
    return this.lasting ?? this.journal.failure;
  }

  /** Applies what waits for it, if that helps; answers what `refusal` is then. */
  async tryAgain(): Promise<Fault | undefined> {
    await this.applied().catch(() => undefined);
    return this.refusal;
  }

  /** Resolves, or is undefined, when everything that was committed, in whichever file of the journal, is durable. */
  settled(): Promise<void> | undefined {
    return this.journal.settled();
  }

  /** Resolves when the SQL shows everything that was committed, which is durable then. Rejects with a StorageFault. */
  async applied(): Promise<void> {
    const { newest } = this;
    if (this.lasting && this.held < newest) throw this.lasting;
    while (this.held < newest) await (this.applyingNow ?? this.journal.stillness ?? this.apply());
  }

  /** Does what must be done at once and by itself, such as dropping a table: durable when it resolves. */
  async exclusively<Answer>(work: (file: SqlFile) => Answer): Promise<Answer> {
    await this.applied();
    return work(this.direct);
  }

  idle(): Promise<unknown> | undefined {
    return this.applyingNow;
  }

  applyNow(): void {
    if (this.lasting) throw this.lasting;
    const { direct, newest } = this;
    if (this.held === newest) return;
    const pending = this.beginApplying();
    try {
      direct.inTransaction(() => this.writeTo(direct, pending, newest));
    } catch (error) {
      this.notApplied(pending, error);
      throw error;
    }
    this.nowHolds(newest);
  }

  /** As of one moment, with all other files of the journal. */
  still<Answer>(look: () => Answer): Promise<Answer> {
    return this.journal.still(look);
  }

  /** Is told of everything that is applied. */
  follow(overlay: Overlay): void {
    this.overlays.push(overlay);
  }

  /** Applies what was committed, and closes the file. Rejects when the disk fails, and is closed all the same. */
  close(): Promise<void> {
    this.closing ??= this.applyAndClose();
    return this.closing;
  }

  private async applyAndClose(): Promise<void> {
    try {
      await this.applied();
      this.direct.statement(IS_WHOLE).run();
    } finally {
      await this.applyingNow?.catch(() => undefined);
      clearTimeout(this.timer);
      this.leave();
      this.reader.close();
      this.direct.close();
      if (this.ownsJournal) await this.journal.close();
    }
  }

  private applySoon(): void {
    const { bytes, inMemory } = this.pending;
    const isMuch = bytes >= MOST_PENDING || inMemory >= MOST_IN_MEMORY;
    if (isMuch && !this.applyingNow && !this.trouble) this.applyInBackground();
    else this.applyLater();
  }

  private applyLater(): void {
    if (!this.failure) this.timer ??= setTimeout(() => this.applyInBackground(), APPLY_AFTER_MS).unref();
  }

  private applyInBackground(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.held === this.newest || this.applyingNow || this.failure) return;
    if (this.journal.stillness) return this.applyLater();
    // Whoever needs it is told: by `refusal`, or by `applied`, which tries again.
    this.apply().catch(() => undefined);
  }

  private apply(): Promise<void> {
    this.applyingNow = this.applyPending().finally(() => {
      this.applyingNow = undefined;
      if (this.held < this.newest) this.applySoon();
    });
    return this.applyingNow;
  }

  private async applyPending(): Promise<void> {
    const { newest, direct } = this;
    const pending = this.beginApplying();
    try {
      // What the SQL shows must not get lost in the journal.
      await this.journal.settled();
      direct.begin();
      this.writeTo(direct, pending, newest);
      await direct.commit();
    } catch (error) {
      this.notApplied(pending, error);
      throw error;
    }
    this.nowHolds(newest);
    if (direct.checkpointDue) await this.checkpoint();
  }

  private beginApplying(): PendingSql {
    const { pending } = this;
    this.pending = new PendingSql();
    for (const overlay of this.overlays) overlay.applying();
    return pending;
  }

  private writeTo(file: SqlFile, pending: PendingSql, newest: number): void {
    file.runAtCommit(pending.parts());
    file.runAtCommit(position(this.journal, newest));
  }

  private notApplied(pending: PendingSql, error: unknown): void {
    this.pending = pending.followedBy(this.pending);
    this.failed(error);
  }

  private nowHolds(newest: number): void {
    this.passing = undefined;
    this.held = newest;
    this.journal.holds(this.name, newest);
    for (const overlay of this.overlays) overlay.applied();
  }

  /** SQLite keeps a failure of its own checkpoints to itself. */
  private async checkpoint(): Promise<void> {
    try {
      await this.direct.checkpoint();
    } catch (error) {
      // Until a later one succeeds, everything is safe in the log beside the file.
      this.failed(error);
      this.passing = undefined;
    }
  }

  private failed(error: unknown): void {
    if (error === this.journal.failure) return;
    if (error instanceof StorageFault && error.retryable && error.code !== 'storage-failed') this.passing = error;
    else this.lasting = error instanceof StorageFault ? error : storageFailed(this.path, error);
  }
}

/** Brings into the SQL what a process before has left for it in the journal. */
function recover(file: SqlFile, journal: Journal, name: string): void {
  const [table] = file.statement("SELECT name FROM sqlite_schema WHERE name = 'journal'").all();
  const [row] = table
    ? file.statement<{ id: string; number: number; whole: number }>('SELECT id, number, whole FROM journal').all()
    : [];
  const held = row?.id === journal.id ? row.number : undefined;
  if (row && held === undefined && row.whole === 0) throw missingJournal(file.path, journal.path);
  // What is in the SQL was durable in the journal before.
  if (held !== undefined && held > journal.newestDurable) throw damagedJournal(journal.path);

  const left = journal.leftFor(name, held ?? 0);
  if (left.length === 0) return;
  // A file says whose frames it follows before it has any.
  if (held === undefined) throw foreign(file.path, journal.path);
  file.inTransaction(() => {
    for (const { sql } of left) file.runAtCommit(sql);
    file.runAtCommit(position(journal, left.at(-1)!.number));
  });
}

function position(journal: Journal, number: number): string {
  return literalsIn(
    'INSERT OR ROLLBACK INTO journal (one, id, number, whole) VALUES (1, ?, ?, 0) ON CONFLICT (one) DO UPDATE SET id = excluded.id, number = excluded.number, whole = 0',
    [journal.id, number],
  );
}

function missingJournal(path: string, journal: string): StorageFault {
  return new StorageFault(
    'data-corrupt',
    `The process that wrote "${path}" last did not end in order, and the journal "${journal}.1", "${journal}.2" that it left is not there. Put it back, or restore a backup: without it, changes that were accepted are missing.`,
    false,
  );
}

function foreign(path: string, journal: string): StorageFault {
  return new StorageFault(
    'data-foreign',
    `"${path}" was put in the place of another file, for which "${journal}" still holds changes. Put that file back, or take all of them from one backup.`,
    false,
  );
}

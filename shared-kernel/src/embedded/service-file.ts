import type { Clock } from '../time/clock';
import { mustBeKeptZone } from '../store/kept-zone';
import type { LivingRecord, RecordKind } from '../store/records';
import { ARCHIVE_ROWS, ARCHIVE_TABLE, EmbeddedArchive } from './archive.embedded';
import { GroupCommit } from './group-commit';
import type { Journal } from './journal';
import { JOURNAL_TABLE, JournaledFile } from './journaled-file';
import { EmbeddedNumbers, NUMBERS_TABLE } from './numbers.embedded';
import { RecordTable } from './record-table';
import type { Indexes } from './record-table';
import { EmbeddedRecords } from './records.embedded';
import type { SqlFile } from './sql-file';
import type { SqlValue } from './sql-value';

const ZONE_TABLE = 'CREATE TABLE zone (name TEXT NOT NULL);';

/** Beside the records, whose tables follow their kinds. */
export const SERVICE_SCHEMA: readonly string[] = [
  ARCHIVE_TABLE + NUMBERS_TABLE,
  ARCHIVE_ROWS,
  ZONE_TABLE,
  JOURNAL_TABLE,
];

/** How one kind of record is kept, beyond what the kind itself says. */
export interface Keeping {
  /** Lists of columns that the service selects or sorts by. */
  readonly indexes?: Indexes;
  readonly cached?: number;
}

/** What a file shares with others; absent where it is alone. */
export interface Surroundings {
  readonly journal?: Journal;
  readonly schedule?: (turn: () => void) => void;
}

/** The file of one service: its records, its archive and its numbers, in one commit when they change together in time. */
export class ServiceFile {
  readonly archive: EmbeddedArchive;
  private readonly kinds = new Set<string>();
  private readonly recordsOf = new Map<string, Pick<EmbeddedRecords<LivingRecord>, 'end'>>();

  private constructor(
    private readonly file: JournaledFile,
    readonly commits: GroupCommit,
    private readonly clock: Clock,
  ) {
    this.archive = new EmbeddedArchive(file);
  }

  /** With a journal of its own, unless it shares one with other files. */
  static open(path: string, clock: Clock, { journal, schedule }: Surroundings = {}): ServiceFile {
    const file = JournaledFile.open(path, SERVICE_SCHEMA, journal);
    return new ServiceFile(file, new GroupCommit(file, schedule), clock);
  }

  /** The records of one kind. To be asked for once: records remember what they stored, and would not see another's work. */
  records<Living extends LivingRecord>(kind: RecordKind<Living>, keeping: Keeping = {}): EmbeddedRecords<Living> {
    this.mustBeFirst(kind.name);
    const table = new RecordTable(this.file, kind, keeping.indexes ?? []);
    const records = new EmbeddedRecords(kind, table, this.archive, this.commits, this.clock, keeping.cached);
    this.recordsOf.set(kind.name, records);
    return records;
  }

  /** A counter; to be asked for once, too. */
  numbers(name: string): EmbeddedNumbers {
    this.mustBeFirst(`numbers of ${name}`);
    return new EmbeddedNumbers(this.file, this.commits, name);
  }

  /** For a service's own SELECTs, over the columns that its kinds declare: they see every change that was answered. */
  rows<Row extends object = Record<string, SqlValue>>(
    sql: string,
    ...values: readonly SqlValue[]
  ): Promise<readonly Row[]> {
    return this.file.rows<Row>(sql, ...values);
  }

  /** For a service's own tables, which are no records. What `work` writes is durable when it resolves. */
  exclusively<Answer>(work: (file: Pick<SqlFile, 'statement'>) => Answer): Promise<Answer> {
    return this.file.exclusively(work);
  }

  /** Drops the records of a kind, of which nothing is changed any more. */
  async drop(kind: string): Promise<void> {
    this.recordsOf.get(kind)?.end();
    await this.exclusively((file) => {
      for (const table of [kind, `${kind}_entry`]) file.statement(`DROP TABLE ${table}`).run();
    });
  }

  /** Runs a statement at once, before the service does, such as CREATE TABLE IF NOT EXISTS. */
  createMissing(sql: string): void {
    this.file.direct.statement(sql).run();
  }

  /** Resolves, or is undefined, when every change that was answered is durable, in all files that share the journal. */
  settled(): Promise<void> | undefined {
    return this.file.settled();
  }

  /** Has `look` see the SQL of all files that share the journal as of one moment, with every change that was answered. */
  still<Answer>(look: () => Answer): Promise<Answer> {
    return this.file.still(look);
  }

  /** For looking at the file as a whole, with all that was applied. */
  get direct(): Pick<SqlFile, 'statement'> {
    return this.file.direct;
  }

  /** Keeps the zone of the first start. Throws the Fault `zone-changed` when another one is kept already. */
  keepZone(zone: string): void {
    const [kept] = this.file.direct.statement<{ name: string }>('SELECT name FROM zone').all();
    if (kept) mustBeKeptZone(kept.name, zone);
    else this.file.direct.statement('INSERT INTO zone (name) VALUES (?)').run(zone);
  }

  /** Commits what was submitted, refuses what comes later, and closes the file. */
  async close(): Promise<void> {
    await this.commits.close();
    await this.file.close();
  }

  private mustBeFirst(what: string): void {
    if (this.kinds.has(what)) throw new Error(`The ${what} of "${this.file.path}" are in use already.`);
    this.kinds.add(what);
  }
}

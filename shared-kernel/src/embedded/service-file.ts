import type { Clock } from '../time/clock';
import { mustBeKeptZone } from '../store/kept-zone';
import type { LivingRecord, RecordKind } from '../store/records';
import { ARCHIVE_ROWS, ARCHIVE_TABLE, EmbeddedArchive } from './archive.embedded';
import { GroupCommit } from './group-commit';
import { EmbeddedNumbers, NUMBERS_TABLE } from './numbers.embedded';
import { RecordTable } from './record-table';
import type { Indexes } from './record-table';
import { CACHED_RECORDS, EmbeddedRecords } from './records.embedded';
import { SqlFile } from './sql-file';
import type { SqlStatement } from './sql-file';
import type { SqlValue } from './sql-value';

const ZONE_TABLE = 'CREATE TABLE zone (name TEXT NOT NULL);';

/** Beside the records, whose tables follow their kinds. */
export const SERVICE_SCHEMA: readonly string[] = [ARCHIVE_TABLE + NUMBERS_TABLE, ARCHIVE_ROWS, ZONE_TABLE];

/** How one kind of record is kept, beyond what the kind itself says. */
export interface Keeping {
  /** Lists of columns that the service selects or sorts by. */
  readonly indexes?: Indexes;
  readonly cached?: number;
}

/** The file of one service: its records, its archive and its numbers, in one commit when they change together in time. */
export class ServiceFile {
  readonly archive: EmbeddedArchive;
  private readonly kinds = new Set<string>();

  private constructor(
    private readonly file: SqlFile,
    readonly commits: GroupCommit,
    private readonly clock: Clock,
  ) {
    this.archive = new EmbeddedArchive(file);
  }

  static open(path: string, clock: Clock, schedule?: (turn: () => void) => void): ServiceFile {
    const file = SqlFile.open(path, SERVICE_SCHEMA, 2048);
    return new ServiceFile(file, new GroupCommit(file, schedule), clock);
  }

  /** The records of one kind. To be asked for once: records remember what they stored, and would not see another's work. */
  records<Living extends LivingRecord>(kind: RecordKind<Living>, keeping: Keeping = {}): EmbeddedRecords<Living> {
    this.mustBeFirst(kind.name);
    const table = new RecordTable(this.file, kind, keeping.indexes ?? [], () => this.clock.now());
    return new EmbeddedRecords(kind, table, this.archive, this.commits, keeping.cached ?? CACHED_RECORDS);
  }

  /** A counter; to be asked for once, too. */
  numbers(name: string): EmbeddedNumbers {
    this.mustBeFirst(`numbers of ${name}`);
    return new EmbeddedNumbers(this.file, this.commits, name);
  }

  /** For a service's own SELECTs, over the columns that its kinds declare: they see every change that was answered. */
  statement<Row extends object = Record<string, SqlValue>>(sql: string): SqlStatement<Row> {
    return this.file.statement<Row>(sql);
  }

  /** Keeps the zone of the first start. Throws the Fault `zone-changed` when another one is kept already. */
  keepZone(zone: string): void {
    const [kept] = this.file.statement<{ name: string }>('SELECT name FROM zone').all();
    if (kept) mustBeKeptZone(kept.name, zone);
    else this.file.statement('INSERT INTO zone (name) VALUES (?)').run(zone);
  }

  /** Commits what was submitted, refuses what comes later, and closes the file. */
  async close(): Promise<void> {
    await this.commits.close();
    this.file.close();
  }

  private mustBeFirst(what: string): void {
    if (this.kinds.has(what)) throw new Error(`The ${what} of "${this.file.path}" are in use already.`);
    this.kinds.add(what);
  }
}

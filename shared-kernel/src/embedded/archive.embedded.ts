import type { ArchiveEntry } from '../outbox/outbox';
import type { Archive, ArchivedDocument } from '../store/records';
import type { JournaledFile } from './journaled-file';
import { jsonLiteral } from './sql-value';
import { pairOf, Unapplied } from './unapplied';
import { WideWrite } from './wide-statement';

export const ARCHIVE_TABLE = `
  CREATE TABLE archive (
    kind TEXT NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL, document TEXT NOT NULL,
    PRIMARY KEY (kind, id)) WITHOUT ROWID;
  CREATE INDEX archive_by_record ON archive (kind, record, id);
`;

/** In rows of a table: in an index, documents of more than a quarter of a page had pages of their own, half empty. */
export const ARCHIVE_ROWS = `
  ALTER TABLE archive RENAME TO archive_in_index;
  CREATE TABLE archive (
    kind TEXT NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL, document TEXT NOT NULL,
    UNIQUE (kind, id));
  INSERT INTO archive SELECT kind, id, record, document FROM archive_in_index ORDER BY id;
  DROP TABLE archive_in_index;
  CREATE INDEX archive_by_record ON archive (kind, record, id);
`;

/** Above every id. */
const NO_LIMIT = '\u{10FFFF}';

/** What leaves a record for good. */
export interface ArchivedEntry {
  readonly record: string;
  readonly entry: ArchiveEntry;
}

interface Page {
  readonly limit: number;
  readonly before?: string;
}

/** The archive of one service, in a file that may only be looked at. */
export class ArchivedDocuments implements Archive {
  constructor(private readonly file: Pick<JournaledFile, 'rows'>) {}

  async find(kind: string, id: string): Promise<unknown> {
    const sql = 'SELECT document FROM archive WHERE kind = ? AND id = ?';
    const [row] = await this.file.rows<{ document: string }>(sql, kind, id);
    return row && JSON.parse(row.document);
  }

  async list(kind: string, record: string, { limit, before = NO_LIMIT }: Page): Promise<readonly unknown[]> {
    const sql = 'SELECT document FROM archive WHERE kind = ? AND record = ? AND id < ? ORDER BY id DESC LIMIT ?';
    const rows = await this.file.rows<{ document: string }>(sql, kind, record, before, limit);
    return rows.map(({ document }): unknown => JSON.parse(document));
  }

  async listAll(kind: string, { limit, before = NO_LIMIT }: Page): Promise<readonly ArchivedDocument[]> {
    const sql = 'SELECT id, record, document FROM archive WHERE kind = ? AND id < ? ORDER BY id DESC LIMIT ?';
    const rows = await this.file.rows<{ id: string; record: string; document: string }>(sql, kind, before, limit);
    return rows.map(({ id, record, document }) => ({ id, record, document: JSON.parse(document) as unknown }));
  }
}

/** The archive of one service, in the file where its records are. */
export class EmbeddedArchive extends ArchivedDocuments {
  private readonly insert: WideWrite;
  private readonly unapplied = new Unapplied<unknown>();

  constructor(file: JournaledFile) {
    super(file);
    file.follow(this.unapplied);
    this.insert = new WideWrite(
      file,
      'archive',
      (rows) => `INSERT INTO archive (kind, id, record, document) VALUES ${rows} ON CONFLICT (kind, id) DO NOTHING`,
    );
  }

  /** What left a record just now is asked for most: it is not waited for. */
  override async find(kind: string, id: string): Promise<unknown> {
    return this.unapplied.get(pairOf(kind, id)) ?? super.find(kind, id);
  }

  /** Puts entries where they are absent, as part of the commit in hand. */
  add(entries: readonly ArchivedEntry[]): void {
    this.insert.run(entries.map(({ record, entry }) => [entry.kind, entry.id, record, jsonLiteral(entry.document)]));
  }

  /** What `add` wrote counts: `find` shows it before it is applied. */
  added(entries: readonly ArchiveEntry[]): void {
    for (const { kind, id, document } of entries) {
      const at = pairOf(kind, id);
      if (!this.unapplied.has(at)) this.unapplied.set(at, document);
    }
  }
}

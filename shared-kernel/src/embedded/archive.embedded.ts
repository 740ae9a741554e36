import type { ArchiveEntry } from '../outbox/outbox';
import type { Archive, ArchivedDocument } from '../store/records';
import type { SqlFile } from './sql-file';
import { WideStatement } from './wide-statement';

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

/** The archive of one service, in the file where its records are. */
export class EmbeddedArchive implements Archive {
  private readonly insert: WideStatement;

  constructor(private readonly file: SqlFile) {
    this.insert = new WideStatement(
      file,
      4,
      (rows) => `INSERT INTO archive (kind, id, record, document) VALUES ${rows} ON CONFLICT (kind, id) DO NOTHING`,
    );
  }

  /** Puts entries where they are absent; part of the caller's transaction. */
  add(entries: readonly ArchivedEntry[]): void {
    this.insert.run(entries.map(({ record, entry }) => [entry.kind, entry.id, record, JSON.stringify(entry.document)]));
  }

  async find(kind: string, id: string): Promise<unknown> {
    const [row] = this.file
      .statement<{ document: string }>('SELECT document FROM archive WHERE kind = ? AND id = ?')
      .all(kind, id);
    return row && JSON.parse(row.document);
  }

  async list(kind: string, record: string, { limit, before = NO_LIMIT }: Page): Promise<readonly unknown[]> {
    return this.file
      .statement<{ document: string }>(
        'SELECT document FROM archive WHERE kind = ? AND record = ? AND id < ? ORDER BY id DESC LIMIT ?',
      )
      .all(kind, record, before, limit)
      .map(({ document }): unknown => JSON.parse(document));
  }

  async listAll(kind: string, { limit, before = NO_LIMIT }: Page): Promise<readonly ArchivedDocument[]> {
    return this.file
      .statement<{ id: string; record: string; document: string }>(
        'SELECT id, record, document FROM archive WHERE kind = ? AND id < ? ORDER BY id DESC LIMIT ?',
      )
      .all(kind, before, limit)
      .map(({ id, record, document }) => ({ id, record, document: JSON.parse(document) as unknown }));
  }
}

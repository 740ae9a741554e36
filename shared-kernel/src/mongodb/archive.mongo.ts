import type { Collection, Filter } from 'mongodb';
import type { ArchiveEntry } from '../outbox/outbox';
import type { Archive, ArchivedDocument } from '../store/records';
import { GatheredReads } from './gathered-reads';
import { textOf, valueOf } from './known-texts';
import { isDuplicateKeyCode, isRefusedFor, mongoFault, translated, writeErrorsOf } from './mongo-fault';

export interface ArchiveDocument {
  /** `["<kind>","<id>"]` */
  readonly _id: string;
  readonly kind: string;
  readonly id: string;
  readonly record: string;
  /** JSON */
  readonly document: string;
}

/** What leaves a record for good. */
export interface ArchivedEntry {
  readonly record: string;
  readonly entry: ArchiveEntry;
}

/** An entry that the server will never take, for the entry's own sake. */
export interface RefusedEntry extends ArchivedEntry {
  readonly error: unknown;
}

interface Page {
  readonly limit: number;
  readonly before?: string;
}

/** The archive of one service, beside its records. */
export class MongoArchive implements Archive {
  private readonly byId = new GatheredReads((ids) => this.load(ids));

  constructor(private readonly documents: Collection<ArchiveDocument>) {}

  /** Puts entries where they are absent; resolves when they are durable, with those that are refused. */
  async insert(entries: readonly ArchivedEntry[]): Promise<readonly RefusedEntry[]> {
    if (entries.length === 0) return [];
    try {
      await this.documents.insertMany(entries.map(documentOf), { ordered: false });
      return [];
    } catch (error) {
      const refused = refusedOf(entries, error);
      if (refused) return refused;
      if (mongoFault(error)) throw error;
      if (entries.length === 1) return [{ ...entries[0]!, error }];
    }
    const refused: RefusedEntry[] = [];
    for (const entry of entries) refused.push(...(await this.insert([entry])));
    return refused;
  }

  async find(kind: string, id: string): Promise<unknown> {
    const found = await translated(this.byId.get(idOf(kind, id)));
    return found && valueOf(found.document);
  }

  async list(kind: string, record: string, page: Page): Promise<readonly unknown[]> {
    return (await this.page({ kind, record }, page)).map(({ document }) => valueOf(document));
  }

  async listAll(kind: string, page: Page): Promise<readonly ArchivedDocument[]> {
    return (await this.page({ kind }, page)).map(({ id, record, document }) => ({
      id,
      record,
      document: valueOf(document),
    }));
  }

  private async load(ids: readonly string[]) {
    const found = await this.documents.find({ _id: { $in: [...ids] } }, { batchSize: ids.length + 1 }).toArray();
    return new Map(found.map((document) => [idOf(document.kind, document.id), document]));
  }

  private page(filter: Filter<ArchiveDocument>, { limit, before }: Page): Promise<readonly ArchiveDocument[]> {
    if (limit <= 0) return Promise.resolve([]);
    const until = before === undefined ? {} : { id: { $lt: before } };
    return translated(
      this.documents
        .find({ ...filter, ...until })
        .sort({ id: -1 })
        .limit(limit)
        .toArray(),
    );
  }
}

function documentOf({ record, entry: { kind, id, document } }: ArchivedEntry): ArchiveDocument {
  return { _id: idOf(kind, id), kind, id, record, document: textOf(document) };
}

function idOf(kind: string, id: string): string {
  return JSON.stringify([kind, id]);
}

/** A duplicate is there already, as it should be. Undefined when something else failed than single entries. */
function refusedOf(entries: readonly ArchivedEntry[], error: unknown): readonly RefusedEntry[] | undefined {
  const errors = writeErrorsOf(error)?.filter(({ code }) => !isDuplicateKeyCode(code));
  if (!errors?.every(({ code }) => isRefusedFor(code))) return undefined;
  return errors.map((each) => ({ ...entries[each.index]!, error: each.error }));
}

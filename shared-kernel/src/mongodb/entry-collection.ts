import { MongoServerError } from 'mongodb';
import type { Collection } from 'mongodb';
import { insertAbsent } from './insert-absent';
import { isDuplicateKeyCode, isRefusedFor, mongoFault, writeErrorsOf } from './mongo-fault';
import { entryOf, partOf } from './record-document';
import type { EntryPart, VersionedEntry } from './record-document';

/**
 * How long it stays known that an entry was deleted. An older copy that is later than that brings an expired entry back,
 * which expires again.
 */
const DELETION_KNOWN_MS = 24 * 60 * 60 * 1_000;

/** An entry in a document of its own. */
export interface EntryDocument extends EntryPart {
  /** `["<record>","<key>"]` */
  readonly _id: string;
  readonly record: string;
  /** Of a deleted one: when the server may take the document away. */
  readonly goneAt?: Date;
}

export interface EntryOfRecord {
  readonly record: string;
  readonly entry: VersionedEntry;
}

/** One that the server refuses for its own sake. */
export interface StuckEntry extends EntryOfRecord {
  readonly error: unknown;
}

/** Entries that have moved out of their records' documents, so that these stay small, however many entries there are. */
export class EntryCollection {
  constructor(
    readonly documents: Collection<EntryDocument>,
    private readonly now: () => number,
  ) {}

  async load(wanted: readonly (readonly [record: string, key: string])[]): Promise<readonly EntryOfRecord[]> {
    if (wanted.length === 0) return [];
    const ids = wanted.map(([record, key]) => idOf(record, key));
    const found = await this.documents.find({ _id: { $in: ids } }, { batchSize: ids.length + 1 }).toArray();
    return found.map((document) => ({ record: document.record, entry: entryOf(document) }));
  }

  /**
   * Puts them here, each unless a newer one of its key is here already. So it may be done twice, late, and by a process
   * that everybody takes for dead. Answers those that are refused for their own sake, by the server or by the driver; all
   * others are here then.
   */
  async move(entries: readonly EntryOfRecord[]): Promise<readonly StuckEntry[]> {
    try {
      return await this.put(entries);
    } catch (error) {
      if (mongoFault(error) || isOfServer(error)) throw error;
      if (entries.length === 1) return [{ ...entries[0]!, error }];
    }
    const half = Math.ceil(entries.length / 2);
    return [...(await this.move(entries.slice(0, half))), ...(await this.move(entries.slice(half)))];
  }

  /** Those that need not be kept any longer at `now`, the longest overdue first. */
  async findExpired(now: number, limit: number): Promise<readonly EntryDocument[]> {
    return this.documents
      .find({ until: { $lte: now } })
      .sort({ until: 1 })
      .limit(limit)
      .toArray();
  }

  /** Answers those that the server refuses: it says so when they are inserted, though another of their keys is here. */
  private async put(entries: readonly EntryOfRecord[]): Promise<readonly StuckEntry[]> {
    const documents = entries.map((entry) => this.documentOf(entry));
    let known: readonly EntryDocument[];
    try {
      known = await insertAbsent(this.documents, documents);
    } catch (error) {
      const refused = refusedOf(error);
      if (!refused) throw error;
      const others = entries.filter((_, index) => !refused.has(index));
      return [...[...refused].map(([index, why]) => ({ ...entries[index]!, error: why })), ...(await this.put(others))];
    }
    if (known.length > 0) await this.replaceOlder(known);
    return [];
  }

  private async replaceOlder(known: readonly EntryDocument[]): Promise<void> {
    const { matchedCount } = await this.documents.bulkWrite(
      known.map(({ _id, ...replacement }) => ({
        replaceOne: { filter: { _id, version: { $lt: replacement.version } }, replacement },
      })),
      { ordered: false },
    );
    // Where nothing older was found, a newer one is there, or the server has just taken away a deletion that was.
    if (matchedCount < known.length) await insertAbsent(this.documents, known);
  }

  private documentOf({ record, entry }: EntryOfRecord): EntryDocument {
    const document = { _id: idOf(record, entry.key), record, ...partOf(entry) };
    return entry.kept ? document : { ...document, goneAt: new Date(this.now() + DELETION_KNOWN_MS) };
  }
}

/** By place, why documents are refused for their own sake; undefined when something else failed than that. */
function refusedOf(error: unknown): ReadonlyMap<number, unknown> | undefined {
  const errors = writeErrorsOf(error)?.filter(({ code }) => !isDuplicateKeyCode(code));
  if (!errors?.length || !errors.every(({ code }) => isRefusedFor(code))) return undefined;
  return new Map(errors.map(({ index, error: why }) => [index, why]));
}

/** Trap: a bulk write wraps what the driver throws, too, into an error of the server's. */
function isOfServer(error: unknown): boolean {
  if (!(error instanceof MongoServerError)) return false;
  const wrapped: unknown = error.errorResponse;
  return !(wrapped instanceof Error) || wrapped instanceof MongoServerError;
}

function idOf(record: string, key: string): string {
  return JSON.stringify([record, key]);
}

import type { Collection, Document, Filter } from 'mongodb';
import type { OutgoingMessage } from '../messaging/event-message';
import type { ArchiveEntry } from '../outbox/outbox';
import type { ArchivedDocument } from '../store/records';
import type { ArchiveDocument } from './archive.mongo';
import type { EntryDocument } from './entry-collection';
import { valueOf } from './known-texts';
import { translated } from './mongo-fault';
import { entryOf, idOf } from './record-document';
import type { RecordDocument, VersionedEntry } from './record-document';
import { entriesOf } from './service-database';
import type { ServiceDatabase } from './service-database';

/** A record as it lies there, with what it still has to publish. */
export interface SurveyedRecord {
  readonly id: string;
  readonly version: number;
  readonly body: unknown;
  readonly waiting: readonly OutgoingMessage[];
  readonly waitingSince: number | undefined;
  readonly dueAt: number | undefined;
  readonly aliases: readonly string[];
}

/** An entry, wherever it lies. */
export interface SurveyedEntry {
  readonly record: string;
  readonly key: string;
  readonly value: unknown;
  readonly until: number | undefined;
}

const DOCUMENTS_AT_ONCE = 1_000;

/**
 * Looks through all that a service's database holds, a portion at a time. It writes nothing, and holds nobody up: so what
 * it finds is not of one moment. What is on its way from a record into another collection is found, once, because the
 * records come first.
 */
export class MongoSurvey {
  constructor(private readonly database: Pick<ServiceDatabase, 'collection'>) {}

  /** By ascending id. */
  async *records(kind: string): AsyncGenerator<readonly SurveyedRecord[]> {
    for await (const documents of this.documentsOf(kind, {}, { commits: 0, leaving: 0, entries: 0 }))
      yield documents.map(recordOf);
  }

  /** The entries of a kind's records, in no order; of one that lies in two places, the newer one. */
  async *entries(kind: string): AsyncGenerator<readonly SurveyedEntry[]> {
    const onTheWay = new Map<string, { readonly record: string; readonly entry: VersionedEntry }>();
    for await (const documents of this.documentsOf(kind, { entries: { $exists: true } }, { entries: 1 })) {
      for (const { _id: record, entries = [] } of documents)
        for (const part of entries) onTheWay.set(placeOf(record, part.key), { record, entry: entryOf(part) });
    }

    const moved = this.database.collection<EntryDocument>(entriesOf(kind));
    for await (const documents of portions(moved, {}, '_id')) {
      const found = documents.map((document) => {
        const entry = entryOf(document);
        const place = placeOf(document.record, entry.key);
        const within = onTheWay.get(place);
        onTheWay.delete(place);
        return within && within.entry.version > entry.version ? within : { record: document.record, entry };
      });
      yield found.flatMap(({ record, entry }) => surveyedEntry(record, entry));
    }
    yield [...onTheWay.values()].flatMap(({ record, entry }) => surveyedEntry(record, entry));
  }

  /** What the records of a kind have archived as `kind`, by ascending id. */
  async *archived(records: string, kind: string): AsyncGenerator<readonly ArchivedDocument[]> {
    const onTheWay = (await this.leaving(records, kind)).toSorted(byId);
    let next = 0;

    const archive = this.database.collection<ArchiveDocument>('archive');
    for await (const documents of portions(archive, { kind }, 'id')) {
      const here = new Map<string, ArchivedDocument>();
      const last = documents.at(-1)!.id;
      for (let one = onTheWay[next]; one && one.id <= last; one = onTheWay[++next]) here.set(one.id, one);
      for (const { id, record, document } of documents) here.set(id, { id, record, document: valueOf(document) });
      yield [...here.values()].toSorted(byId);
    }
    if (next < onTheWay.length) yield onTheWay.slice(next);
  }

  private async leaving(records: string, kind: string): Promise<readonly ArchivedDocument[]> {
    const found: ArchivedDocument[] = [];
    for await (const documents of this.documentsOf(records, { leaving: { $exists: true } }, { leaving: 1 })) {
      for (const { _id: record, leaving = [] } of documents) {
        for (const { text } of leaving) {
          const entry = valueOf(text) as ArchiveEntry;
          if (entry.kind === kind) found.push({ id: entry.id, record, document: entry.document });
        }
      }
    }
    return found;
  }

  private documentsOf(kind: string, filter: Filter<RecordDocument>, projection: Document) {
    return portions(this.database.collection<RecordDocument>(kind), filter, '_id', projection);
  }
}

/** None is empty. Each is asked for by itself, so that no cursor grows old while the last one is looked at. */
async function* portions<Stored extends Document>(
  documents: Collection<Stored>,
  filter: Filter<Stored>,
  by: '_id' | 'id',
  projection: Document = {},
): AsyncGenerator<readonly Stored[]> {
  for (let after: unknown; ;) {
    const beyond = after === undefined ? filter : { ...filter, [by]: { $gt: after } };
    const found = await translated(
      documents
        .find<Stored>(beyond, { projection, batchSize: DOCUMENTS_AT_ONCE + 1 })
        .sort({ [by]: 1 })
        .limit(DOCUMENTS_AT_ONCE)
        .toArray(),
    );
    if (found.length > 0) yield found;
    if (found.length < DOCUMENTS_AT_ONCE) return;
    after = found.at(-1)![by];
  }
}

function recordOf(document: RecordDocument): SurveyedRecord {
  const { version, body, waiting = [], waitingSince, dueAt, aliases = [] } = document;
  return {
    id: idOf(document),
    version,
    body: body === undefined ? undefined : valueOf(body),
    waiting: waiting.map(({ text }) => valueOf(text) as OutgoingMessage),
    waitingSince,
    dueAt,
    aliases,
  };
}

function placeOf(record: string, key: string): string {
  return JSON.stringify([record, key]);
}

function surveyedEntry(record: string, { key, kept }: VersionedEntry): readonly SurveyedEntry[] {
  return kept ? [{ record, key, value: kept.value, until: kept.until }] : [];
}

function byId(one: ArchivedDocument, other: ArchivedDocument): number {
  return one.id < other.id ? -1 : 1;
}

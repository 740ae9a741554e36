import type { Collection, Document, IndexDescriptionInfo } from 'mongodb';
import { MongoServerError } from 'mongodb';
import { mongoFault, unsuitable } from './mongo-fault';

/** An index that a collection must have. */
export interface Index {
  readonly fields: Readonly<Record<string, 1 | -1>>;
  readonly unique?: true;
  /** Leaves out the documents without the field. */
  readonly sparse?: true;
  /** The field is a time; the server takes the document away after it. */
  readonly expires?: true;
}

/** What a kind of records is looked for by, beside its columns. */
export const RECORD_INDEXES: readonly Index[] = [
  { fields: { aliases: 1 }, sparse: true },
  { fields: { dueAt: 1 }, sparse: true },
  { fields: { waitingSince: 1 }, sparse: true },
  { fields: { movingSince: 1 }, sparse: true },
  { fields: { expiresAt: 1 }, sparse: true },
];

export const ENTRY_INDEXES: readonly Index[] = [
  { fields: { until: 1 }, sparse: true },
  { fields: { goneAt: 1 }, expires: true },
];

export const ARCHIVE_INDEXES: readonly Index[] = [
  { fields: { kind: 1, id: 1 }, unique: true },
  { fields: { kind: 1, record: 1, id: 1 } },
];

export const EVENT_INDEXES: readonly Index[] = [
  { fields: { saga: 1, publishedAt: -1 } },
  { fields: { topic: 1, publishedAt: -1 } },
  { fields: { publishedAt: -1 } },
  { fields: { goneAt: 1 }, expires: true },
];

export const PARKED_INDEXES: readonly Index[] = [
  { fields: { number: 1 }, unique: true },
  { fields: { group: 1, state: 1, number: 1 } },
];

/** Creates what is missing, and makes sure that it is there: without an index a search takes for ever, or a double stays unseen. */
export async function ensureIndexes(collection: Collection, indexes: readonly Index[]): Promise<void> {
  if (indexes.length === 0) return;
  try {
    await collection.createIndexes(
      indexes.map(({ fields, unique, sparse, expires }) => ({
        key: { ...fields },
        ...(unique ? { unique } : {}),
        ...(sparse ? { sparse } : {}),
        ...(expires ? { expireAfterSeconds: 0 } : {}),
      })),
    );
  } catch (error) {
    if (mongoFault(error) || !(error instanceof MongoServerError)) throw error;
    throw unsuitable(`The indexes of "${collection.collectionName}" cannot be created: ${error.message}`, error);
  }

  const existing = await collection.listIndexes().toArray();
  for (const index of indexes) {
    if (!existing.some((found: IndexDescriptionInfo) => isThat(found, index)))
      throw unsuitable(
        `The collection "${collection.collectionName}" lacks the ${index.unique ? 'unique ' : ''}index on ${Object.keys(index.fields).join(', ')}.`,
      );
  }
}

function isThat(found: IndexDescriptionInfo, { fields, unique }: Index): boolean {
  return isSameKey(found.key, fields) && (!unique || found.unique === true);
}

/** The order of the fields matters. */
function isSameKey(one: Document, other: Document): boolean {
  return JSON.stringify(Object.entries(one)) === JSON.stringify(Object.entries(other));
}

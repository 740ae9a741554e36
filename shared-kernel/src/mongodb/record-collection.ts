import type { AnyBulkWriteOperation, Collection, MongoBulkWriteError } from 'mongodb';
import { isDuplicateKeyCode, mongoFault, writeErrorsOf } from './mongo-fault';
import type { RecordDocument } from './record-document';

/** A document to be written, if its record is still at this version; 0: if there is none. */
export interface ConditionalWrite {
  readonly document: RecordDocument;
  readonly from: number;
}

/**
 * What became of one write: it is stored; another writer came first; the server has answered, but not about this one (look
 * for its commit); or the server refuses the document for its own sake.
 */
export type Outcome = 'stored' | 'stale' | 'look' | { readonly refused: unknown };

/** The documents of one kind: many are read by one command, and many are written by one bulk write. */
export class RecordCollection {
  constructor(readonly documents: Collection<RecordDocument>) {}

  async load(ids: readonly string[]): Promise<readonly RecordDocument[]> {
    if (ids.length === 0) return [];
    return this.documents.find({ _id: { $in: [...ids] } }, { batchSize: ids.length + 1 }).toArray();
  }

  /** Rejects when it is unknown what became of them. */
  async write(writes: readonly ConditionalWrite[]): Promise<readonly Outcome[]> {
    if (writes.length === 0) return [];
    try {
      const { matchedCount } = await this.documents.bulkWrite(writes.map(operationOf), { ordered: false });
      return judged(writes, matchedCount, new Map());
    } catch (error) {
      const failed = failuresOf(error);
      if (failed) return judged(writes, (error as MongoBulkWriteError).matchedCount, failed);
      if (mongoFault(error)) throw error;
      if (writes.length === 1) return [{ refused: error }];
    }
    return this.writeOneByOne(writes);
  }

  /** One that the driver would not even send holds up all that were to go with it. */
  private async writeOneByOne(writes: readonly ConditionalWrite[]): Promise<readonly Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const write of writes) {
      const [outcome = 'look'] = await this.write([write]);
      // Some may have been stored before the error.
      outcomes.push(outcome === 'stale' ? 'look' : outcome);
    }
    return outcomes;
  }
}

function operationOf({ document, from }: ConditionalWrite): AnyBulkWriteOperation<RecordDocument> {
  if (from === 0) return { insertOne: { document } };
  const { _id, ...replacement } = document;
  return { replaceOne: { filter: { _id, version: from }, replacement } };
}

/** The errors of single documents by their places; undefined when it is not (only) single documents that failed. */
function failuresOf(error: unknown): ReadonlyMap<number, Outcome> | undefined {
  const errors = writeErrorsOf(error);
  return (
    errors &&
    new Map(errors.map(({ index, code, error: refused }) => [index, isDuplicateKeyCode(code) ? 'stale' : { refused }]))
  );
}

/** Trap: of an unordered bulk write the server only tells how many replacements have found their document, not which. */
function judged(
  writes: readonly ConditionalWrite[],
  matched: number,
  failed: ReadonlyMap<number, Outcome>,
): readonly Outcome[] {
  const expected = writes.filter(({ from }, index) => from > 0 && !failed.has(index)).length;
  const replaced: Outcome = matched === expected ? 'stored' : matched === 0 ? 'stale' : 'look';
  return writes.map(({ from }, index) => failed.get(index) ?? (from === 0 ? 'stored' : replaced));
}

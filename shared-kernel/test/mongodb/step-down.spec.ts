import { MongoBulkWriteError, MongoServerError } from 'mongodb';
import type { AnyBulkWriteOperation, BulkWriteResult, Collection } from 'mongodb';
import type { ArchiveDocument } from '../../src/mongodb/archive.mongo';
import { MongoArchive } from '../../src/mongodb/archive.mongo';
import { EntryCollection } from '../../src/mongodb/entry-collection';
import type { EntryDocument } from '../../src/mongodb/entry-collection';
import { KnownRecords } from '../../src/mongodb/known-records';
import { mongoFault } from '../../src/mongodb/mongo-fault';
import { MovingOut } from '../../src/mongodb/moving-out';
import { RecordCollection } from '../../src/mongodb/record-collection';
import { idOf, RecordDocuments } from '../../src/mongodb/record-document';
import type { RecordDocument } from '../../src/mongodb/record-document';
import { MongoRecords } from '../../src/mongodb/records.mongo';
import { tallies } from '../../src/testing/tally';
import { SystemClock } from '../../src/time/system-clock';

const STEP_DOWNS = [
  [91, 'ShutdownInProgress'],
  [189, 'PrimarySteppedDown'],
  [10_107, 'NotWritablePrimary'],
  [11_602, 'InterruptedDueToReplStateChange'],
] as const;

type Write = AnyBulkWriteOperation<RecordDocument>;

/** A collection whose primary steps down once, before or after it has done what it was asked. */
class SteppingDown {
  readonly stored = new Map<string, RecordDocument>();
  writes = 0;
  failure: { readonly when: 'before' | 'after'; readonly error: Error } | undefined;

  find({ _id: { $in } }: { readonly _id: { readonly $in: readonly string[] } }) {
    return { toArray: async () => $in.flatMap((id) => this.stored.get(id) ?? []) };
  }

  async bulkWrite(writes: readonly Write[]): Promise<Pick<BulkWriteResult, 'matchedCount'>> {
    this.writes++;
    const { failure } = this;
    this.failure = undefined;
    if (failure?.when === 'before') throw failure.error;
    const matchedCount = writes.filter((write) => this.wrote(write)).length;
    if (failure) throw failure.error;
    return { matchedCount };
  }

  /** Whether a replacement has found its document. */
  private wrote(write: Write): boolean {
    if ('insertOne' in write) {
      const document = write.insertOne.document as RecordDocument;
      this.stored.set(idOf(document), document);
    }
    if (!('replaceOne' in write)) return false;
    const { filter, replacement } = write.replaceOne;
    const { _id: id, version } = filter as Pick<RecordDocument, '_id' | 'version'>;
    if (this.stored.get(id)?.version !== version) return false;
    this.stored.set(id, { _id: id, ...replacement });
    return true;
  }
}

function recordsOn(collection: SteppingDown) {
  const clock = new SystemClock();
  const now = () => clock.now();
  const records = new RecordCollection(collection as unknown as Collection<RecordDocument>);
  // No change here is about an entry, and none archives anything.
  const entries = new EntryCollection({} as Collection<EntryDocument>, now);
  const archive = new MongoArchive({} as Collection<ArchiveDocument>);
  const translation = new RecordDocuments(tallies, now);
  const known = new KnownRecords();
  const moving = new MovingOut(records, entries, archive, translation, known, clock, {
    refuse: () => Promise.resolve(),
    stays: () => undefined,
  });
  return new MongoRecords({ kind: tallies, records, entries, translation, moving, known, now });
}

/** As the driver rejects when the server answers a whole bulk write so. */
const answered = (code: number, message: string) =>
  new MongoBulkWriteError(new MongoServerError({ ok: 0, code, message }), nothingWritten);
/** And when the write is done, and whether it stays is not known. */
const unconfirmed = (code: number, message: string) => new MongoBulkWriteError({ code, message }, nothingWritten);
const nothingWritten = { matchedCount: 0, getWriteConcernError: () => undefined } as unknown as BulkWriteResult;

describe.each(STEP_DOWNS)(
  'I1: a primary that steps down during a write, and says so with %d (%s),',
  (code, message) => {
    let collection: SteppingDown;
    let decided: number[];
    const add = (records: ReturnType<typeof recordsOn>) =>
      records.change('a', [], (tally) => {
        decided.push(tally.add());
        return decided.at(-1);
      });

    beforeEach(() => {
      collection = new SteppingDown();
      decided = [];
    });

    it('is a fault of the world, which may be tried again', () => {
      const fault = { code: 'store-unreachable', retryable: true };

      expect(mongoFault(new MongoServerError({ ok: 0, code, message }))).toMatchObject(fault);
      expect(mongoFault(answered(code, message))).toMatchObject(fault);
      expect(mongoFault(unconfirmed(code, message))).toMatchObject(fault);
    });

    it.each(['the first', 'a later'])(
      'has %s change of a record decided again when it had not written it',
      async (which) => {
        const records = recordsOn(collection);
        if (which === 'a later') await add(records);
        const before = decided.length;
        collection.failure = { when: 'before', error: answered(code, message) };

        expect(await add(records)).toBe(before + 1);
        expect(decided.slice(before)).toEqual([before + 1, before + 1]);
        expect(collection.stored.get('a')).toMatchObject({ version: before + 1, count: before + 1 });
      },
    );

    it.each(['the first', 'a later'])('has %s change of a record read back when it had written it', async (which) => {
      const records = recordsOn(collection);
      if (which === 'a later') await add(records);
      const before = decided.length;
      collection.failure = { when: 'after', error: unconfirmed(code, message) };

      expect(await add(records)).toBe(before + 1);
      expect(decided.slice(before)).toEqual([before + 1]);
      expect(collection.stored.get('a')).toMatchObject({ version: before + 1, count: before + 1 });
      expect(collection.writes).toBe(before + 1);
    });
  },
);

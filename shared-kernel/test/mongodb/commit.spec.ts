import { MongoServerError } from 'mongodb';
import type { Collection } from 'mongodb';
import { MongoArchive } from '../../src/mongodb/archive.mongo';
import type { ArchiveDocument } from '../../src/mongodb/archive.mongo';
import { EntryCollection } from '../../src/mongodb/entry-collection';
import type { EntryDocument } from '../../src/mongodb/entry-collection';
import { KnownRecords } from '../../src/mongodb/known-records';
import { MovingOut } from '../../src/mongodb/moving-out';
import { RecordCollection } from '../../src/mongodb/record-collection';
import { RecordDocuments } from '../../src/mongodb/record-document';
import type { RecordDocument } from '../../src/mongodb/record-document';
import { MongoRecords } from '../../src/mongodb/records.mongo';
import { tallies } from '../../src/testing/tally';
import { TestClock } from '../../src/testing/test-clock';

type Search = { readonly _id: { readonly $in: readonly string[] } };

/** Records none of which is there yet, on a server that answers each search so. */
function recordsWhere(answer: (ids: readonly string[]) => Promise<readonly RecordDocument[]>) {
  const clock = new TestClock();
  const now = () => clock.now();
  const records = new RecordCollection({
    find: ({ _id: { $in } }: Search) => ({ toArray: () => answer($in) }),
    bulkWrite: () => Promise.resolve({ matchedCount: 0 }),
  } as unknown as Collection<RecordDocument>);
  const entries = new EntryCollection({} as Collection<EntryDocument>, now);
  const translation = new RecordDocuments(tallies, now);
  const known = new KnownRecords();
  const archive = new MongoArchive({} as Collection<ArchiveDocument>);
  const moving = new MovingOut(records, entries, archive, translation, known, clock, {
    refuse: () => Promise.resolve(),
    stays: () => undefined,
  });
  return new MongoRecords({ kind: tallies, records, entries, translation, moving, known, now });
}

describe('Changes of many records that are tried together', () => {
  const ids = Array.from({ length: 64 }, (_, each) => `tally ${each}`);
  let searches: number;

  const addToAll = (answer: (ids: readonly string[]) => Promise<readonly RecordDocument[]>) => {
    searches = 0;
    const records = recordsWhere((asked) => {
      searches += 1;
      return answer(asked);
    });
    return Promise.allSettled(ids.map((id) => records.change(id, [], (tally) => tally.add())));
  };

  it('are told at once what the server answers about itself, which is not asked again for each', async () => {
    const reason = new MongoServerError({ ok: 0, code: 11_601, message: 'Interrupted' });

    expect(await addToAll(() => Promise.reject(reason))).toEqual(ids.map(() => ({ status: 'rejected', reason })));
    expect(searches).toBe(1);
  });

  it('are tried in smaller company when together they are too large for the server', async () => {
    const tooLarge = new MongoServerError({ ok: 0, code: 10_334, message: 'BSONObjectTooLarge' });
    const answer = (asked: readonly string[]) => (asked.length > 16 ? Promise.reject(tooLarge) : Promise.resolve([]));

    expect(await addToAll(answer)).toEqual(ids.map(() => ({ status: 'fulfilled', value: 1 })));
  });
});

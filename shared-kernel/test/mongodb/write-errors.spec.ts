import { MongoBulkWriteError, MongoServerError } from 'mongodb';
import type { BulkWriteResult, Collection, WriteError } from 'mongodb';
import { MongoArchive } from '../../src/mongodb/archive.mongo';
import type { ArchiveDocument } from '../../src/mongodb/archive.mongo';
import { insertAbsent } from '../../src/mongodb/insert-absent';
import { mongoFault } from '../../src/mongodb/mongo-fault';
import { RecordCollection } from '../../src/mongodb/record-collection';
import type { RecordDocument } from '../../src/mongodb/record-document';

type Failed = Pick<WriteError, 'index' | 'code' | 'errmsg'>;

const DUPLICATE = { index: 0, code: 11_000, errmsg: 'E11000 duplicate key error' };

/** As the driver rejects when the server answers that some documents of an unordered bulk write failed. */
function failing(...errors: readonly [Failed, ...Failed[]]) {
  const [{ code, errmsg: message = '' }] = errors;
  const writeErrors = errors as unknown as WriteError[];
  const result = { matchedCount: 0, getWriteConcernError: () => undefined } as unknown as BulkWriteResult;
  return () => Promise.reject(new MongoBulkWriteError({ message, code, writeErrors }, result));
}

function records(bulkWrite: () => Promise<never>) {
  return new RecordCollection({ bulkWrite } as unknown as Collection<RecordDocument>);
}

const first = (id: string) => ({ document: { _id: id, version: 1, commits: [] }, from: 0 });

describe('What a server answers about single documents', () => {
  it.each([
    [133, 'FailedToSatisfyReadPreference: no primary is known for the shard'],
    [189, 'PrimarySteppedDown'],
    [202, 'NetworkInterfaceExceededTimeLimit'],
  ])('is a fault of the world when a shard could not be reached (%d)', async (code, errmsg) => {
    const away = failing(DUPLICATE, { index: 1, code, errmsg });
    const fault = { code: 'store-unreachable', retryable: true };
    const documents = { insertMany: away } as unknown as Collection<{ readonly _id: string }>;

    expect(
      await records(away)
        .write([first('a'), first('b')])
        .catch(mongoFault),
    ).toMatchObject(fault);
    expect(await insertAbsent(documents, [{ _id: 'a' }, { _id: 'b' }]).catch(mongoFault)).toMatchObject(fault);
    expect(mongoFault(new MongoServerError({ ok: 0, code, errmsg }))).toMatchObject(fault);
  });

  it('is an error that says why, when a document is refused for its own sake', async () => {
    const invalid = failing({ index: 0, code: 121, errmsg: 'Document failed validation' });
    const why = { message: 'Document failed validation', code: 121 };

    const [outcome] = await records(invalid).write([first('a')]);
    expect(outcome).toHaveProperty('refused', expect.any(Error));
    expect(outcome).toHaveProperty('refused', expect.objectContaining(why));

    const archive = new MongoArchive({ insertMany: invalid } as unknown as Collection<ArchiveDocument>);
    const [refused] = await archive.insert([{ record: 'a', entry: { kind: 'line', id: '1', document: 1 } }]);
    expect(refused?.error).toBeInstanceOf(Error);
    expect(refused?.error).toMatchObject(why);
  });
});

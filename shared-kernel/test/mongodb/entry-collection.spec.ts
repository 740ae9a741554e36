import { MongoBulkWriteError, MongoServerError } from 'mongodb';
import type { BulkWriteResult, Collection, WriteError } from 'mongodb';
import { EntryCollection } from '../../src/mongodb/entry-collection';
import type { EntryDocument, EntryOfRecord } from '../../src/mongodb/entry-collection';

const DUPLICATE_KEY = 11_000;
const INVALID = 121;

const nothing = { getWriteConcernError: () => undefined } as unknown as BulkWriteResult;

/** Of whose keys documents are there already, and which the server refuses. */
class Server {
  readonly taken = new Set<string>();
  readonly invalid = new Set<string>();
  /** What the next commands fail with, whatever they are about. */
  failure: Error | undefined;
  /** Of whose keys one fails by itself, before it is sent. */
  tooLarge = '';
  commands = 0;

  async insertMany(documents: readonly EntryDocument[]) {
    this.commands += 1;
    if (this.failure) throw this.failure;
    if (documents.some(({ key }) => key === this.tooLarge)) throw new Error('too large');
    const failed = documents.flatMap(({ key }, index) => {
      const code = this.invalid.has(key) ? INVALID : this.taken.has(key) ? DUPLICATE_KEY : undefined;
      if (code === undefined) this.taken.add(key);
      return code === undefined ? [] : [{ index, code, errmsg: `E${code}` }];
    });
    if (failed.length === 0) return;
    const [{ code, errmsg: message } = { code: 0, errmsg: '' }] = failed;
    throw new MongoBulkWriteError({ message, code, writeErrors: failed as unknown as WriteError[] }, nothing);
  }

  async bulkWrite(writes: readonly unknown[]) {
    this.commands += 1;
    return { matchedCount: writes.length };
  }
}

const keyed = (key: string): EntryOfRecord => ({
  record: 'a',
  entry: { key, version: 1, since: 0, kept: { value: 'v' } },
});

describe('Entries that move', () => {
  let server: Server;
  let entries: EntryCollection;
  const keys = Array.from({ length: 100 }, (_, each) => `key ${each}`);
  const stuck = async () => (await entries.move(keys.map(keyed))).map(({ entry, error }) => [entry.key, error]);

  beforeEach(() => {
    server = new Server();
    entries = new EntryCollection(server as unknown as Collection<EntryDocument>, () => 0);
  });

  it('are all there but those that the server refuses, which it is asked about once', async () => {
    for (const key of ['key 1', 'key 3', 'key 7']) server.taken.add(key);
    for (const key of ['key 2', 'key 50']) server.invalid.add(key);
    const refused = expect.objectContaining({ code: INVALID }) as unknown;

    expect(await stuck()).toEqual([
      ['key 2', refused],
      ['key 50', refused],
    ]);
    expect(server.taken.size).toBe(98);
    expect(server.commands).toBe(3);
  });

  it('are all there but one that the driver does not even try to send', async () => {
    server.tooLarge = 'key 42';

    expect(await stuck()).toEqual([['key 42', new Error('too large')]]);
    expect(server.taken.size).toBe(99);
  });

  it('are all there but one that cannot be sent, when the driver says so in the words of a server', async () => {
    server.tooLarge = 'key 42';
    const insertMany = server.insertMany.bind(server);
    server.insertMany = (documents) =>
      insertMany(documents).catch((error: unknown) => {
        // As the driver wraps it.
        throw new MongoBulkWriteError(error as Error, nothing);
      });

    expect((await stuck()).map(([key]) => key)).toEqual(['key 42']);
    expect(server.taken.size).toBe(99);
  });

  it.each([
    ['a bulk write', (error: MongoServerError) => new MongoBulkWriteError(error, nothing)],
    ['any command', (error: MongoServerError) => error],
  ])('are not taken for refused, nor asked about one by one, when the server could not do %s', async (_, wrapped) => {
    const interrupted = new MongoServerError({ ok: 0, code: 11_601, message: 'Interrupted' });
    server.failure = wrapped(interrupted);

    await expect(stuck()).rejects.toBe(server.failure);
    expect(server.commands).toBe(1);
  });
});

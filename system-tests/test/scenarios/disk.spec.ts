import assert from 'node:assert/strict';
import fs from 'node:fs';
import { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import { storageFault } from '@library/shared-kernel/embedded/storage-fault';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { Desk } from '../desk';
import { LibraryUnderTest } from '../library-under-test';
import { eventually } from '../over-http';

// Each test opens the folder twice, which takes its time on a busy machine.
jest.setTimeout(60_000);

/** The disk stores nothing more of the journal. */
function failJournal(): jest.SpyInstance {
  return jest.spyOn(fs, 'fdatasync').mockImplementation((_descriptor, done) => {
    setImmediate(() => done(Object.assign(new Error('The disk fails.'), { code: 'EIO' })));
  });
}

/** The disk stores nothing more of this SQL file. */
function failCommitsOf(name: string): jest.SpyInstance {
  // oxlint-disable-next-line typescript/unbound-method -- called on the file that it is of
  const { commit } = SqlFile.prototype;
  return jest.spyOn(SqlFile.prototype, 'commit').mockImplementation(function (this: SqlFile) {
    if (!this.path.endsWith(name)) return commit.call(this);
    this.rollBack();
    return Promise.reject(storageFault({ code: 'SQLITE_IOERR_FSYNC' }, this.path)!);
  });
}

/** A disk that does not get something to its surface, and whose file must be opened anew before it is trusted again. */
describe('what never reached the disk', () => {
  let library: LibraryUnderTest;
  let desk: Desk;

  beforeEach(async () => {
    library = await LibraryUnderTest.start({ timing: DEFAULT_TIMING });
    desk = new Desk(library);
    await desk.registerBooks(2);
    await desk.registerMembers('jenny');
    await desk.rent('jenny', 2);
    // The next commit must be that of the request, and not one that drops what this rent has published.
    await eventually(async () => assert.deepEqual((await library.get('/ops/outbox')).body.items, []), 15_000);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await library.stop();
  });

  async function reopen(): Promise<void> {
    // What could not be stored to the end is said, and the folder is free all the same.
    await library.pause().catch((error: unknown) => {
      if ((error as { code?: string }).code !== 'storage-failed') throw error;
    });
    await library.begin();
  }

  async function expectRentedOnce(): Promise<void> {
    await eventually(async () => expect((await desk.card('jenny')).counts).toMatchObject({ rented: 2 }), 15_000);
    await eventually(async () => expect(await desk.sagas('&status=RUNNING')).toEqual([]));
    expect(await desk.sagas()).toHaveLength(2);
    expect(await desk.points('jenny')).toBe(20);
    await desk.expectSound();
  }

  it('acknowledges no request, and tells nobody what may be lost: the same request begins it when the journal was opened anew [S4 G13]', async () => {
    const key = { 'Idempotency-Key': 'once' };
    const failing = failJournal();
    const refused = await desk.rent('jenny', 1, key);
    expect(failing).toHaveBeenCalled();
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(await library.get('/health/ready')).toMatchObject({
      status: 503,
      body: { checks: { 'rental-service: storage': expect.stringContaining('disk') } },
    });
    expect((await library.get('/rental-cards/jenny')).status).toBe(503);
    failing.mockRestore();
    await reopen();

    // What was written and not acknowledged may be there or not; the key finds it.
    expect((await desk.rent('jenny', 1, key)).status).toBe(202);
    await expectRentedOnce();
  });

  it('of a participant says nothing to the saga, and is done once when the file was opened anew [S4 G6]', async () => {
    const failing = failCommitsOf('book.db');
    await desk.registerBooks(1);
    expect((await library.get('/books')).status).toBe(503);
    expect(library.library.files.book.commits.failure).toMatchObject({ code: 'storage-failed' });

    expect((await desk.rent('jenny', 1, {})).status).toBe(202);
    const [saga] = await desk.sagas();
    expect(saga).toMatchObject({ status: 'RUNNING' });
    failing.mockRestore();
    await reopen();

    expect((await library.get('/books')).body.items).toHaveLength(3);
    await expectRentedOnce();
  });

  it('of the log loses no message: the journal has it, or the outbox, and it is said again [S4 G9]', async () => {
    const failing = failCommitsOf('log.db');
    expect((await desk.rent('jenny', 1, {})).status).toBe(202);
    await eventually(async () => expect((await library.get('/health/ready')).status).toBe(503));
    failing.mockRestore();
    await reopen();

    await expectRentedOnce();
  });
});

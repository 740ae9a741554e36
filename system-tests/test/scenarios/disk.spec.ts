import assert from 'node:assert/strict';
import { storageFault } from '@library/shared-kernel/embedded/storage-fault';
import type { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import type { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { Desk } from '../desk';
import { LibraryUnderTest } from '../library-under-test';
import { eventually } from '../over-http';

// Each test opens the folder twice, which takes its time on a busy machine.
jest.setTimeout(60_000);

/** The next COMMIT fails; answers whether it came. */
function failNextCommit(file: SqlFile): jest.SpyInstance {
  return jest.spyOn(file, 'commit').mockImplementationOnce(() => {
    file.rollBack();
    return Promise.reject(storageFault({ code: 'SQLITE_IOERR_FSYNC' }, 'a.db')!);
  });
}

/** The file behind a service's own, which nobody else needs to reach. */
function behind(file: ServiceFile): SqlFile {
  return (file as unknown as { readonly file: SqlFile }).file;
}

/** A disk that does not get one commit to its surface, and whose file must be opened anew before it is trusted again. */
describe('a commit that never reached the disk', () => {
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
  afterEach(() => library.stop());

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

  it('acknowledges no request, and begins nothing: the same request begins it when the file was opened anew [S4 G13]', async () => {
    const key = { 'Idempotency-Key': 'once' };
    const failing = failNextCommit(behind(library.library.files.rental));
    const refused = await desk.rent('jenny', 1, key);
    expect(failing).toHaveBeenCalled();
    expect(refused.status).toBeGreaterThanOrEqual(500);
    const ready = await library.get('/health/ready');
    expect(ready).toMatchObject({
      status: 503,
      body: { checks: { 'rental-service: storage': expect.stringContaining('disk') } },
    });
    await reopen();
    expect(await desk.sagas()).toHaveLength(1);

    expect((await desk.rent('jenny', 1, key)).status).toBe(202);
    await expectRentedOnce();
  });

  it('of a participant says nothing to the saga, and is done once when the file was opened anew [S4 G6]', async () => {
    failNextCommit(behind(library.library.files.book));
    expect((await desk.rent('jenny', 1, {})).status).toBe(202);
    await eventually(() =>
      expect(library.library.files.book.commits.failure).toMatchObject({ code: 'storage-failed' }),
    );
    const [saga] = await desk.sagas();
    expect(saga).toMatchObject({ status: 'RUNNING' });
    await reopen();

    await expectRentedOnce();
  });

  it('of the log loses no message: the outbox has it, and says it again [S4 G9]', async () => {
    const failing = failNextCommit(library.library.log.store.file);
    expect((await desk.rent('jenny', 1, {})).status).toBe(202);
    await eventually(() => expect(failing).toHaveBeenCalled());
    await reopen();

    await expectRentedOnce();
  });
});

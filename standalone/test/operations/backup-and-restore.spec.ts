import fs, {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { FolderLock } from '@library/shared-kernel/embedded/folder-lock';
import { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { DATA_FILES } from '@library/standalone/library';
import { contentsOf, restoreSnapshot } from '@library/standalone/operations/restore';
import { takeSnapshot } from '@library/standalone/operations/snapshot';
import { verifyFolder } from '@library/standalone/verify/verify';
import { newFolder, OpenLibrary } from '../open-library';

// A library takes its time to open on a busy machine.
jest.setTimeout(30_000);

const FILES = Object.values(DATA_FILES).toSorted();
const NOW = new Date('2026-11-21T10:00:00Z');

/** Everything that a test makes lies below it. */
let scratch: string;

beforeEach(() => {
  scratch = newFolder();
});

afterEach(() => {
  rmSync(scratch, { recursive: true, force: true });
});

describe('a backup', () => {
  let open: OpenLibrary;

  beforeEach(async () => {
    open = await OpenLibrary.open({ folder: join(scratch, 'data'), timing: DEFAULT_TIMING });
  });

  afterEach(async () => {
    await open.stop();
  });

  it('R4: of a library at work is one moment of all services: restored, every invariant holds, and what was in flight goes on', async () => {
    const books = await Promise.all(Array.from({ length: 12 }, async (_, at) => open.addBook(`토지 ${at + 1}`)));
    const members = ['jenny', 'scott', 'minji', 'dahye'];
    await Promise.all(members.map(async (id) => open.addMember(id, id)));
    for (const [at, book] of books.slice(0, 6).entries()) await open.rent(members[at % 4]!, book);
    // No answer is waited for: the backup comes in the middle of these.
    const asked = await Promise.all(books.slice(6).map(async (book, at) => open.rent(members[at % 4]!, book, {})));

    const taken = await open.post('/ops/backups', { folder: join(scratch, 'backup') });
    restoreSnapshot(join(scratch, 'backup'), join(scratch, 'restored'), NOW, false);

    expect(taken).toMatchObject({ status: 201, body: { folder: join(scratch, 'backup') } });
    expect(await verifyFolder(join(scratch, 'restored'), 'Asia/Seoul')).toMatchObject({ ok: true });
    const again = await OpenLibrary.open({ folder: join(scratch, 'restored'), timing: DEFAULT_TIMING });
    await again.until(async () => (await again.get('/sagas?status=RUNNING')).body.items.length === 0);
    const statuses = await Promise.all(
      asked.map(async ({ body }) => (await again.get(`/sagas/${body.id}`)).body.status),
    );
    await again.stop();

    expect(statuses).toStrictEqual(asked.map(() => 'COMPLETED'));
    expect(await verifyFolder(join(scratch, 'restored'), 'Asia/Seoul')).toMatchObject({ ok: true, quiescent: true });
  });

  it('has what was answered before it, and nothing of what came after it', async () => {
    const [first, second] = [await open.addBook('토지'), await open.addBook('소년이 온다')];
    await open.addMember('jenny', '제니');
    await open.rent('jenny', first);
    await open.post('/ops/backups', { folder: join(scratch, 'backup') });
    await open.rent('jenny', second);

    const again = await OpenLibrary.open({ folder: join(scratch, 'backup') });
    const { body } = await again.get('/rental-cards/jenny');
    await again.stop();

    expect(body.items.map(({ no }: { no: number }) => no)).toStrictEqual([first]);
  });

  it('is five files and nothing else, each complete in itself', async () => {
    await open.addBook('토지');
    const { body } = await open.post('/ops/backups', { folder: join(scratch, 'deep', 'backup') });

    expect(readdirSync(join(scratch, 'deep', 'backup')).toSorted()).toStrictEqual(FILES);
    expect(readdirSync(join(scratch, 'deep'))).toStrictEqual(['backup']);
    expect(body.files.map(({ name }: { name: string }) => name).toSorted()).toStrictEqual(FILES);
    expect(body.files.every(({ bytes }: { bytes: number }) => bytes > 0)).toBe(true);
  });

  it('goes into a folder that is empty, and into none that is not', async () => {
    mkdirSync(join(scratch, 'empty'));
    mkdirSync(join(scratch, 'full'));
    writeFileSync(join(scratch, 'full', 'letter.txt'), 'dear reader');

    expect((await open.post('/ops/backups', { folder: join(scratch, 'empty') })).status).toBe(201);
    expect(await open.post('/ops/backups', { folder: join(scratch, 'full') })).toMatchObject({
      status: 400,
      body: {
        code: 'invalid-input',
        detail: expect.stringContaining('is not empty'),
        errors: [{ path: 'body.folder' }],
      },
    });
    expect(readdirSync(join(scratch, 'full'))).toStrictEqual(['letter.txt']);
  });

  it('is not put where it would be lost with what it is a copy of', async () => {
    const before = readdirSync(open.folder);
    symlinkSync(open.folder, join(scratch, 'link'));

    for (const folder of [join(open.folder, 'backup'), join(scratch, 'link', 'deep', 'backup')]) {
      expect(await open.post('/ops/backups', { folder })).toMatchObject({
        status: 400,
        body: {
          code: 'invalid-input',
          detail: `The folder "${folder}" lies in the data folder, and would be lost with it. Name a new one.`,
          errors: [{ path: 'body.folder' }],
        },
      });
    }
    expect(readdirSync(open.folder)).toStrictEqual(before);
    expect((await open.post('/ops/backups', { folder: `${open.folder}-backup` })).status).toBe(201);
  });

  it('leaves nothing behind when it cannot be completed', async () => {
    const missing = join(scratch, 'lacking');
    cpSync(open.folder, missing, { recursive: true });
    rmSync(join(missing, DATA_FILES.member));
    const through = SqlFile.openReadOnly(join(missing, DATA_FILES.rental));

    expect(() => takeSnapshot(through, missing, join(scratch, 'backup'))).toThrow(DATA_FILES.member);
    expect(readdirSync(dirname(missing)).filter((name) => name.includes('backup'))).toStrictEqual([]);
  });

  it('can be made again and again', async () => {
    for (const name of ['one', 'two', 'three']) {
      expect((await open.post('/ops/backups', { folder: join(scratch, name) })).status).toBe(201);
    }
  });
});

describe('a restore', () => {
  let whole: string;
  let backup: string;
  let target: string;

  beforeAll(async () => {
    whole = join(newFolder(), 'backup');
    const open = await OpenLibrary.open();
    await open.addBook('토지');
    await open.post('/ops/backups', { folder: whole });
    await open.remove();
  });

  beforeEach(() => {
    [backup, target] = [join(scratch, 'backup'), join(scratch, 'target')];
    cpSync(whole, backup, { recursive: true });
  });

  afterAll(() => {
    rmSync(dirname(whole), { recursive: true, force: true });
  });

  it('fills a new folder', () => {
    expect(restoreSnapshot(backup, target, NOW, false)).toStrictEqual({
      folder: target,
      files: Object.values(DATA_FILES),
    });
    expect(
      readdirSync(target)
        .filter((name) => name !== 'lock.db')
        .toSorted(),
    ).toStrictEqual(FILES);
  });

  it('does not touch a folder that is not empty, unless it is told to: then it moves aside what is there', () => {
    restoreSnapshot(backup, target, NOW, false);
    writeFileSync(join(target, DATA_FILES.log), 'what was there before');
    writeFileSync(join(target, `${DATA_FILES.log}-wal`), 'and its log');

    expect(() => restoreSnapshot(backup, target, NOW, false)).toThrow('is not empty');
    expect(readFileSync(join(target, DATA_FILES.log), 'utf8')).toBe('what was there before');

    const { replaced } = restoreSnapshot(backup, target, NOW, true);
    expect(replaced).toBe(join(target, 'replaced-20261121T100000Z'));
    expect(readFileSync(join(replaced!, DATA_FILES.log), 'utf8')).toBe('what was there before');
    expect(readFileSync(join(replaced!, `${DATA_FILES.log}-wal`), 'utf8')).toBe('and its log');
    expect(existsSync(join(target, `${DATA_FILES.log}-wal`))).toBe(false);
  });

  it('S2: does not touch a folder that a process holds', () => {
    const lock = FolderLock.take(target, NOW);
    try {
      expect(() => restoreSnapshot(backup, target, NOW, true)).toThrow('in use by another process');
    } finally {
      lock.release();
    }
    expect(existsSync(join(target, DATA_FILES.log))).toBe(false);
  });

  it('takes nothing that is not whole', () => {
    truncateSync(join(backup, DATA_FILES.book), 6_000);
    expect(() => restoreSnapshot(backup, target, NOW, false)).toThrow('book.db');

    rmSync(join(backup, DATA_FILES.book));
    expect(() => restoreSnapshot(backup, target, NOW, false)).toThrow('There is no data file');
    // Nothing is begun that cannot be finished.
    expect(existsSync(target)).toBe(false);
  });

  it('takes along what lies in the log beside a file, when a library was killed on the backup', async () => {
    const used = await OpenLibrary.open({ folder: backup });
    await used.addMember('jenny', '제니');
    cpSync(backup, join(scratch, 'killed'), { recursive: true });
    await used.stop();

    restoreSnapshot(join(scratch, 'killed'), target, NOW, false);
    const again = await OpenLibrary.open({ folder: target });
    const { status } = await again.get('/members/jenny');
    await again.stop();

    expect(status).toBe(200);
  });

  it('that broke off is done again, and until then no library starts on files that may not belong together', async () => {
    restoreSnapshot(backup, target, NOW, false);
    whileItFails('renameSync', join(target, DATA_FILES.member), () => restoreSnapshot(backup, target, NOW, true));
    whileItFails('openSync', join(target, `${DATA_FILES.log}.restoring`), () =>
      restoreSnapshot(backup, target, NOW, true),
    );
    await expect(OpenLibrary.open({ folder: target })).rejects.toMatchObject({ code: 'restore-broken-off' });

    restoreSnapshot(backup, target, NOW, true);
    const again = await OpenLibrary.open({ folder: target });
    const { body } = await again.get('/books');
    await again.stop();

    expect(body.items).toMatchObject([{ title: '토지' }]);
  });

  it('leaves what was there as it was when the copy cannot be completed', () => {
    restoreSnapshot(backup, target, NOW, false);
    whileItFails('openSync', join(target, `${DATA_FILES.log}.restoring`), () =>
      restoreSnapshot(backup, target, NOW, true),
    );

    expect(contentsOf(target).toSorted()).toStrictEqual(FILES);
  });

  it('moves aside what was there as often as it is done, and never onto what was moved before', () => {
    for (const text of ['one', 'two']) {
      mkdirSync(target, { recursive: true });
      writeFileSync(join(target, DATA_FILES.log), text);
      restoreSnapshot(backup, target, NOW, true);
    }

    const aside = readdirSync(target).filter((name) => name.startsWith('replaced-'));
    expect(aside.toSorted().map((name) => readFileSync(join(target, name, DATA_FILES.log), 'utf8'))).toStrictEqual([
      'one',
      'two',
    ]);
  });
});

/** Does what cannot be done, because the system fails to move to, or to open, this path. */
function whileItFails(call: 'renameSync' | 'openSync', path: string, work: () => unknown): void {
  const real = fs[call] as (...given: readonly unknown[]) => unknown;
  const failing = jest.spyOn(fs, call).mockImplementation(((...given: readonly unknown[]) => {
    if (given.includes(path)) throw new Error('The disk fails.');
    return real(...given);
  }) as never);
  try {
    expect(work).toThrow('The disk fails.');
  } finally {
    failing.mockRestore();
  }
}

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FolderLock } from '../../src/embedded/folder-lock';
import { dataFolder, removeDataFolders } from './data-folder';

const STARTED = new Date('2026-02-03T04:05:06.000Z');

/** Takes the lock the way the program does, in a process of its own; says what came of it, and lives on. */
const OTHER_PROCESS = `
  const Database = require(process.argv[1]);
  const { join } = require('node:path');
  const { writeFileSync } = require('node:fs');
  try {
    const database = new Database(join(process.argv[2], 'lock.db'));
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    writeFileSync(join(process.argv[2], 'lock.json'), JSON.stringify({ pid: process.pid, startedAt: 'dawn' }));
    console.log('taken');
  } catch (error) {
    console.log(error.code);
  }
  setInterval(() => undefined, 1_000);
`;

const faultOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('The lock of a data folder', () => {
  let folder: string;
  let child: ChildProcess | undefined;

  beforeEach(() => {
    folder = dataFolder();
  });

  afterEach(() => child?.kill('SIGKILL'));
  afterAll(removeDataFolders);

  const otherProcess = async (): Promise<string> => {
    const started = spawn(process.execPath, ['-e', OTHER_PROCESS, require.resolve('libsql'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    const [said] = (await once(started.stdout, 'data')) as [Buffer];
    return said.toString().trim();
  };

  it('keeps another process out, and says who has it', async () => {
    expect(await otherProcess()).toBe('taken');
    const fault = faultOf(() => FolderLock.take(folder, STARTED));

    expect(fault).toMatchObject({ code: 'folder-in-use', retryable: false });
    expect((fault as Error).message).toContain(
      `"${folder}" is in use by another process (number ${child?.pid}, started at dawn)`,
    );
  });

  it('is free again when the process that had it was killed', async () => {
    await otherProcess();
    child?.kill('SIGKILL');
    await once(child!, 'exit');

    const lock = FolderLock.take(folder, STARTED);
    expect(JSON.parse(readFileSync(join(folder, 'lock.json'), 'utf8'))).toEqual({
      pid: process.pid,
      startedAt: STARTED.toISOString(),
    });
    lock.release();
  });

  it('holds against another process for as long as it is not released', async () => {
    const lock = FolderLock.take(join(folder, '.'), STARTED);
    expect(await otherProcess()).toBe('SQLITE_BUSY');
    child?.kill('SIGKILL');

    lock.release();
    expect(await otherProcess()).toBe('taken');
  });

  it('keeps out a second one of the same process too', () => {
    const lock = FolderLock.take(folder, STARTED);
    expect(faultOf(() => FolderLock.take(folder, STARTED))).toMatchObject({ code: 'folder-in-use' });

    lock.release();
    FolderLock.take(folder, STARTED).release();
  });

  it('does not mind what it cannot read about the holder', () => {
    const lock = FolderLock.take(folder, STARTED);
    writeFileSync(join(folder, 'lock.json'), '{"pid":');

    expect((faultOf(() => FolderLock.take(folder, STARTED)) as Error).message).toContain(
      'in use by another process. Stop',
    );
    lock.release();
  });
});

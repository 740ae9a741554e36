import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { StorageFault, storageFault } from './storage-fault';

const LOCK = 'lock.db';
const HOLDER = 'lock.json';

/**
 * Keeps a data folder to one process. The system takes the lock back however the process ends, so that none is ever stale.
 * Trap: opening and closing `lock.db` by other means within the same process would release it.
 */
export class FolderLock {
  private constructor(
    private readonly folder: string,
    private readonly database: Database.Database,
  ) {}

  /** Creates the folder where need be; throws the Fault `folder-in-use` when another holds it. */
  static take(folder: string, startedAt: Date): FolderLock {
    try {
      mkdirSync(folder, { recursive: true });
      return new FolderLock(
        folder,
        locked(join(folder, LOCK), () => {
          // For people only; nothing is decided by it.
          writeFileSync(join(folder, HOLDER), JSON.stringify({ pid: process.pid, startedAt }));
        }),
      );
    } catch (error) {
      const fault = storageFault(error, folder);
      throw fault?.code === 'data-busy' ? inUse(folder, error) : (fault ?? error);
    }
  }

  release(): void {
    rmSync(join(this.folder, HOLDER), { force: true });
    this.database.close();
  }
}

/** Trap: a connection that ever prepared a statement is not released by closing it, so this one only executes. */
function locked(path: string, sign: () => void): Database.Database {
  const database = new Database(path);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    sign();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function inUse(folder: string, cause: unknown): StorageFault {
  return new StorageFault(
    'folder-in-use',
    `The data folder "${folder}" is in use by another process${holderOf(folder)}. Stop that one first, or start with a folder of its own.`,
    false,
    { cause },
  );
}

/** Who holds the folder, as far as can be told. */
function holderOf(folder: string): string {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(join(folder, HOLDER), 'utf8')) as Record<string, unknown>;
    return ` (number ${String(pid)}, started at ${String(startedAt)})`;
  } catch {
    // It is missing or half written: the sentence does without.
    return '';
  }
}

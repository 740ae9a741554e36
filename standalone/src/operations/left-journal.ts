import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FolderLock } from '@library/shared-kernel/embedded/folder-lock';
import { Journal } from '@library/shared-kernel/embedded/journal';
import { JournaledFile } from '@library/shared-kernel/embedded/journaled-file';
import { LOG_SCHEMA } from '@library/shared-kernel/embedded/log-schema';
import { SERVICE_SCHEMA } from '@library/shared-kernel/embedded/service-file';
import { StorageFault } from '@library/shared-kernel/embedded/storage-fault';
import { DATA_FILES, JOURNAL } from '../library';

/**
 * Brings into the SQL files of a folder what a process that was killed has left in the journal, as the next start would.
 * Does nothing when that one ended in order, or still runs. Throws a StorageFault when the folder cannot be written.
 */
export async function takeOverJournal(folder: string): Promise<void> {
  if (!Journal.isThere(join(folder, JOURNAL))) return;
  let lock: FolderLock;
  try {
    lock = FolderLock.take(folder, new Date());
  } catch (error) {
    if (error instanceof StorageFault && error.code === 'folder-in-use') return;
    throw error;
  }
  try {
    await applyJournal(folder);
  } finally {
    lock.release();
  }
}

/** The same for whoever holds the folder. */
export async function applyJournal(folder: string): Promise<void> {
  if (!Journal.isThere(join(folder, JOURNAL))) return;
  const journal = Journal.open(join(folder, JOURNAL));
  try {
    for (const name of Object.values(DATA_FILES)) {
      const path = join(folder, name);
      if (!existsSync(path)) continue;
      const schema = name === DATA_FILES.log ? LOG_SCHEMA : SERVICE_SCHEMA;
      await JournaledFile.open(path, schema, journal).close();
    }
  } finally {
    await journal.close();
  }
}

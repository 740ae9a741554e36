import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { IS_WHOLE } from '@library/shared-kernel/embedded/journaled-file';
import type { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import { StorageFault, storageFault } from '@library/shared-kernel/embedded/storage-fault';
import { DATA_FILES } from '../library';

/** A copy of a data folder, as it was at one moment. */
export interface Snapshot {
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/** There is something in the folder already. */
export class FolderNotEmpty extends Error {
  override readonly name = 'FolderNotEmpty';

  constructor(readonly folder: string) {
    super(`The folder "${folder}" is not empty.`);
  }
}

/** What becomes of the data folder becomes of its copy. */
export class FolderWithin extends Error {
  override readonly name = 'FolderWithin';

  constructor(readonly folder: string) {
    super(`The folder "${folder}" lies in the data folder, and would be lost with it.`);
  }
}

/**
 * Copies the SQL files of a data folder into a new folder, in one turn of the event loop. In the process that writes them it is
 * called within the journal's `still`, so that they show one moment and need no journal. `through` is a file that is open; any of
 * them will do. The new folder appears when all is in it and on the disk. Throws FolderNotEmpty, FolderWithin, or a
 * StorageFault when the disk fails.
 */
export function takeSnapshot(through: Pick<SqlFile, 'statement'>, dataFolder: string, target: string): Snapshot {
  const folder = resolve(target);
  mustBeNew(folder);
  if (placeOf(folder).startsWith(join(placeOf(resolve(dataFolder)), sep))) throw new FolderWithin(folder);
  let unfinished: string | undefined;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    unfinished = mkdtempSync(join(dirname(folder), '.unfinished-backup-'));
    for (const name of Object.values(DATA_FILES)) {
      copy(through, join(dataFolder, name), join(unfinished, name));
      needsNoJournal(through, join(unfinished, name));
    }
    sync(unfinished);
    removeEmpty(folder);
    renameSync(unfinished, folder);
    sync(dirname(folder));
  } catch (error) {
    if (unfinished !== undefined) rmSync(unfinished, { recursive: true, force: true });
    throw storageFault(error, folder) ?? error;
  }
  return {
    folder,
    files: Object.values(DATA_FILES).map((name) => ({ name, bytes: statSync(join(folder, name)).size })),
  };
}

/**
 * Copies a SQL file, which may be in use, into one that does not exist: what is committed, wherever it lies, as one file
 * that is complete and on the disk. `through` is any file that is open.
 */
export function copy(through: Pick<SqlFile, 'statement'>, from: string, to: string): void {
  if (!existsSync(from)) throw new StorageFault('data-missing', `There is no data file "${from}".`, false);
  try {
    through.statement('ATTACH ? AS original').run(`${pathToFileURL(resolve(from)).href}?mode=ro`);
    try {
      through.statement('VACUUM original INTO ?').run(to);
    } finally {
      through.statement('DETACH original').run();
    }
  } catch (error) {
    // The fault names the file that we went through, and is none of its.
    const { code, cause } = error as StorageFault;
    throw storageFault(cause, code === 'data-corrupt' ? from : to) ?? error;
  }
  sync(to);
}

/** The copy shows everything; a folder of before there was a journal does not speak of it. */
function needsNoJournal(through: Pick<SqlFile, 'statement'>, path: string): void {
  through.statement('ATTACH ? AS copied').run(pathToFileURL(path).href);
  try {
    const [table] = through.statement("SELECT name FROM copied.sqlite_schema WHERE name = 'journal'").all();
    if (table) through.statement(IS_WHOLE.replace('journal', 'copied.journal')).run();
  } finally {
    through.statement('DETACH copied').run();
  }
  sync(path);
}

/** Whatever lies there is on the disk when this returns. */
export function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function mustBeNew(folder: string): void {
  let entries: readonly string[];
  try {
    entries = readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') throw new FolderNotEmpty(folder);
    throw storageFault(error, folder) ?? error;
  }
  if (entries.length > 0) throw new FolderNotEmpty(folder);
}

/** Without links, as far as there is anything yet. */
function placeOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : join(placeOf(dirname(path)), basename(path));
}

/** Only Linux and macOS put a folder in the place of an empty one. */
function removeEmpty(folder: string): void {
  if (existsSync(folder)) rmdirSync(folder);
}

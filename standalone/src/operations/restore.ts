import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FolderLock } from '@library/shared-kernel/embedded/folder-lock';
import { segmentPaths } from '@library/shared-kernel/embedded/journal';
import { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import { Fault } from '@library/shared-kernel/store/fault';
import { DATA_FILES, isHalfRestored, JOURNAL, RESTORING } from '../library';
import { copy, FolderNotEmpty, sync } from './snapshot';

/** A data folder that was made from a snapshot. */
export interface Restored {
  readonly folder: string;
  readonly files: readonly string[];
  /** Where the files are that were there before. */
  readonly replaced?: string;
}

/**
 * Puts the files of a snapshot into a data folder. Throws FolderNotEmpty when something is there already; with `replace`
 * that is moved aside. Throws a Fault when the snapshot is not whole, or a process holds the folder.
 */
export function restoreSnapshot(snapshot: string, dataFolder: string, now: Date, replace: boolean): Restored {
  const folder = resolve(dataFolder);
  const files = Object.values(DATA_FILES);
  for (const name of files) mustBeWhole(join(snapshot, name));
  const journal = journalIn(snapshot);
  if (!replace && contentsOf(folder).length > 0) throw new FolderNotEmpty(folder);

  const lock = FolderLock.take(folder, now);
  try {
    copyBeside(snapshot, folder, journal);
    // From here on they stay until they are in their places: as long as one is left, no library starts on the others.
    const replaced = moveAside(folder, now);
    // The journal goes first: without it, files of a process that was killed would pass for whole.
    for (const name of [...journal, ...files]) renameSync(join(folder, name + RESTORING), join(folder, name));
    sync(folder);
    return { folder, files, ...(replaced === undefined ? {} : { replaced }) };
  } finally {
    lock.release();
  }
}

/** When it throws, nothing is left; but where a restore broke off before, it can still be seen that it did. */
function copyBeside(snapshot: string, folder: string, journal: readonly string[]): void {
  const files = Object.values(DATA_FILES);
  const forget = (name: string) => rmSync(join(folder, name + RESTORING), { force: true });
  const brokeOff = isHalfRestored(folder);
  try {
    const through = SqlFile.openReadOnly(join(snapshot, DATA_FILES.log));
    for (const name of files) {
      forget(name);
      copy(through, join(snapshot, name), join(folder, name + RESTORING));
    }
    through.close();
    for (const name of journal) {
      copyFileSync(join(snapshot, name), join(folder, name + RESTORING));
      sync(join(folder, name + RESTORING));
    }
    sync(folder);
  } catch (error) {
    if (!brokeOff) [...files, ...journal].forEach(forget);
    throw error;
  }
}

/** What a process that was killed on the folder has left; the next start goes on from there. */
function journalIn(folder: string): readonly string[] {
  return readdirSync(folder).filter(isOfJournal);
}

function isOfJournal(name: string): boolean {
  return segmentPaths(JOURNAL).includes(name);
}

/** What is in the folder beside its lock. */
export function contentsOf(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('lock.')) : [];
}

function moveAside(folder: string, now: Date): string | undefined {
  const files = contentsOf(folder).filter(
    (name) =>
      isOfJournal(name) || Object.values(DATA_FILES).some((file) => name.replace(/-(wal|shm|journal)$/, '') === file),
  );
  if (files.length === 0) return undefined;

  const aside = newAside(join(folder, `replaced-${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}`));
  mkdirSync(aside);
  for (const name of files) renameSync(join(folder, name), join(aside, name));
  return aside;
}

/** A file that is moved onto another takes its place, and a restore may be done twice within a second. */
function newAside(path: string): string {
  let aside = path;
  for (let number = 2; existsSync(aside); number++) aside = `${path}-${number}`;
  return aside;
}

function mustBeWhole(path: string): void {
  const file = SqlFile.openReadOnly(path);
  try {
    const [row] = file.statement<{ integrity_check: string }>('PRAGMA integrity_check(1)').all();
    if (row?.integrity_check !== 'ok') {
      throw new Fault('data-corrupt', `"${path}" is damaged: ${row?.integrity_check}. Restore another backup.`, false);
    }
  } finally {
    file.close();
  }
}

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FolderLock } from '@library/shared-kernel/embedded/folder-lock';
import { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import { Fault } from '@library/shared-kernel/store/fault';
import { DATA_FILES } from '../../library';
import { applyJournal } from '../../operations/left-journal';
import { restoreSnapshot } from '../../operations/restore';
import { FolderNotEmpty, FolderWithin, takeSnapshot, type Snapshot } from '../../operations/snapshot';
import type { Call } from '../call';
import { bytes } from '../display';
import { CannotDo, EXIT, NoDataFolder } from '../exit';
import { holderOf, holderText } from '../folder-holder';
import { NothingAnswers } from '../library-api';
import type { Told } from '../told';
import type { Verb } from '../verb';

/** Copying all data, and taking it back. */
export const BACKUPS: readonly Verb[] = [
  {
    name: 'backup',
    takes: ['folder'],
    says: 'Copy the data folder, as it is at this moment, into a new folder; the library may go on.',
    instead: 'only an embedded library does. docs/runbooks/restore-mongodb.md says how to back up a distributed one.',
    more: 'The copy is a data folder itself: `DATA_DIR=<folder> npm start` opens it.',
    data: 'in-place-of-url',
    run: backup,
  },
  {
    name: 'restore',
    takes: ['folder'],
    says: 'Put a backup into the data folder that --data names; the library must be stopped.',
    options: { force: { says: 'Also when the data folder is not empty: what is there is moved aside.' } },
    data: 'in-place-of-url',
    run: restore,
  },
];

interface TakenSnapshot extends Snapshot {
  /** Only when no library was asked for it. */
  readonly fromFolder?: string;
}

async function backup(call: Call): Promise<Told> {
  const target = resolve(call.word('folder'));
  const taken = await refusing('Name a new one.', () =>
    call.isFolderMeant ? fromFolder(call, target) : ofLibrary(call, target),
  );
  return call.told(taken, ({ folder, files }, paint) => {
    const weight = bytes(files.reduce((sum, file) => sum + file.bytes, 0));
    return `${paint.good('Backed up.')} ${files.length} files, ${weight}, are in ${folder}.\n\`library verify --data ${folder}\` checks it, and \`library restore ${folder}\` takes it back.`;
  });
}

async function ofLibrary(call: Call, target: string): Promise<TakenSnapshot> {
  try {
    return (await call.ask<Snapshot>('POST', '/ops/backups', { body: { folder: target } })).body;
  } catch (error) {
    if (error instanceof NothingAnswers && call.mayBeFolder) return fromFolder(call, target, error);
    // The folder is the only input that there is.
    if (error instanceof CannotDo && error.exit === EXIT.usage)
      throw new CannotDo(EXIT.conflict, error.message, error.problem);
    throw error;
  }
}

/** Holds the folder meanwhile, so that nothing is written between two files. */
async function fromFolder(call: Call, target: string, nothing?: NothingAnswers): Promise<TakenSnapshot> {
  const { folder } = call;
  if (!existsSync(join(folder, DATA_FILES.rental))) throw nothing ?? new NoDataFolder(folder);
  call.refuseHeldFolder();
  call.remark(
    `${nothing ? `Nothing answers at ${nothing.url}: t` : 'T'}he folder ${folder} is copied as it lies there.`,
  );

  const lock = FolderLock.take(folder, new Date());
  try {
    await applyJournal(folder);
    const taken = takeSnapshot(SqlFile.openReadOnly(join(folder, DATA_FILES.rental)), folder, target);
    return { ...taken, fromFolder: folder };
  } finally {
    lock.release();
  }
}

async function restore(call: Call): Promise<Told> {
  const source = call.word('folder');
  const holder = holderOf(source);
  if (holder) {
    throw new CannotDo(
      EXIT.conflict,
      `${holderText(holder)} is writing to ${source}. Make a backup of it with \`library backup\`, and restore that.`,
    );
  }
  const restored = await refusing('--force moves aside what is there.', async () =>
    restoreSnapshot(source, call.folder, new Date(), call.flag('force')),
  );
  return call.told(restored, ({ folder, replaced }, paint) =>
    [
      `${paint.good('Restored.')} ${folder} is as ${source} was.`,
      ...(replaced === undefined ? [] : [`What was there before is in ${replaced}.`]),
      'Start the library with `npm start`, then let `library verify` check it.',
    ].join('\n'),
  );
}

/** Tells apart what somebody has to decide differently, and what somebody has to end first. */
async function refusing<Done>(whenNotEmpty: string, work: () => Promise<Done>): Promise<Done> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FolderNotEmpty || error instanceof FolderWithin) {
      throw new CannotDo(EXIT.conflict, `${error.message} ${whenNotEmpty}`);
    }
    if (error instanceof Fault)
      throw new CannotDo(error.code === 'data-missing' ? EXIT.notFound : exitOf(error.code), error.message);
    throw error;
  }
}

function exitOf(code: string) {
  if (code === 'folder-in-use') return EXIT.conflict;
  return code === 'disk-full' || code === 'data-busy' ? EXIT.unavailable : EXIT.failed;
}

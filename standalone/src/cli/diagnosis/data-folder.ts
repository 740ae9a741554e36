import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_SCHEMA } from '@library/shared-kernel/embedded/log-schema';
import { SERVICE_SCHEMA } from '@library/shared-kernel/embedded/service-file';
import { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import { StorageFault } from '@library/shared-kernel/embedded/storage-fault';
import { DATA_FILES, isHalfRestored } from '../../library';
import { holderOf, holderText } from '../folder-holder';
import { bad, ok, warn, type Finding } from './finding';
import { diskFinding, fsyncFinding } from './machine';

/** The folder itself, who holds it, and each file in it. `isSilent`: whether the library was asked over HTTP in vain. */
export function dataFolderFindings(folder: string, isSilent: boolean): readonly Finding[] {
  if (!existsSync(folder)) {
    return [
      warn(
        'data folder',
        `${folder} does not exist.`,
        'Nothing was stored yet: `npm start` makes it. Or name another one with --data.',
      ),
    ];
  }
  const writable = writableFinding(folder);
  return [
    writable,
    ...(writable.state === 'ok' ? [diskFinding(folder), fsyncFinding(folder)] : []),
    lockFinding(folder, isSilent),
    ...interruptedFindings(folder),
    ...Object.values(DATA_FILES).map((name) => fileFinding(folder, name)),
  ];
}

function writableFinding(folder: string): Finding {
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok('data folder', `${folder} can be written.`);
  } catch {
    return bad(
      'data folder',
      `${folder} cannot be written.`,
      'It must be a writable folder of the user who starts the library.',
    );
  }
}

function lockFinding(folder: string, isSilent: boolean): Finding {
  const holder = holderOf(folder);
  if (!holder) return ok('lock', 'Nobody holds the folder.');
  const says = `Held by ${holderText(holder)}.`;
  if (!isSilent) return ok('lock', says);
  return warn('lock', `${says} It does not answer.`, 'It may answer at another address (--url). If it hangs, stop it.');
}

function interruptedFindings(folder: string): readonly Finding[] {
  if (!isHalfRestored(folder)) return [];
  return [bad('restore', `A restore into ${folder} broke off.`, 'Do it again, with --force.')];
}

function fileFinding(folder: string, name: string): Finding {
  const path = join(folder, name);
  if (!existsSync(path))
    return warn(name, 'It is not there.', 'A start makes it, empty. If it was there before, restore a backup.');
  try {
    const file = SqlFile.openReadOnly(path);
    try {
      return fileSays(file, name);
    } finally {
      file.close();
    }
  } catch (error) {
    if (!(error instanceof StorageFault)) throw error;
    return bad(name, error.message, 'Restore a backup with `library restore`.');
  }
}

function fileSays(file: SqlFile, name: string): Finding {
  const version = file.statement<{ user_version: number }>('PRAGMA user_version').all()[0]?.user_version ?? 0;
  const newest = name === DATA_FILES.log ? LOG_SCHEMA : SERVICE_SCHEMA;
  if (version > newest.length) {
    return bad(
      name,
      `Version ${version}: a newer program wrote it.`,
      'Start that newer version, or restore a backup from before it.',
    );
  }
  const integrity = file.statement<{ integrity_check: string }>('PRAGMA integrity_check(1)').all()[0]?.integrity_check;
  if (integrity !== 'ok')
    return bad(name, `Damaged: ${integrity}.`, 'Stop the library, and restore a backup with `library restore`.');
  return ok(name, `Version ${version}, whole.`);
}

import { Fault } from '../store/fault';

/**
 * The local disk or a file on it failed. `retryable` is false where waiting does not help because a person has to act; a
 * message or request is never to blame for any of them.
 */
export class StorageFault extends Fault {}

interface Cause {
  readonly codes: readonly string[];
  readonly code: string;
  readonly retryable: boolean;
  readonly sentence: (path: string) => string;
}

/** By SQLite's (extended) result code or the system's; the first that begins with one of `codes` counts. */
const CAUSES: readonly Cause[] = [
  {
    // Growing the shared-memory file fails with an I/O error of its own where the disk is full.
    codes: ['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC', 'EDQUOT'],
    code: 'disk-full',
    retryable: true,
    sentence: (path) =>
      `The disk that holds "${path}" is full, so nothing was stored. Free some space on it; nothing needs to be restarted.`,
  },
  {
    codes: ['SQLITE_IOERR', 'EIO'],
    code: 'storage-failed',
    retryable: true,
    sentence: (path) =>
      `The disk failed to read or write "${path}", so it is unknown what of the last work was stored. Check the disk, then restart.`,
  },
  {
    codes: ['SQLITE_CORRUPT', 'SQLITE_NOTADB'],
    code: 'data-corrupt',
    retryable: false,
    sentence: (path) =>
      `"${path}" is damaged or not a data file of this program. Restore it from a backup, or move it away to start empty.`,
  },
  {
    codes: [
      'SQLITE_READONLY',
      'SQLITE_CANTOPEN',
      'SQLITE_PERM',
      'EROFS',
      'EACCES',
      'EPERM',
      'EISDIR',
      'ENOTDIR',
      'EEXIST',
    ],
    code: 'data-read-only',
    retryable: false,
    sentence: (path) =>
      `"${path}" cannot be written. Its folder must be a writable one of the user who starts this program.`,
  },
  {
    codes: ['SQLITE_BUSY', 'SQLITE_LOCKED'],
    code: 'data-busy',
    retryable: true,
    sentence: (path) => `Another program keeps "${path}" locked. End it: only one may write there.`,
  },
];

/** The fault that a driver's or the system's error means; undefined for any other error, which must pass untouched. */
export function storageFault(error: unknown, path: string): StorageFault | undefined {
  const found = codeOf(error);
  const cause = found && CAUSES.find(({ codes }) => codes.some((code) => found.startsWith(code)));

  return cause ? new StorageFault(cause.code, cause.sentence(path), cause.retryable, { cause: error }) : undefined;
}

/** What a newer version of the program has written cannot be read by this one, and must not be changed. */
export function tooNew(path: string): StorageFault {
  return new StorageFault(
    'data-too-new',
    `"${path}" was written by a newer version of this program, which this one cannot read. Start the newer version, or restore a backup from before it.`,
    false,
  );
}

/** What would be acknowledged there might not survive a power cut. */
export function notDurable(path: string, has: string): StorageFault {
  return new StorageFault(
    'data-not-durable',
    `"${path}" cannot be kept safely where it is: SQLite has ${has} there instead of journal_mode=wal, synchronous=2. Put the data folder on a local disk.`,
    false,
  );
}

/** The disk takes so long to store what was committed that nobody can wait for it. */
export function hangs(path: string): StorageFault {
  return new StorageFault(
    'storage-slow',
    `The disk has not stored the last commit of "${path}" yet. Look at what keeps it busy; nothing needs to be restarted.`,
    true,
  );
}

/** More is brought than the disk takes. */
export function fallsBehind(path: string): StorageFault {
  return new StorageFault(
    'storage-slow',
    `Changes come faster than the disk takes them into "${path}". Look at what keeps it busy; nothing needs to be restarted.`,
    true,
  );
}

/** The disk has failed, whatever it says. */
export function storageFailed(path: string, cause: unknown): StorageFault {
  return storageFault({ code: 'EIO', cause }, path)!;
}

/** Frames are missing that may be needed. */
export function damagedJournal(path: string): StorageFault {
  return new StorageFault(
    'data-corrupt',
    `The journal "${path}.1", "${path}.2" is damaged, and changes that were accepted are missing in it. Keep the folder, and restore a backup.`,
    false,
  );
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof StorageFault || typeof error !== 'object' || error === null) return undefined;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && code !== '') return code;
  // Trap: when the driver cannot open a file, its error has no code, only the number at the end of its text.
  return typeof message === 'string' && /^ConnectionFailed\(.*: 14"\)$/su.test(message) ? 'SQLITE_CANTOPEN' : undefined;
}

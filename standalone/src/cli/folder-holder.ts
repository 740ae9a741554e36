import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import { StorageFault } from '@library/shared-kernel/embedded/storage-fault';

/** The process that holds a data folder, as far as it can be told. */
export interface Holder {
  readonly pid?: number;
  readonly startedAt?: string;
}

/** Undefined when nobody holds the folder. Takes no lock itself. */
export function holderOf(folder: string): Holder | undefined {
  const lock = join(folder, 'lock.db');
  if (!existsSync(lock)) return undefined;
  try {
    const file = SqlFile.openReadOnly(lock);
    try {
      file.statement('SELECT count(*) FROM sqlite_schema').all();
    } finally {
      file.close();
    }
    return undefined;
  } catch (error) {
    if (error instanceof StorageFault && error.code === 'data-busy') return signatureIn(folder);
    throw error;
  }
}

/** As people write it. */
export function holderText({ pid, startedAt }: Holder): string {
  return `${pid === undefined ? 'another process' : `process ${pid}`}${startedAt === undefined ? '' : `, started at ${startedAt}`}`;
}

function signatureIn(folder: string): Holder {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(join(folder, 'lock.json'), 'utf8')) as Record<string, unknown>;
    return { ...(typeof pid === 'number' ? { pid } : {}), ...(typeof startedAt === 'string' ? { startedAt } : {}) };
  } catch {
    // It is for people only, and may be missing or half written: the lock itself is what counts.
    return {};
  }
}

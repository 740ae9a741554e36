import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made: string[] = [];

/** An empty folder, removed by `removeDataFolders`. */
export function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'library-'));
  made.push(folder);
  return folder;
}

/** What a process would leave if it were killed now: its files as the system has them, without the locks. */
export function killedCopyOf(folder: string): string {
  const copy = dataFolder();
  cpSync(folder, copy, { recursive: true });
  return copy;
}

export function removeDataFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 20_000;

/** Looks until it is so; a busy machine may take its time. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const latest = Date.now() + PATIENCE_MS; !(await isSo()); await pause(10))
    if (Date.now() > latest) throw new Error(`Waited in vain: ${what}`);
}

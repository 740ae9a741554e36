import { setTimeout as pause } from 'node:timers/promises';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import type { SagaTiming } from '@library/shared-kernel/saga/timing';
import type { Library } from '../library';
import { takeOverJournal } from '../operations/left-journal';
import { examine } from './examine';
import { DataFolder } from './folder-evidence';
import { NEXT_LOOK_MS } from './looks';
import type { VerifyReport } from './report';

/** Kept as long as the library, because the driver never lets go of a file that it has read. */
const folders = new WeakMap<Library, DataFolder>();

/** Checks the invariants on a library that runs. What is wrong is reported only when further looks still show it. */
export async function verifyLibrary(library: Library): Promise<VerifyReport> {
  const { folder, zone, timing, clock } = library.settings;
  const opened = folders.get(library) ?? DataFolder.open(folder);
  folders.set(library, opened);

  const running = {
    now: () => clock.now(),
    logReachable: () => library.log.reachable,
    still: <Answer>(look: () => Answer) => library.journal.still(look),
  };
  const look = () => opened.look((evidence) => examine(evidence, timing, zone), running);
  const first = await look();
  if (!first.hasOffenders) return first.report();

  await pause(NEXT_LOOK_MS);
  return first.confirmedBy(await look()).report();
}

/**
 * Checks the invariants on a folder on which nothing runs; it is only read, but for what a process that was killed has left
 * in the journal. What is late is judged by the folder's last sign of life.
 */
export async function verifyFolder(
  folder: string,
  zone: string,
  timing: SagaTiming = DEFAULT_TIMING,
): Promise<VerifyReport> {
  await takeOverJournal(folder);
  const opened = DataFolder.open(folder);
  try {
    return (await opened.look((evidence) => examine(evidence, timing, zone))).report();
  } finally {
    opened.close();
  }
}

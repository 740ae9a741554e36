import { setTimeout as pause } from 'node:timers/promises';
import { DEFAULT_TIMING, type SagaTiming } from '@library/shared-kernel/saga/timing';
import { Calendar } from '@library/shared-kernel/time/calendar';
import type { Library } from '../library';
import { examineBooks } from './books';
import { examineCards } from './cards';
import type { Evidence } from './evidence';
import { DataFolder } from './folder-evidence';
import { examineMembers } from './members';
import { examineMessages } from './messages';
import { examineRentCounts } from './rent-counts';
import { Findings, type VerifyReport } from './report';
import { examineSagas } from './sagas';
import { lookAt } from './seen';

/** Long enough for a sweep, so that what is only late is put right. */
const SECOND_LOOK_MS = 1_500;

/** Kept as long as the library, because the driver never lets go of a file that it has read. */
const folders = new WeakMap<Library, DataFolder>();

/** Checks the invariants on a library that runs. What is wrong is reported only when a second look still shows it. */
export async function verifyLibrary(library: Library): Promise<VerifyReport> {
  const { folder, zone, timing, clock } = library.settings;
  const opened = folders.get(library) ?? DataFolder.open(folder);
  folders.set(library, opened);

  const running = { now: () => clock.now(), logReachable: () => library.log.reachable };
  const look = () => opened.look((evidence) => examine(evidence, timing, zone), running);
  const first = await look();
  if (!first.hasOffenders) return first.report();

  await pause(SECOND_LOOK_MS);
  return first.confirmedBy(await look()).report();
}

/** Checks the invariants on a folder on which nothing runs; it is only read. What is late is judged by its last sign of life. */
export async function verifyFolder(
  folder: string,
  zone: string,
  timing: SagaTiming = DEFAULT_TIMING,
): Promise<VerifyReport> {
  const opened = DataFolder.open(folder);
  try {
    return (await opened.look((evidence) => examine(evidence, timing, zone))).report();
  } finally {
    opened.close();
  }
}

/** Every check, on what there is at one moment. */
async function examine(evidence: Evidence, timing: SagaTiming, zone: string): Promise<Findings> {
  const findings = new Findings();
  const look = lookAt(evidence, timing, new Calendar(zone), findings);

  await examineCards(look);
  await examineBooks(look);
  await examineMembers(look);
  await examineRentCounts(look);
  await examineMessages(look);
  await examineSagas(look);

  if (look.settled > 0) findings.note(`${look.settled} parts of sagas were settled by hand.`);
  if (look.calling.length > 0) findings.note(callNote(look.calling));
  if (look.inFlight.size > 0) findings.note(`${look.inFlight.size} sagas are in flight.`);
  return findings;
}

function callNote(calling: readonly string[]): string {
  const [first] = calling;
  return calling.length === 1
    ? `A person should look: ${first}`
    : `A person should look at ${calling.length} sagas; one of them: ${first}`;
}

import type { SagaTiming } from '@library/shared-kernel/saga/timing';
import { Calendar } from '@library/shared-kernel/time/calendar';
import { examineBooks } from './books';
import { examineCards } from './cards';
import type { Evidence } from './evidence';
import { examineMembers } from './members';
import { examineMessages } from './messages';
import { examineRentCounts } from './rent-counts';
import { Findings } from './report';
import { examineSagas } from './sagas';
import { lookAt } from './seen';

/** One look: every check, on what there is. `zone` counts where none was kept with the data. */
export async function examine(evidence: Evidence, timing: SagaTiming, zone: string): Promise<Findings> {
  const findings = new Findings();
  const look = lookAt(evidence, timing, new Calendar(evidence.zone ?? zone), findings);

  // Trap: the order counts. The cards say what is on loan and in flight, which the books are compared with. The sagas come
  // last: they take what all others have gathered, and what is left over then belongs to no saga.
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

import { Fault } from './fault';
import type { ExpiredEntries, LivingRecord, Records } from './records';

const ENTRIES_AT_ONCE = 500;

/**
 * Has the records `forget` entries that need not be kept any longer at `now`; one may have been written anew since it was
 * found. A record that fails for its own reasons is told of when all others have forgotten theirs.
 */
export async function forgetExpired<Living extends LivingRecord>(
  records: Records<Living>,
  now: number,
  forget: (record: Living, keys: readonly string[]) => void,
): Promise<void> {
  const failed = new Map<string, unknown>();
  /** Entries of those: they come first and must not crowd the others out. */
  let stuck = 0;
  for (;;) {
    const expired = await records.findExpiredEntries(now, ENTRIES_AT_ONCE + stuck);
    const others = expired.filter(({ id }) => !failed.has(id));
    if (others.length === 0 && countOf(expired) === stuck) break;

    const forgotten = await Promise.allSettled(
      others.map(({ id, keys }) => records.change(id, keys, (record) => forget(record, keys))),
    );
    for (const [n, result] of forgotten.entries()) {
      if (result.status === 'fulfilled') continue;
      // A fault of the world would meet the other records too, as a rule; the next run makes up for it.
      if (result.reason instanceof Fault) throw result.reason;
      failed.set(others[n]!.id, result.reason);
    }
    stuck = countOf(expired.filter(({ id }) => failed.has(id)));
  }
  if (failed.size > 0) throw [...failed.values()][0];
}

function countOf(expired: readonly ExpiredEntries[]): number {
  return expired.reduce((sum, { keys }) => sum + keys.length, 0);
}

import { sagaId } from '../domain/identifiers';
import { isKeyEntry } from '../store/kept-answer';
import type { Records } from '../store/records';
import type { Clock } from '../time/clock';
import type { FencedRecord } from './participant';

const ENTRIES_AT_ONCE = 500;

/**
 * Forgets fences and kept answers whose time has come: what a fence would hold off has expired long ago, and is refused for
 * that.
 */
export class ForgetFences {
  constructor(
    private readonly records: Records<FencedRecord>,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<void> {
    const now = this.clock.now();
    for (;;) {
      const expired = await this.records.findExpiredEntries(now, ENTRIES_AT_ONCE);
      if (expired.length === 0) return;
      await Promise.all(
        expired.map(({ id, keys }) => this.records.change(id, keys, (record) => forget(record, keys, now))),
      );
    }
  }
}

/** One that was written anew since it was found stays. */
function forget({ fences, entries }: FencedRecord, keys: readonly string[], now: number): void {
  for (const key of keys.filter((each) => entries.expired(each, now))) {
    if (isKeyEntry(key)) entries.delete(key);
    else fences.forget(sagaId(key));
  }
}

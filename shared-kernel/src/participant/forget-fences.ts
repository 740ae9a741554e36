import { sagaId } from '../domain/identifiers';
import { forgetExpired } from '../store/forget-expired';
import { isKeyEntry } from '../store/kept-answer';
import type { Records } from '../store/records';
import type { Clock } from '../time/clock';
import type { FencedRecord } from './participant';

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
    await forgetExpired(this.records, now, (record, keys) => forget(record, keys, now));
  }
}

/** One that was written anew since it was found stays. */
function forget({ fences, entries }: FencedRecord, keys: readonly string[], now: number): void {
  for (const key of keys.filter((each) => entries.expired(each, now))) {
    if (isKeyEntry(key)) entries.delete(key);
    else fences.forget(sagaId(key));
  }
}

import { sagaId } from '../domain/identifiers';
import { isKeyEntry } from '../store/kept-answer';
import type { Records } from '../store/records';
import type { Clock } from '../time/clock';
import type { FencedRecord } from './participant';

const RECORDS_AT_ONCE = 100;

/** Forgets fences and kept answers whose time has come: what a fence would hold off has expired long ago, and is refused for that. */
export class ForgetFences {
  constructor(
    private readonly records: Records<FencedRecord>,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<void> {
    const expired = await this.records.findExpiredEntries(this.clock.now(), RECORDS_AT_ONCE);
    await Promise.all(expired.map(({ id, keys }) => this.records.change(id, keys, (record) => forget(record, keys))));
  }
}

function forget({ fences, entries }: FencedRecord, keys: readonly string[]): void {
  for (const key of keys) {
    if (isKeyEntry(key)) entries.delete(key);
    else fences.forget(sagaId(key));
  }
}

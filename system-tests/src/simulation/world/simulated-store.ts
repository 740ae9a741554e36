import type { Entries } from '@library/shared-kernel/store/entries';
import type { LivingRecord, RecordKind } from '@library/shared-kernel/store/records';
import { MemoryStore } from '@library/shared-kernel/testing/records.memory';
import type { Stored } from '@library/shared-kernel/testing/records.memory';
import type { Clock } from '@library/shared-kernel/time/clock';
import type { Random } from '../random';
import { Commit } from './commit';

const NO_CHANGES: Entries<unknown>['changes'] = new Map();
/** What leaves a record is in the archive after a while, and then for a while in both; now and then it takes longer. */
const SOON_MS = 200;
const LATE_MS = 5_000;

/** The store of one service, which all its processes share: it tells of each commit, and archives when it gets to it. */
export class SimulatedStore<Living extends LivingRecord> extends MemoryStore<Living> {
  constructor(
    kind: RecordKind<Living>,
    private readonly time: Clock,
    private readonly random: Random,
    private readonly committed: (commit: Commit) => void,
  ) {
    super(kind, time);
    this.archiveLater();
  }

  override save(id: string, stored: Stored, changes: Entries<unknown>['changes']): boolean {
    const before = this.get(id);
    const entries = [...changes].map(([key, kept]) => ({
      key,
      before: before?.entries.get(key)?.value,
      after: kept && JSON.stringify(kept.value),
      until: kept?.until,
    }));
    if (!super.save(id, stored, changes)) return false;

    this.committed(new Commit(id, before, stored, entries));
    if (stored.leaving.length > 0) this.archiveSoon(id, stored.leaving);
    return true;
  }

  /** Another writer comes first; what it writes is nobody's concern. */
  comeFirst(id: string): void {
    const stored = this.get(id);
    if (stored) super.save(id, { ...stored, version: stored.version + 1 }, NO_CHANGES);
  }

  private archiveSoon(id: string, leaving: readonly string[]): void {
    this.time.after(this.while(), () => {
      this.archive.add(
        id,
        leaving.map((text) => JSON.parse(text) as Parameters<typeof this.archive.add>[1][number]),
      );
      this.time.after(this.while(), () => this.archiveOf(id));
    });
  }

  private while(): number {
    return this.random.below(this.random.chance(0.05) ? LATE_MS : SOON_MS);
  }
}

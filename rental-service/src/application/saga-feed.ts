import type { SagaId } from '@library/shared-kernel/domain/identifiers';
import type { Saga } from '@library/shared-kernel/saga/saga';
import { Recent } from '@library/shared-kernel/store/recent';
import type { Records } from '@library/shared-kernel/store/records';
import { withChange } from '@library/shared-kernel/store/with-change';
import type { RentalRecord } from './rental-record';

type Listener = (saga: Saga) => void;

/** So many sagas are remembered: far more than are begun while one looks after its own. */
const REMEMBERED = 2_000;

/** Tells those who wait for a saga in this process what has become of it, once that is stored. */
export class SagaFeed {
  private readonly told = new Recent<Saga>(REMEMBERED);
  private readonly listeners = new Map<SagaId, Set<Listener>>();

  /** The answer ends it. */
  listen(id: SagaId, listener: Listener): () => void {
    const listeners = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.listeners.delete(id);
    };
  }

  /** As it was told last in this process: another instance may have moved it since. Undefined when that is not remembered. */
  latest(id: SagaId): Saga | undefined {
    return this.told.get(id);
  }

  tell(sagas: readonly Saga[]): void {
    for (const saga of sagas) {
      this.told.set(saga.id, saga);
      for (const listener of this.listeners.get(saga.id) ?? []) listener(saga);
    }
  }

  /** The same records; what a change has moved is told when it is stored. */
  following(records: Records<RentalRecord>): Records<RentalRecord> {
    return withChange(records, async (id, about, decide) => {
      let moved: readonly Saga[] = [];
      const answer = await records.change(id, about, (record) => {
        const decided = decide(record);
        moved = record.moved;
        return decided;
      });
      this.tell(moved);
      return answer;
    });
  }
}

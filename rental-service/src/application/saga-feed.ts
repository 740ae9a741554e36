import type { SagaId } from '@library/shared-kernel/domain/identifiers';
import type { Saga } from '@library/shared-kernel/saga/saga';
import type { Records } from '@library/shared-kernel/store/records';
import { withChange } from '@library/shared-kernel/store/with-change';
import type { RentalRecord } from './rental-record';

type Listener = (saga: Saga) => void;

/** Tells those who wait for a saga in this process what has become of it, once that is stored. */
export class SagaFeed {
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

  tell(sagas: readonly Saga[]): void {
    if (this.listeners.size === 0) return;
    for (const saga of sagas) for (const listener of this.listeners.get(saga.id) ?? []) listener(saga);
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

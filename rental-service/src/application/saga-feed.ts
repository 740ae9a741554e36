import type { SagaId } from '@library/shared-kernel/domain/identifiers';
import { hasEnded } from '@library/shared-kernel/saga/saga';
import type { Saga } from '@library/shared-kernel/saga/saga';
import { PassingLists } from '@library/shared-kernel/store/passing-lists';
import { Recent } from '@library/shared-kernel/store/recent';
import type { Records } from '@library/shared-kernel/store/records';
import { withChange } from '@library/shared-kernel/store/with-change';
import type { Clock } from '@library/shared-kernel/time/clock';
import type { ReportSaga } from './ports';
import type { MovedSaga, RentalRecord } from './rental-record';

type Listener = (saga: Saga) => void;

/**
 * So many sagas are remembered: more than move in the moment between a request's change and its question what became of it.
 */
const REMEMBERED = 2_000;

interface Told {
  readonly saga: Saga;
  readonly at: number;
}

/** Tells those who wait for a saga in this process what has become of it, once that is stored. */
export class SagaFeed {
  private readonly told = new Recent<Told>(REMEMBERED);
  private readonly listeners = new PassingLists<SagaId, Listener>();

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly report: ReportSaga = () => undefined,
  ) {}

  /** The answer ends it. */
  listen(id: SagaId, listener: Listener): () => void {
    this.listeners.add(id, listener);
    return () => this.listeners.remove(id, listener);
  }

  /**
   * As it was told last in this process, unless it may have moved since without being told here (by another instance, say):
   * then, when it had not ended and that was longer ago than `ms`, undefined.
   */
  latest(id: SagaId, ms: number): Saga | undefined {
    const told = this.told.get(id);
    if (!told) return undefined;
    // Either way: a clock may be set back.
    return hasEnded(told.saga) || Math.abs(this.clock.now() - told.at) < ms ? told.saga : undefined;
  }

  tell(moved: readonly MovedSaga[]): void {
    for (const { saga, before } of moved) {
      this.report(saga, before);
      this.told.set(saga.id, { saga, at: this.clock.now() });
      // A copy: whoever is told may stop listening.
      for (const listener of this.listeners.of(saga.id).slice()) listener(saga);
    }
  }

  /** The same records; what a change has moved is told when it is stored. */
  following(records: Records<RentalRecord>): Records<RentalRecord> {
    return withChange(records, async (id, about, decide) => {
      let moved: readonly MovedSaga[] = [];
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

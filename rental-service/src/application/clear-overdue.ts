import type { MemberId } from '@library/shared-kernel/domain/identifiers';
import { isRefusal, refuse } from '@library/shared-kernel/domain/refusal';
import type { Misuse } from '@library/shared-kernel/store/kept-answer';
import type { Clock } from '@library/shared-kernel/time/clock';
import type { Answered } from './answered';
import type { Orchestrator } from './orchestrator';
import type { RentalCards, SagaIds } from './ports';
import { aboutKey, answerOnce } from './request';
import type { Request } from './request';
import { overdueSaga } from './sagas/overdue.saga';

/** Locks the card and starts the saga that pays its fee in points, in one atomic write. */
export class ClearOverdue {
  constructor(
    private readonly cards: RentalCards,
    private readonly orchestrator: Orchestrator,
    private readonly ids: SagaIds,
    private readonly clock: Clock,
  ) {}

  execute(member: MemberId, points: number, request: Request): Promise<Answered | Misuse> {
    const id = this.ids.next();
    const now = this.clock.now();

    return this.cards.change<Answered | Misuse>(member, aboutKey(request), (record) => {
      const { card } = record;
      if (!card) return refuse('card-not-found');

      return answerOnce(record, request, now, () => {
        const cleared = card.clear(points, id);
        if (isRefusal(cleared)) return cleared;

        this.orchestrator.begin(record, overdueSaga, id, cleared, request.cause, now);
        return { saga: id };
      });
    });
  }
}

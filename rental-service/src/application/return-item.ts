import type { BookNo, MemberId } from '@library/shared-kernel/domain/identifiers';
import { isRefusal, refuse } from '@library/shared-kernel/domain/refusal';
import type { Calendar } from '@library/shared-kernel/time/calendar';
import type { Misuse } from '@library/shared-kernel/store/kept-answer';
import type { Clock } from '@library/shared-kernel/time/clock';
import type { Answered } from './answered';
import type { Orchestrator } from './orchestrator';
import type { RentalCards, SagaIds } from './ports';
import { aboutKey, answerOnce } from './request';
import type { Request } from './request';
import { returnSaga } from './sagas/return.saga';

/** Accepts a book back, fixes the late fee and starts the saga, in one atomic write. */
export class ReturnItem {
  constructor(
    private readonly cards: RentalCards,
    private readonly orchestrator: Orchestrator,
    private readonly ids: SagaIds,
    private readonly calendar: Calendar,
    private readonly clock: Clock,
  ) {}

  /** Answers with the saga; with the one that is running when this book is on its way back already; or with a refusal. */
  execute(member: MemberId, no: BookNo, request: Request): Promise<Answered | Misuse> {
    const id = this.ids.next();
    const now = this.clock.now();

    return this.cards.change<Answered | Misuse>(member, aboutKey(request), (record) => {
      const { card } = record;
      if (!card) return refuse('card-not-found');

      return answerOnce(record, request, now, () => {
        const running = record.running('RETURN', no);
        if (running) return { saga: running.id };

        const returned = card.return(no, id, this.calendar.dayOf(now));
        if (isRefusal(returned)) return returned;

        this.orchestrator.begin(record, returnSaga, id, returned, request.cause, now);
        return { saga: id };
      });
    });
  }
}

import type { IdName, Item } from '@library/shared-kernel/domain/names';
import { isRefusal } from '@library/shared-kernel/domain/refusal';
import type { Calendar } from '@library/shared-kernel/time/calendar';
import type { Misuse } from '@library/shared-kernel/store/kept-answer';
import type { Clock } from '@library/shared-kernel/time/clock';
import type { Answered } from './answered';
import type { Orchestrator } from './orchestrator';
import type { RentalCards, SagaIds } from './ports';
import { aboutKey, answerOnce } from './request';
import type { Request } from './request';
import { rentSaga } from './sagas/rent.saga';

/** Takes the slot on the card and starts the saga, in one atomic write. */
export class RentItem {
  constructor(
    private readonly cards: RentalCards,
    private readonly orchestrator: Orchestrator,
    private readonly ids: SagaIds,
    private readonly calendar: Calendar,
    private readonly clock: Clock,
  ) {}

  /** Answers with the saga; with the one that is running when this book is being rented already; or with a refusal. */
  execute(member: IdName, item: Item, request: Request): Promise<Answered | Misuse> {
    const id = this.ids.next();
    const now = this.clock.now();

    return this.cards.change<Answered | Misuse>(member.id, aboutKey(request), (record) =>
      answerOnce(record, request, now, () => {
        const running = record.running('RENT', item.no);
        if (running) return { saga: running.id };

        const rented = record.cardOf(member).rent(item, id, this.calendar.dayOf(now));
        if (isRefusal(rented)) return rented;

        this.orchestrator.begin(record, rentSaga, id, rented, request.cause, now);
        return { saga: id };
      }),
    );
  }
}

import type { MemberId } from '@library/shared-kernel/domain/identifiers';
import { refuse } from '@library/shared-kernel/domain/refusal';
import type { Refusal } from '@library/shared-kernel/domain/refusal';
import { Fault } from '@library/shared-kernel/store/fault';
import type { Calendar } from '@library/shared-kernel/time/calendar';
import type { Clock } from '@library/shared-kernel/time/clock';
import type { CardLists, RentalCards } from './ports';

const CARDS_AT_ONCE = 100;

/** Marks what is past due: on one card, or in the whole library, as the job does every minute. */
export class MarkOverdue {
  constructor(
    private readonly cards: RentalCards,
    private readonly lists: CardLists,
    private readonly calendar: Calendar,
    private readonly clock: Clock,
  ) {}

  /**
   * Answers how many items it marked. Running it again marks nothing twice. A card that fails for its own reasons is told of
   * when all others are marked.
   */
  async execute(): Promise<number> {
    const today = this.calendar.dayOf(this.clock.now());
    const failures: unknown[] = [];
    let marked = 0;
    let after: string | undefined;
    for (;;) {
      const members = await this.lists.findLate(today, {
        limit: CARDS_AT_ONCE,
        ...(after === undefined ? {} : { after }),
      });
      for (const card of await Promise.allSettled(members.map((member) => this.onCard(member)))) {
        if (card.status === 'fulfilled') marked += typeof card.value === 'number' ? card.value : 0;
        // A fault of the world would meet the other cards too, as a rule; the next run makes up for it.
        else if (card.reason instanceof Fault) throw card.reason;
        else failures.push(card.reason);
      }
      if (members.length < CARDS_AT_ONCE) break;
      after = members.at(-1);
    }
    if (failures.length > 0) throw failures[0];
    return marked;
  }

  onCard(member: MemberId): Promise<number | Refusal<'card-not-found'>> {
    const today = this.calendar.dayOf(this.clock.now());
    return this.cards.change<number | Refusal<'card-not-found'>>(
      member,
      [],
      ({ card }) => card?.markOverdue(today) ?? refuse('card-not-found'),
    );
  }
}

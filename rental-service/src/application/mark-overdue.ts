import type { MemberId } from '@library/shared-kernel/domain/identifiers';
import { refuse } from '@library/shared-kernel/domain/refusal';
import type { Refusal } from '@library/shared-kernel/domain/refusal';
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

  /** Answers how many items it marked. Running it again marks nothing twice. */
  async execute(): Promise<number> {
    const today = this.calendar.dayOf(this.clock.now());
    let marked = 0;
    let after: string | undefined;
    for (;;) {
      const members = await this.lists.findLate(today, {
        limit: CARDS_AT_ONCE,
        ...(after === undefined ? {} : { after }),
      });
      const counts = await Promise.all(members.map((member) => this.onCard(member)));
      for (const count of counts) marked += typeof count === 'number' ? count : 0;
      if (members.length < CARDS_AT_ONCE) return marked;
      after = members.at(-1);
    }
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

import type { BookNo, MemberId } from '@library/shared-kernel/domain/identifiers';
import { refuse } from '@library/shared-kernel/domain/refusal';
import type { Refusal } from '@library/shared-kernel/domain/refusal';
import type { Calendar } from '@library/shared-kernel/time/calendar';
import type { Clock } from '@library/shared-kernel/time/clock';
import type { RentalCardState } from '../domain/rental-card';
import type { RentalCards } from './ports';

/** Makes a loan late by one day, as the original system's users do to show lateness. */
export class MakeOverdue {
  constructor(
    private readonly cards: RentalCards,
    private readonly calendar: Calendar,
    private readonly clock: Clock,
  ) {}

  execute(member: MemberId, no: BookNo): Promise<RentalCardState | Refusal> {
    const today = this.calendar.dayOf(this.clock.now());
    return this.cards.change<RentalCardState | Refusal>(member, [], ({ card }) => {
      if (!card) return refuse('card-not-found');
      return card.makeOverdue(no, today) ?? card.snapshot();
    });
  }
}

import type { IdName } from '@library/shared-kernel/domain/names';
import type { RentalCardState } from '../domain/rental-card';
import type { RentalCards } from './ports';

/** Opens a member's card; one member has one card, whatever the concurrency. */
export class OpenCard {
  constructor(private readonly cards: RentalCards) {}

  execute(member: IdName): Promise<{ readonly card: RentalCardState; readonly opened: boolean }> {
    return this.cards.change(member.id, [], (record) => {
      const opened = record.card === undefined;
      return { card: record.cardOf(member).snapshot(), opened };
    });
  }
}

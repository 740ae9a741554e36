import type { Archive } from '@library/shared-kernel/store/records';
import type { Calendar } from '@library/shared-kernel/time/calendar';
import type { ClearOverdue } from '../../../application/clear-overdue';
import type { MakeOverdue } from '../../../application/make-overdue';
import type { MarkOverdue } from '../../../application/mark-overdue';
import type { OpenCard } from '../../../application/open-card';
import type { CardLists, RentalCards } from '../../../application/ports';
import type { RentItem } from '../../../application/rent-item';
import type { ReturnItem } from '../../../application/return-item';
import type { Sagas } from '../../../application/sagas';
import type { SettleSaga } from '../../../application/settle-saga';

/** What the rental service is asked to do over HTTP. */
export interface RentalUseCases {
  readonly cards: RentalCards;
  readonly lists: CardLists;
  /** Where finished sagas and returned items are kept. */
  readonly archive: Archive;
  readonly calendar: Calendar;
  readonly sagas: Sagas;
  readonly openCard: OpenCard;
  readonly rentItem: RentItem;
  readonly returnItem: ReturnItem;
  readonly clearOverdue: ClearOverdue;
  readonly markOverdue: MarkOverdue;
  readonly makeOverdue: MakeOverdue;
  readonly settleSaga: SettleSaga;
}

import type { SagaType } from '@library/shared-kernel/contracts/event-contract';
import { bookNo, memberId, sagaId } from '@library/shared-kernel/domain/identifiers';
import { localDate } from '@library/shared-kernel/domain/local-date';
import { isRefusal } from '@library/shared-kernel/domain/refusal';
import type { OutgoingMessage } from '@library/shared-kernel/messaging/event-message';
import type { Announced } from '@library/shared-kernel/saga/saga';
import type { Beginning } from '@library/shared-kernel/testing/saga-story';
import type { ReturnedItem } from '../../../src/domain/card-item';
import { RentalCard } from '../../../src/domain/rental-card';

export const jenny = { id: memberId('jenny'), name: '제니' };
export const book = { no: bookNo(1), title: '누구를 위하여 종을 울리나?' };
export const SAGA = sagaId('0186401c-8d40-7000-8000-000000000001');
const EARLIER = sagaId('0186401c-8d40-7000-8000-000000000000');
export const AT = Date.parse('2023-02-20T09:00:00.000Z');
export const EXPIRES = AT + 120_000;

const RENTED_ON = localDate('2023-01-01');
const TODAY = localDate('2023-02-20');

/** The same for all messages of the saga. */
export const travels = { saga: SAGA, correlation: 'request-1' };

/** A card, and what it announced when the saga began on it. */
function begun(card: RentalCard, announced: Announced | { readonly refused: string }): Beginning<RentalCard> {
  if (isRefusal(announced)) throw new Error(`The card refused: ${announced.refused}`);
  return {
    aggregate: card,
    id: SAGA,
    announced: announced as Announced,
    cause: { correlation: 'request-1', causation: 'request-1' },
    at: AT,
  };
}

const cardWithLateBook = () => {
  const card = RentalCard.open(jenny);
  card.rent(book, EARLIER, RENTED_ON);
  card.confirmRent(EARLIER);
  card.markOverdue(TODAY);
  return card;
};

const cardWithFee = () => {
  const card = cardWithLateBook();
  card.return(book.no, EARLIER, TODAY);
  card.confirmReturn(EARLIER);
  return card;
};

/** The book is due on 15 January and comes back on 20 February: 36 days late. */
export const FEE = 360;

/** Each saga as it begins on jenny's card, and what her card looks like when it has succeeded, and when it was undone. */
export const BEGINNINGS: Readonly<
  Record<
    SagaType,
    {
      readonly begin: () => Beginning<RentalCard>;
      readonly succeeded: unknown;
      readonly undone: Readonly<Record<'refused' | 'silence', unknown>>;
      readonly history?: ReturnedItem;
    }
  >
> = {
  RENT: {
    begin: () => {
      const card = RentalCard.open(jenny);
      return begun(card, card.rent(book, SAGA, TODAY));
    },
    succeeded: {
      member: jenny,
      items: [{ ...book, state: 'RENTED', rentedOn: TODAY, dueOn: '2023-03-06', overdue: false }],
      fee: 0,
      returned: 0,
    },
    undone: {
      refused: { member: jenny, items: [], fee: 0, returned: 0 },
      silence: { member: jenny, items: [], fee: 0, returned: 0 },
    },
  },
  RETURN: {
    begin: () => {
      const card = cardWithLateBook();
      return begun(card, card.return(book.no, SAGA, TODAY));
    },
    succeeded: { member: jenny, items: [], fee: FEE, returned: 1 },
    undone: {
      refused: {
        member: jenny,
        items: [{ ...book, state: 'RENTED', rentedOn: RENTED_ON, dueOn: '2023-01-15', overdue: true }],
        fee: 0,
        returned: 0,
      },
      silence: {
        member: jenny,
        items: [
          { ...book, state: 'RENTED', rentedOn: RENTED_ON, dueOn: '2023-01-15', overdue: true, acceptedOn: TODAY },
        ],
        fee: 0,
        returned: 0,
      },
    },
    history: { ...book, rentedOn: RENTED_ON, returnedOn: TODAY, fee: FEE },
  },
  OVERDUE: {
    begin: () => {
      const card = cardWithFee();
      return begun(card, card.clear(FEE, SAGA));
    },
    succeeded: { member: jenny, items: [], fee: 0, returned: 1 },
    undone: {
      refused: { member: jenny, items: [], fee: FEE, returned: 1 },
      silence: { member: jenny, items: [], fee: FEE, returned: 1 },
    },
  },
};

/** The same announcement again, with the expiry of its published copy, to some. */
export function again(
  { expiresAfterMs: _after, ...message }: OutgoingMessage,
  ...awaits: NonNullable<OutgoingMessage['awaits']>
): OutgoingMessage {
  return { ...message, awaits, expires: EXPIRES };
}

import {
  itemRentCancelledContract,
  itemRentedContract,
  itemReturnCancelledContract,
  itemReturnConfirmedContract,
  itemReturnedContract,
} from '../../src/contracts/events';
import { bookNo, memberId, sagaId } from '../../src/domain/identifiers';
import type { ParticipantName } from '../../src/contracts/event-contract';
import type { OutgoingMessage } from '../../src/messaging/event-message';
import { sagaOf } from '../../src/saga/saga-definition';

type Awaits = readonly ParticipantName[];

/** An aggregate that remembers what it was told. */
export type Told = string[];

/** Three are asked; when all agree it is over. */
export const lending = sagaOf<Told>()({
  type: 'RENT',
  announces: itemRentedContract,
  withdraws: itemRentCancelledContract,
  awaits: ['book', 'member', 'bestbook'],
  agreed: (told) => void told.push('agreed'),
  compensated: (told, _saga, because) => void told.push(`compensated after ${because}`),
});

/** Two are asked; when both agree, one of them must confirm. */
export const takingBack = sagaOf<Told>()({
  type: 'RETURN',
  announces: itemReturnedContract,
  withdraws: itemReturnCancelledContract,
  confirms: itemReturnConfirmedContract,
  awaits: ['book', 'member'],
  agreed: (told) => void told.push('agreed'),
  compensated: (told, _saga, because) => void told.push(`compensated after ${because}`),
});

export const AT = Date.parse('2023-02-11T09:00:00.000Z');
export const EXPIRES = AT + 120_000;

const announced = {
  idName: { id: memberId('jenny'), name: '제니' },
  item: { no: bookNo(1), title: '누구를 위하여 종을 울리나?' },
  point: 10,
};

export const beginning = () => ({
  aggregate: [] as Told,
  id: sagaId('0186-1'),
  announced,
  cause: { correlation: 'request-1', causation: 'request-1', traceparent: '00-trace-01' },
  at: AT,
});

/** An announcement as it is first put into the outbox. */
const first = (topic: string, step: string, awaits: Awaits) => ({
  id: `0186-1:${step}:do`,
  topic,
  body: announced,
  time: AT,
  saga: sagaId('0186-1'),
  correlation: 'request-1',
  causation: 'request-1',
  traceparent: '00-trace-01',
  awaits,
  expiresAfterMs: 120_000,
});

export const LENT = first('rental_rent', 'rent', ['book', 'member', 'bestbook']);
export const TAKEN_BACK = first('rental_return', 'return', ['book', 'member']);

/** The same announcement again, with the expiry of its published copy, to some. */
export function again(
  { expiresAfterMs: _after, ...message }: OutgoingMessage,
  awaits: Awaits,
  expires = EXPIRES,
): OutgoingMessage {
  return { ...message, awaits, expires };
}

/** The cancel of an announcement. */
export function cancelOf(
  { id, topic, body, expiresAfterMs: _after, ...rest }: OutgoingMessage,
  said: { readonly reason: string; readonly at: number; readonly causation: string },
): OutgoingMessage {
  return {
    ...rest,
    id: id.replace(/do$/u, 'undo'),
    topic: `${topic}_cancel`,
    body: { ...(body as object), reason: said.reason },
    time: said.at,
    announced: AT,
    causation: said.causation,
  };
}

/** The confirmation that `takingBack` asks its book for. */
export const confirmationAt = (at: number, causation: string): OutgoingMessage => ({
  id: '0186-1:return:confirm',
  topic: 'rental_return_confirm',
  body: announced,
  time: at,
  saga: sagaId('0186-1'),
  correlation: 'request-1',
  causation,
  traceparent: '00-trace-01',
  awaits: ['book'],
});

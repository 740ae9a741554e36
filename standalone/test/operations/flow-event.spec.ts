import type { LogMessage } from '@library/shared-kernel/messaging/message-log';
import { flowOf } from '@library/standalone/operations/flow-event';

const AT = Date.parse('2026-11-21T10:00:00Z');
const SAGA = '01936b2e-7c4d-7a10-8f3e-2b1c0d9e8f7a';
const BODY = { idName: { id: 'jenny', name: '제니' }, item: { no: 1, title: '소년이 온다' }, point: 10 };

function message(
  topic: string,
  type: string,
  id: string,
  body: object,
  more: Readonly<Record<string, string>> = {},
): LogMessage {
  const headers = {
    ce_id: id,
    ce_type: type,
    ce_sagaid: SAGA,
    ce_correlationid: 'c-1',
    ce_time: new Date(AT).toISOString(),
    ...more,
  };
  return { topic, partition: 2, offset: 7, key: 'jenny', value: Buffer.from(JSON.stringify(body)), headers, time: AT };
}

const announced = message('rental_rent', 'ItemRented', `${SAGA}:rent:do`, BODY, { ce_awaits: 'book,member,bestbook' });
const refused = message(
  'rental_result',
  'EventResult',
  `${SAGA}:book:do:book-not-available`,
  { ...BODY, eventType: 'RENT', success: false, reason: 'book-not-available' },
  { ce_participant: 'book', ce_causationid: `${SAGA}:rent:do` },
);
const withdrawn = message('rental_rent_cancel', 'ItemRentCancelled', `${SAGA}:rent:undo`, {
  ...BODY,
  reason: 'book-not-available',
});
const undone = message(
  'rental_result',
  'EventResult',
  `${SAGA}:book:undo:ok`,
  { ...BODY, eventType: 'RENT_CANCEL', success: true },
  { ce_participant: 'book' },
);

describe('a flow', () => {
  it('AC-34: tells of each message who asks or answers, which step it is, and why', () => {
    expect(flowOf([announced, refused])).toStrictEqual([
      {
        at: '2026-11-21T10:00:00.000Z',
        topic: 'rental_rent',
        partition: 2,
        offset: 7,
        id: `${SAGA}:rent:do`,
        type: 'ItemRented',
        saga: SAGA,
        correlation: 'c-1',
        causation: undefined,
        step: 'RENT',
        direction: 'do',
        awaits: ['book', 'member', 'bestbook'],
      },
      {
        at: '2026-11-21T10:00:00.000Z',
        topic: 'rental_result',
        partition: 2,
        offset: 7,
        id: `${SAGA}:book:do:book-not-available`,
        type: 'EventResult',
        saga: SAGA,
        correlation: 'c-1',
        causation: `${SAGA}:rent:do`,
        step: 'RENT',
        direction: 'do',
        participant: 'book',
        answer: 'refused',
        reason: 'book-not-available',
      },
    ]);
  });

  it('puts causes before their effects, also within one millisecond', () => {
    const types = flowOf([undone, withdrawn, refused, announced]).map(({ id }) => id?.slice(SAGA.length + 1));

    expect(types).toStrictEqual(['rent:do', 'book:do:book-not-available', 'rent:undo', 'book:undo:ok']);
  });

  it('goes by the time at which things happened before anything else', () => {
    const earlier = { ...undone, time: AT - 1 };

    expect(flowOf([announced, earlier]).map(({ direction }) => direction)).toStrictEqual(['undo', 'do']);
  });

  it('shows the copy of a message that a group could not handle, as what it was', () => {
    const parked = {
      ...announced,
      topic: 'rental_rent.parked.book-service',
      headers: {
        ...announced.headers,
        parked_group: 'book-service',
        parked_topic: 'rental_rent',
        parked_reason: 'bug',
      },
    };

    expect(flowOf([parked])).toMatchObject([
      {
        topic: 'rental_rent.parked.book-service',
        step: 'RENT',
        direction: 'do',
        parked: { by: 'book-service', because: 'bug' },
      },
    ]);
  });

  it('shows what nobody can read as far as it can', () => {
    const [event] = flowOf([{ ...announced, value: Buffer.from('{') }]);

    expect(event).toMatchObject({ id: `${SAGA}:rent:do`, type: 'ItemRented', saga: SAGA });
    expect(event).not.toHaveProperty('step');
  });

  it('G21: names neither member nor book', () => {
    expect(JSON.stringify(flowOf([announced, refused, withdrawn, undone]))).not.toMatch(/제니|소년/);
  });
});

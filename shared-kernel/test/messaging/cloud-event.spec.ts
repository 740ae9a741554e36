import * as fc from 'fast-check';
import { SAGA_EVENTS } from '../../src/contracts/events';
import { eventResultContract, EVENT_TYPES } from '../../src/contracts/event-result';
import { bookNo, memberId, sagaId } from '../../src/domain/identifiers';
import { fromLog, rememberRead, toPublication, Unreadable } from '../../src/messaging/cloud-event';
import type { EventMessage } from '../../src/messaging/event-message';
import type { LogMessage } from '../../src/messaging/message-log';

const ITEM_BODY =
  '{"idName":{"id":"jenny","name":"제니"},"item":{"no":1,"title":"누구를 위하여 종을 울리나?"},"point":10}';
const CARD_BODY = '{"idName":{"id":"jenny","name":"제니"},"point":10}';
const withReason = (body: string) => body.replace(/\}$/u, ',"reason":"book-not-available"}');

/** The wire as it is: a change here is a change for everybody who reads these topics. */
const GOLDEN: readonly (readonly [topic: string, type: string, body: string])[] = [
  ['rental_rent', 'ItemRented', ITEM_BODY],
  ['rental_rent_cancel', 'ItemRentCancelled', withReason(ITEM_BODY)],
  ['rental_return', 'ItemReturned', ITEM_BODY],
  ['rental_return_cancel', 'ItemReturnCancelled', withReason(ITEM_BODY)],
  ['rental_return_confirm', 'ItemReturnConfirmed', ITEM_BODY],
  ['overdue_clear', 'OverdueCleared', CARD_BODY],
  ['overdue_clear_cancel', 'OverdueClearCancelled', withReason(CARD_BODY)],
  [
    'rental_result',
    'EventResult',
    '{"eventType":"RENT","idName":{"id":"jenny","name":"제니"},"item":{"no":1,"title":"누구를 위하여 종을 울리나?"},"point":10,"success":true}',
  ],
  [
    'rental_result',
    'EventResult',
    '{"eventType":"OVERDUE_CANCEL","idName":{"id":"jenny","name":"제니"},"point":10,"success":false,"reason":"too-late"}',
  ],
];

const SAGA = '0186401c-8d40-7000-8000-000000000001';
const ITEM_RENTED: LogMessage = {
  topic: 'rental_rent',
  partition: 0,
  offset: 7,
  key: 'jenny',
  value: Buffer.from(ITEM_BODY),
  headers: {
    ce_specversion: '1.0',
    ce_id: `${SAGA}:rent:do`,
    ce_source: '/rental-service',
    ce_type: 'ItemRented',
    ce_time: '2023-02-11T09:00:00.123Z',
    ce_subject: 'rental-cards/jenny',
    'content-type': 'application/json',
    ce_sagaid: SAGA,
    ce_correlationid: 'request-1',
    ce_causationid: 'request-1',
    ce_awaits: 'book,member,bestbook',
    ce_expirytime: '2023-02-11T09:02:00.123Z',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  },
  time: Date.parse('2023-02-11T09:00:00.123Z'),
};
const MESSAGE: EventMessage = {
  id: `${SAGA}:rent:do`,
  topic: 'rental_rent',
  body: {
    idName: { id: memberId('jenny'), name: '제니' },
    item: { no: bookNo(1), title: '누구를 위하여 종을 울리나?' },
    point: 10,
  },
  saga: sagaId(SAGA),
  time: Date.parse('2023-02-11T09:00:00.123Z'),
  correlation: 'request-1',
  causation: 'request-1',
  awaits: ['book', 'member', 'bestbook'],
  expires: Date.parse('2023-02-11T09:02:00.123Z'),
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
};
const RESULT: LogMessage = {
  ...ITEM_RENTED,
  topic: 'rental_result',
  value: Buffer.from(GOLDEN[7]![2]),
  headers: { ce_id: 'r', ce_type: 'EventResult', ce_sagaid: SAGA, ce_participant: 'book' },
};

const logged = (message: EventMessage): LogMessage => ({ ...toPublication(message), partition: 0, offset: 0 });

const bytes = (text: string) => ({ value: Buffer.from(text) });
const changing = (changed: Record<string, string | undefined>, of = ITEM_RENTED) => ({
  headers: Object.fromEntries(
    Object.entries({ ...of.headers, ...changed }).filter(([, each]) => each !== undefined),
  ) as Record<string, string>,
});
const resulting = (text: string) => ({ ...RESULT, ...bytes(text) });

describe('A message on the wire', () => {
  it('has its facts in the body, and what is about the message in CloudEvents headers', () => {
    const { partition: _partition, offset: _offset, value, ...rest } = ITEM_RENTED;
    const publication = toPublication(MESSAGE);

    expect({ ...publication, value: Buffer.from(publication.value ?? []).toString() }).toEqual({
      ...rest,
      value: Buffer.from(value!).toString(),
    });
    expect(fromLog(ITEM_RENTED)).toEqual(MESSAGE);
  });

  it('says of a cancel when it was announced, and of a result who answers', () => {
    const cancel = {
      ...MESSAGE,
      topic: 'rental_rent_cancel',
      body: { ...(MESSAGE.body as object), reason: 'expired' },
      announced: 1_676_106_000_000,
    };
    expect(toPublication(cancel).headers).toMatchObject({
      ce_type: 'ItemRentCancelled',
      ce_announcedtime: '2023-02-11T09:00:00.000Z',
    });

    const result = { ...fromLog(RESULT), participant: 'bestbook' } as const;
    expect(toPublication(result).headers).toMatchObject({
      ce_source: '/bestbook-service',
      ce_participant: 'bestbook',
      ce_type: 'EventResult',
    });
  });

  it.each(GOLDEN)('has exactly this body in %s: %s %s', (topic, type, body) => {
    const read = fromLog({
      ...ITEM_RENTED,
      topic,
      value: Buffer.from(body),
      headers: { ...ITEM_RENTED.headers, ce_type: type, ce_participant: 'book' },
    });

    expect(Buffer.from(toPublication(read).value ?? []).toString()).toBe(body);
    expect(toPublication(read).headers['ce_type']).toBe(type);
  });

  it.each(GOLDEN)('of %s is the same for whoever hears it in the process that said it', (topic, type, body) => {
    const said = fromLog({
      ...ITEM_RENTED,
      topic,
      value: Buffer.from(body),
      headers: {
        ...ITEM_RENTED.headers,
        ce_type: type,
        ...(topic === 'rental_result' ? { ce_participant: 'book' } : {}),
      },
    });
    const publication = toPublication(said);
    const heard = logged(said);
    rememberRead(heard, publication);

    expect(fromLog(heard)).toBe(said);
    expect(fromLog(heard)).toEqual(fromLog(logged(said)));
  });

  it('that was altered on its way is read as it is', () => {
    const altered = { ...toPublication(MESSAGE), ...bytes(ITEM_BODY.replace('"no":1', '"no":2')) };
    const heard = { ...altered, partition: 0, offset: 0 };
    rememberRead(heard, altered);

    expect(fromLog(heard).body).toMatchObject({ item: { no: 2 } });
  });

  it('has a golden sample for every event there is', () => {
    expect([...new Set(GOLDEN.map(([topic, type]) => `${topic} ${type}`))].toSorted()).toEqual(
      [...SAGA_EVENTS, eventResultContract].map(({ topic, type }) => `${topic} ${type}`).toSorted(),
    );
    expect(EVENT_TYPES).toEqual([
      'RENT',
      'RETURN',
      'OVERDUE',
      'RENT_CANCEL',
      'RETURN_CANCEL',
      'OVERDUE_CANCEL',
      'RETURN_CONFIRM',
    ]);
  });

  it('is read as it was written, whatever it says', () => {
    const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
    const id = fc.stringMatching(/^[\x21-\x7e]{1,60}$/u);
    const text = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 80 })
      .filter((each) => /^[^\p{Cc}\p{Cs}]*$/u.test(each));
    const optional = {
      causation: id,
      awaits: fc.uniqueArray(fc.constantFrom('book' as const, 'member' as const, 'bestbook' as const), {
        minLength: 1,
      }),
      expires: time,
      announced: time,
      traceparent: id,
    };
    const anyMessage = fc.record(
      {
        id,
        topic: fc.constant('rental_rent'),
        body: fc.record({
          idName: fc.record({ id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/u), name: text }),
          item: fc.record({ no: fc.integer({ min: 1 }), title: text }),
          point: fc.nat(),
        }),
        saga: id.map(sagaId),
        time,
        correlation: id,
        ...optional,
      },
      { requiredKeys: ['id', 'topic', 'body', 'saga', 'time', 'correlation'] },
    );

    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(fromLog(logged(message as EventMessage))).toEqual(message);
      }),
      { numRuns: 200 },
    );
  });
});

describe('A reader', () => {
  it('ignores fields and headers that it does not know', () => {
    const more = { ...(JSON.parse(ITEM_BODY) as object), shelf: { deep: [1, 2] } };
    const headers = { ...ITEM_RENTED.headers, ce_dataschema: 'v2', another: '' };

    expect(fromLog({ ...ITEM_RENTED, value: Buffer.from(JSON.stringify(more)), headers })).toEqual(MESSAGE);
  });

  it('does without what a foreign producer leaves out', () => {
    const { ce_id, ce_type, ce_sagaid } = ITEM_RENTED.headers;

    expect(fromLog({ ...ITEM_RENTED, headers: { ce_id: ce_id!, ce_type: ce_type!, ce_sagaid: ce_sagaid! } })).toEqual({
      id: MESSAGE.id,
      topic: 'rental_rent',
      body: MESSAGE.body,
      saga: SAGA,
      time: ITEM_RENTED.time,
      correlation: SAGA,
    });
  });

  it('reads the result of a participant that it does not know yet, without a participant', () => {
    expect(
      fromLog({ ...RESULT, headers: { ...RESULT.headers, ce_participant: 'reading-club' } }).participant,
    ).toBeUndefined();
    expect(fromLog(RESULT).participant).toBe('book');
  });

  it.each<[string, Partial<LogMessage>, Unreadable['reason'], string]>([
    ['no JSON [G1p]', bytes('hello'), 'unreadable', 'not JSON'],
    ['half a message [G1p]', bytes(ITEM_BODY.slice(0, 40)), 'unreadable', 'not JSON'],
    ['another encoding [G1p]', { value: Buffer.from(`${ITEM_BODY}\uffff`, 'utf16le') }, 'unreadable', 'not UTF-8'],
    ['a byte order mark [G1p]', bytes(`\ufeff${ITEM_BODY}`), 'unreadable', 'not JSON'],
    ['nothing at all [G1p]', bytes(''), 'unreadable', 'not JSON'],
    ['an event of another type [G2p]', changing({ ce_type: 'ItemSold' }), 'unsupported-version', '"ItemSold"'],
    ['a future CloudEvents version [G2p]', changing({ ce_specversion: '2.0' }), 'unsupported-version', '2.0'],
    ['no ce_type [G3p]', changing({ ce_type: undefined }), 'missing-header', 'ce_type'],
    ['no ce_id [G3p]', changing({ ce_id: undefined }), 'missing-header', 'ce_id'],
    ['an empty ce_id [G3p Q15]', changing({ ce_id: '' }), 'missing-header', 'ce_id'],
    ['no ce_sagaid [G3p]', changing({ ce_sagaid: undefined }), 'missing-header', 'ce_sagaid'],
    [
      'a result that does not say whose it is [G3p]',
      { ...RESULT, ...changing({ ce_participant: undefined }, RESULT) },
      'missing-header',
      'ce_participant',
    ],
    ['a time that is none [G3p]', changing({ ce_expirytime: 'tomorrow' }), 'missing-header', 'ce_expirytime'],
    ['a tombstone [G4p]', { value: undefined }, 'unreadable', 'tombstone'],
    [
      '10 MB [G5p]',
      bytes(JSON.stringify({ ...JSON.parse(ITEM_BODY), more: 'x'.repeat(10_000_000) })),
      'unreadable',
      'bytes',
    ],
    [
      '10,000 levels [G5p]',
      bytes(ITEM_BODY.replace('{', `{"deep":${'['.repeat(10_000)}${']'.repeat(10_000)},`)),
      'unreadable',
      'levels',
    ],
    ['a number without end [G5p]', bytes(ITEM_BODY.replace('"point":10', '"point":1e999')), 'invalid-body', 'point'],
    [
      'a number too large to be exact [G5p]',
      bytes(ITEM_BODY.replace('"point":10', '"point":9007199254740993')),
      'invalid-body',
      'point',
    ],
    [
      'one field twice [G5p]',
      bytes(ITEM_BODY.replace('"point":10', '"point":10,"point":1000')),
      'unreadable',
      'two fields "point"',
    ],
    [
      '__proto__ [G5p Q2]',
      bytes(ITEM_BODY.replace('"point":10', '"point":10,"__proto__":{}')),
      'unreadable',
      '__proto__',
    ],
    ['a missing field', bytes(CARD_BODY), 'invalid-body', 'item'],
    ['a field of another kind', bytes(ITEM_BODY.replace('"no":1', '"no":"1"')), 'invalid-body', 'item.no'],
    ['something that is no object', bytes('[]'), 'invalid-body', 'body'],
    ['an empty member id [Q15]', bytes(ITEM_BODY.replace('"jenny"', '""')), 'invalid-body', 'idName.id'],
    ['a member id that is none [Q11]', bytes(ITEM_BODY.replace('"jenny"', '"../scott"')), 'invalid-body', 'idName.id'],
    ['a refusal without a reason', resulting(GOLDEN[7]![2].replace('true', 'false')), 'invalid-body', 'reason'],
    ['a success with a reason', resulting(withReason(GOLDEN[7]![2])), 'invalid-body', 'reason'],
    ['a topic that nobody knows', { topic: 'rental_sold' }, 'unreadable', 'rental_sold'],
  ])('calls it unreadable when it finds %s', (_what, changed, reason, sentence) => {
    const read = () => fromLog({ ...ITEM_RENTED, ...changed });

    expect(read).toThrow(Unreadable);
    expect(read).toThrow(expect.objectContaining({ reason, message: expect.stringContaining(sentence) }));
  });
});

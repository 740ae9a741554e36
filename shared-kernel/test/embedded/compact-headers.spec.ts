import * as fc from 'fast-check';
import { compactHeaders, expandHeaders } from '../../src/embedded/compact-headers';

const SAGA = '0190f6c2-5f7e-7d53-9b4e-5a4f7c1e2d3b';
const TIME = Date.parse('2026-11-21T10:15:30.123Z');

/** What a participant's answer carries. */
const ANSWER = {
  ce_specversion: '1.0',
  ce_id: `${SAGA}:book:do:done`,
  ce_source: '/book-service',
  ce_type: 'EventResult',
  ce_time: '2026-11-21T10:15:30.123Z',
  ce_subject: 'rental-cards/jenny',
  'content-type': 'application/json',
  ce_sagaid: SAGA,
  ce_correlationid: '0190f6c2-5f7e-7d53-9b4e-5a4f7c1e2dff',
  ce_causationid: `${SAGA}:rental:do`,
  ce_awaits: 'book,member,bestbook',
  ce_expirytime: '2026-11-21T10:17:30.123Z',
  ce_participant: 'book',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
};

const roundTrip = (headers: Record<string, string>) =>
  expandHeaders(compactHeaders(headers, 'jenny', TIME), 'jenny', TIME);

describe('compactHeaders', () => {
  it('brings back a saga message’s headers from a quarter of their size', () => {
    const compact = compactHeaders(ANSWER, 'jenny', TIME);

    expect(expandHeaders(compact, 'jenny', TIME)).toEqual(ANSWER);
    expect(compact.length).toBeLessThan(130);
    expect(JSON.stringify(ANSWER).length).toBeGreaterThan(500);
  });

  it('still reads what lies on disks since the first version', () => {
    const first =
      '0101000205' +
      '0190f6c25f7e7d539b4e5a4f7c1e2d3b0d3a626f6f6b3a646f3a646f6e65' +
      '03010304010d0503000607070101080600000905' +
      '0190f6c25f7e7d539b4e5a4f7c1e2dff00' +
      '0a06000a3a72656e74616c3a646f0b01110c0380d30e0e010e0f04' +
      '004bf92f3577b34da6a3ce929d0e0e473600f067aa0ba902b701';

    expect(expandHeaders(Buffer.from(first, 'hex'), 'jenny', TIME)).toEqual(ANSWER);
    expect(Buffer.from(compactHeaders(ANSWER, 'jenny', TIME)).toString('hex')).toBe(first);
  });

  it.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['an empty name and an empty value', { '': '', ce_id: '' }],
    ['names that objects have', { constructor: 'y', toString: 'z', 7: 'first' }],
    ['a time that is none', { ce_time: '2026-02-30T10:15:30.123Z' }],
    ['a day that not every month has', { ce_time: '2024-02-29T10:15:30.123Z' }],
    ['an hour that rolls over', { ce_time: '2026-11-21T24:00:00.000Z' }],
    ['the years 0 and 99', { ce_time: '0000-01-01T00:00:00.000Z', ce_expirytime: '0099-12-31T23:59:59.999Z' }],
    ['an id in upper case', { ce_id: SAGA.toUpperCase() }],
    [
      'an id with other dashes',
      { ce_id: SAGA.replaceAll('-', '_'), ce_sagaid: `${SAGA.slice(0, 13)}_${SAGA.slice(14)}` },
    ],
    ['a trace in upper case', { traceparent: ANSWER.traceparent.toUpperCase() }],
    ['a text of more than one length byte', { detail: '책'.repeat(5_000) }],
    ['characters beyond ASCII, and NUL', { 책: '🔔\0', name: 'caf\u00e9' }],
  ])('brings back %s', (_, headers) => {
    expect(Object.entries(roundTrip(headers))).toEqual(Object.entries(headers));
  });

  it('brings back the header __proto__, which is an ordinary name in a topic', () => {
    const headers = Object.fromEntries([['__proto__', 'x']]);

    expect(Object.entries(roundTrip(headers))).toEqual([['__proto__', 'x']]);
  });

  it('brings back whatever headers there are, with any key and time', () => {
    const text = fc.string({ unit: 'binary' });
    const uuid = fc.uuid();
    const instant = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
    const key = fc.option(fc.oneof(text, fc.constant('jenny')), { nil: undefined });
    const value = fc.oneof(
      text,
      uuid,
      fc.tuple(fc.constantFrom(SAGA, SAGA.replace('0190', '0191')), text).map((parts) => parts.join('')),
      instant,
      fc.constantFrom(...Object.values(ANSWER), 'jenny'),
      fc.stringMatching(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/),
      fc.stringMatching(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/),
    );
    const name = fc.oneof(fc.constantFrom(...Object.keys(ANSWER)), text);
    const headers = fc.array(fc.tuple(name, value), { maxLength: 20 }).map((entries) => Object.fromEntries(entries));

    fc.assert(
      fc.property(headers, key, fc.integer({ min: -8.64e15, max: 8.64e15 }), (some, keyOfIt, time) => {
        const back = expandHeaders(compactHeaders(some, keyOfIt, time), keyOfIt, time);
        expect(Object.entries(back)).toEqual(Object.entries(some));
      }),
      { numRuns: 500 },
    );
  });

  it('refuses to guess what a newer version has written', () => {
    expect(() => expandHeaders(Buffer.from([2, 99, 0]), 'jenny', TIME)).toThrow('newer version');
  });
});

import request from 'supertest';
import { correlationOf, traceparentOf } from '../../src/http/correlation';
import { idempotencyKeyOf } from '../../src/http/idempotency-key';
import { waitSecondsOf } from '../../src/http/prefer';
import { sampleApp, type Handling } from './sample-service';

const RENTALS = '/rental-cards/jenny/rentals';
const RENT = { memberName: '제니', item: { no: 1, title: '종' } };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('an Idempotency-Key', () => {
  it('reaches the use case', async () => {
    const handling: Handling = {};
    await request(sampleApp(handling)).post(RENTALS).set('Idempotency-Key', '"8e03978e"').send(RENT).expect(202);

    expect(handling.seen?.key).toBe('"8e03978e"');
  });

  it('need not be there', async () => {
    const handling: Handling = {};
    await request(sampleApp(handling)).post(RENTALS).send(RENT).expect(202);

    expect(handling.seen?.key).toBeUndefined();
  });

  it.each([
    ['201 characters', 'k'.repeat(201)],
    ['a space', 'two words'],
    ['a letter beyond ASCII', 'clé'],
  ])('[Q3] with %s is refused', async (_what, key) => {
    const { body: answer } = await request(sampleApp())
      .post(RENTALS)
      .set('Idempotency-Key', key)
      .send(RENT)
      .expect(400);

    expect(answer).toMatchObject({ code: 'invalid-input', errors: [{ path: 'header.Idempotency-Key' }] });
  });

  it.each(['', 'a\rb', 'a\nb', 'a\0b', 'one, two', 'k'.repeat(65_536)])('[Q3] is never %j', (key) => {
    expect(() => idempotencyKeyOf(key)).toThrow('Some of what was sent');
  });

  it.each(['k', '~', 'k'.repeat(200)])('may be %s', (key) => {
    expect(idempotencyKeyOf(key)).toBe(key);
  });
});

describe('Prefer: wait', () => {
  it.each([
    ['wait=10', 10],
    ['wait=0', 0],
    ['respond-async, wait=5', 5],
    ['WAIT = "7"', 7],
    ['wait=5; strict', 5],
    ['wait=31', 30],
    ['wait=999999999', 30],
    ['wait=1, wait=2', 1],
    ['wait', undefined],
    ['wait=-1', undefined],
    ['wait=1.5', undefined],
    ['wait=soon', undefined],
    ['wait=9999999999', undefined],
    ['waiting=1', undefined],
    ['', undefined],
  ])('%s waits %s seconds', (prefer, seconds) => {
    expect(waitSecondsOf(prefer)).toBe(seconds);
  });

  it('[M7] beyond the limit is clipped, and the answer says so', async () => {
    const handling: Handling = {};
    await request(sampleApp(handling))
      .post(RENTALS)
      .set('Prefer', 'wait=3600')
      .send(RENT)
      .expect(201)
      .expect('Preference-Applied', 'wait=30');

    expect(handling.seen?.waitSeconds).toBe(30);
  });

  it('is said to be applied with a problem too', async () => {
    const app = sampleApp({ undoneBy: 'book-not-found' });
    const { body: answer } = await request(app)
      .post(RENTALS)
      .set('Prefer', 'wait=2')
      .send(RENT)
      .expect(409)
      .expect('Preference-Applied', 'wait=2');

    expect(answer).toMatchObject({ code: 'book-not-found', title: 'Undone' });
  });

  it('is not said to be applied when it was not understood', async () => {
    const { headers } = await request(sampleApp()).post(RENTALS).set('Prefer', 'wait=soon').send(RENT).expect(202);
    expect(headers).not.toHaveProperty('preference-applied');
  });
});

describe('a correlation id', () => {
  it.each([['X-Correlation-ID'], ['X-Request-ID']])('is what the client says in %s', async (header) => {
    const handling: Handling = {};
    await request(sampleApp(handling))
      .post(RENTALS)
      .set(header, 'shop:42/7'.replace('/', '.'))
      .send(RENT)
      .expect('X-Correlation-ID', 'shop:42.7');

    expect(handling.seen?.correlation).toBe('shop:42.7');
  });

  it.each(['a b', 'x\r\nSet-Cookie: y', 'x\0', 'é', 'a'.repeat(101), '', '${jndi:ldap}', '<script>'])(
    '[Q3] is replaced when it is %j',
    (given) => {
      expect(correlationOf({ 'x-correlation-id': given })).toMatch(UUID);
    },
  );

  it('is new with each request that brings none, and there with every answer', async () => {
    const app = sampleApp();
    const first = await request(app).get('/nothing').expect(404);
    const second = await request(app).get('/books/7').expect(200);

    expect(first.headers['x-correlation-id']).toMatch(UUID);
    expect(second.headers['x-correlation-id']).toMatch(UUID);
    expect(first.headers['x-correlation-id']).not.toBe(second.headers['x-correlation-id']);
  });
});

describe('a traceparent', () => {
  const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
  const SPAN = '00f067aa0ba902b7';

  it.each([
    [`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`],
    [`cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like`, `00-${TRACE}-${SPAN}-01`],
    [`00-${TRACE}-${SPAN}-01-more`, undefined],
    [`ff-${TRACE}-${SPAN}-01`, undefined],
    [`00-${'0'.repeat(32)}-${SPAN}-01`, undefined],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
    [`00-${TRACE.toUpperCase()}-${SPAN}-01`, undefined],
    [`00-${TRACE}-${SPAN}-01\r\nX-Evil: 1`, undefined],
    [`00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`, undefined],
    ['', undefined],
  ])('[Q3] of %j counts as %s', (given, counts) => {
    expect(traceparentOf({ traceparent: given })).toBe(counts);
  });

  it('reaches the use case', async () => {
    const handling: Handling = {};
    await request(sampleApp(handling))
      .post(RENTALS)
      .set('traceparent', `00-${TRACE}-${SPAN}-01`)
      .send(RENT)
      .expect(202);

    expect(handling.seen?.traceparent).toBe(`00-${TRACE}-${SPAN}-01`);
  });
});

describe('the number of headers', () => {
  it('[Q9] has a limit', async () => {
    const headers = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`X-${index}`, '1']));
    const { body: answer } = await request(sampleApp()).get('/books/7').set(headers).expect(431);

    expect(answer).toMatchObject({ code: 'headers-too-large' });
  });
});

import request from 'supertest';
import { sampleApp, type Handling } from './sample-service';

const RENTALS = '/rental-cards/jenny/rentals';
const RENT = { memberName: '제니', item: { no: 1, title: '누구를 위하여 종을 울리나?' } };

const handling: Handling = {};
const app = sampleApp(handling);
beforeEach(() => delete handling.seen);

function sent(body: string | Buffer, headers: Record<string, string> = {}) {
  const post = request(app).post(RENTALS).set('Content-Type', 'application/json').set(headers);
  // As bytes, so that superagent leaves them alone.
  return post.serialize((given: unknown) => given as string).send(body as unknown as string);
}

const json = (value: unknown) => JSON.stringify(value);
const nested = (depth: number) => `{"memberName":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

describe('a body', () => {
  it('reaches the use case as it was checked', async () => {
    await sent(json(RENT)).expect(202);

    expect(handling.seen).toMatchObject({ params: { member: 'jenny' }, body: RENT, query: {} });
  });

  it.each([
    ['nothing', ''],
    ['half an object', '{"memberName":'],
    ['a byte order mark', `\uFEFF${json(RENT)}`],
    ['a comment', `/* rent */ ${json(RENT)}`],
    ['two values', `${json(RENT)}${json(RENT)}`],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['UTF-16', Buffer.from(json(RENT), 'utf16le')],
  ])('[G1p] of %s is malformed JSON', async (_what, body) => {
    const { body: answer } = await sent(body).expect(400).expect('Content-Type', 'application/problem+json');

    expect(answer).toMatchObject({ code: 'malformed-json', status: 400 });
  });

  it.each(['null', '1', '"text"', '[]', 'true'])('of %s is JSON, but not what is wanted', async (body) => {
    const { body: answer } = await sent(body).expect(400);

    expect(answer).toMatchObject({ code: 'invalid-input', errors: [{ path: 'body' }] });
  });

  it('[G5p] nests 32 deep at most', async () => {
    const { body: allowed } = await sent(nested(32)).expect(400);
    const { body: refused } = await sent(nested(33)).expect(400);

    expect(allowed).toMatchObject({ code: 'invalid-input' });
    expect(refused).toMatchObject({ code: 'too-deep' });
  });

  it('may have brackets in its texts', async () => {
    const title = `"\\${'[{'.repeat(40)}`;
    const { status } = await sent(json({ ...RENT, item: { no: 1, title } }));
    expect(status).toBe(202);
  });

  it('[Q9] has 16 kB at most, as announced', async () => {
    const { body: answer } = await sent(json({ ...RENT, padding: 'x'.repeat(16 * 1024) })).expect(413);
    expect(answer).toMatchObject({ code: 'too-large' });

    const { body: smaller } = await sent(json({ ...RENT, padding: 'x'.repeat(16 * 1024 - 200) })).expect(400);
    expect(smaller).toMatchObject({ code: 'unknown-field' });
  });

  it('[Q9] is not inflated: a gzip bomb never goes off', async () => {
    const { body: answer } = await sent(json(RENT), { 'Content-Encoding': 'gzip' }).expect(415);
    expect(answer).toMatchObject({ code: 'unsupported-media-type' });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', 'application/jsonp'])(
    'is not taken as %s',
    async (type) => {
      const { body: answer } = await sent(json(RENT), { 'Content-Type': type }).expect(415);
      expect(answer).toMatchObject({ code: 'unsupported-media-type' });
    },
  );

  it.each(['application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])('is taken as %s', async (type) => {
    const { status } = await sent(json(RENT), { 'Content-Type': type });
    expect(status).toBe(202);
  });

  it('is asked for when there is none', async () => {
    const { body: answer } = await request(app).post(RENTALS).expect(415);
    expect(answer).toMatchObject({ code: 'unsupported-media-type' });
  });
});

describe('the fields of a body', () => {
  it('[Q7] are those that are named, however deep', async () => {
    const { body: answer } = await sent(
      json({ ...RENT, points: 100, item: { ...RENT.item, status: 'AVAILABLE' } }),
    ).expect(400);

    expect(answer).toMatchObject({
      code: 'unknown-field',
      errors: [
        { path: 'body.item.status', message: 'There is no such field here.' },
        { path: 'body.points', message: 'There is no such field here.' },
      ],
    });
  });

  it('are all complained of at once', async () => {
    const { body: answer } = await sent(json({ membername: '제니', item: { no: 'one', title: '' } })).expect(400);

    expect(answer.code).toBe('unknown-field');
    expect(answer.errors).toEqual([
      { path: 'body.membername', message: 'There is no such field here.' },
      { path: 'body.memberName', message: 'This is missing.' },
      { path: 'body.item.no', message: expect.stringMatching(/expected int|expected number/) },
      { path: 'body.item.title', message: expect.stringContaining('>=1') },
    ]);
  });

  it('are complained of within reason', async () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}-${'x'.repeat(10)}`, 1]));
    const { body: answer } = await sent(json({ ['y'.repeat(5_000)]: 1, ...many })).expect(400);

    expect(answer.errors).toHaveLength(20);
    expect(json(answer).length).toBeLessThan(4_000);
  });

  it('[Q1] are texts and numbers, never an operator of a query language', async () => {
    const { body: answer } = await sent(json({ memberName: { $gt: '' }, item: { no: { $ne: 1 }, title: 'x' } })).expect(
      400,
    );

    expect(answer).toMatchObject({
      code: 'invalid-input',
      errors: [{ path: 'body.memberName' }, { path: 'body.item.no' }],
    });
  });

  it.each([
    '{"__proto__":{"memberName":"x","polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    `{"__proto__":{"polluted":true},"memberName":"x","item":{"no":1,"title":"t"}}`,
  ])('[Q2] never reach a prototype: %s', async (body) => {
    const { body: answer } = await sent(body).expect(400);

    expect(answer).toMatchObject({ code: 'unknown-field' });
    expect(handling.seen).toBeUndefined();
    expect({}).not.toHaveProperty('polluted');
  });

  it('[Q2] count once when they come twice: the last one', async () => {
    await sent('{"memberName":"first","memberName":"last","item":{"no":1,"title":"t"}}').expect(202);

    expect(handling.seen?.body).toMatchObject({ memberName: 'last' });
  });

  it.each(['1e400', '-1', '0', '1.5', '9007199254740993'])(
    '[G5p] are not the number %s where a book is due',
    async (no) => {
      const { body: answer } = await sent(`{"memberName":"x","item":{"no":${no},"title":"t"}}`).expect(400);

      expect(answer).toMatchObject({ code: 'invalid-input', errors: [{ path: 'body.item.no' }] });
    },
  );

  it('are never quoted in an answer', async () => {
    const { text } = await sent(json({ memberName: ['secret-name'], item: { no: 'secret-no', title: 7 } })).expect(400);
    const { text: malformed } = await sent('{"memberName": secret-name}').expect(400);

    expect(text + malformed).not.toContain('secret');
  });
});

describe('a path', () => {
  it.each([
    ['a path trick', '..%2f..%2fetc'],
    ['dots', '%2e%2e'],
    ['a NUL', 'jenny%00'],
    ['a line end', 'jenny%0d%0aX-Evil:1'],
    ['an overlong id', 'j'.repeat(65)],
    ['a letter that only looks Latin', 'j%D0%B5nny'],
    ['a space', '%20'],
    ['an escape that is none', '%zz'],
    ['bytes that are not UTF-8', '%ff'],
    ['an operator', '%7B%22$gt%22:%22%22%7D'],
  ])('[Q11] with %s in it is refused', async (_what, member) => {
    const { body: answer } = await request(app).post(`/rental-cards/${member}/rentals`).send(RENT).expect(400);

    expect(answer).toMatchObject({ code: 'invalid-input' });
  });

  it.each(['0', '-1', '+1', '1.0', '1e3', '0x10', '007', '９', '99999999999999999999', 'one', '%201'])(
    '[Q11] names a book by its number, and %s is none',
    async (no) => {
      const { body: answer } = await request(app)
        .get(`/books/${encodeURI(no)}`)
        .expect(400);
      expect(answer).toMatchObject({ code: 'invalid-input', errors: [{ path: 'path.no' }] });
    },
  );

  it('reaches the use case as what it means', async () => {
    await request(app).get('/books/7').expect(200, { no: 7 });
  });

  it.each(['01936b2e-7c4d-4a10-8f3e-2b1c0d9e8f7a', 'not-a-saga'])(
    '[Q11] names a saga by its id, and %s is none',
    async (id) => {
      await request(app).get(`/sagas/${id}`).expect(400);
    },
  );
});

describe('a query', () => {
  it('reaches the use case as what it means', async () => {
    await request(app).get('/books?query=%EC%A2%85&lent=true&from=2026-01-15').expect(200);

    expect(handling.seen?.query).toMatchObject({ query: '종', lent: true, from: '2026-01-15', limit: 20 });
  });

  it.each([
    ['query[$ne]=', 'query.query[$ne]', 'unknown-field'],
    ['__proto__=x', 'query.__proto__', 'unknown-field'],
    ['lentt=true', 'query.lentt', 'unknown-field'],
    ['query=a&query=b', 'query.query', 'invalid-input'],
    ['query=', 'query.query', 'invalid-input'],
    ['lent=yes', 'query.lent', 'invalid-input'],
    ['from=2026-02-30', 'query.from', 'invalid-input'],
  ])('[Q1] %s is refused', async (query, path, code) => {
    const { body: answer } = await request(app).get(`/books?${query}`).expect(400);

    expect(answer).toMatchObject({ code, errors: [{ path }] });
  });

  it('[Q1] is refused where none is taken', async () => {
    const { body: answer } = await request(app).get('/books/7?memberId[$ne]=').expect(400);

    expect(answer).toMatchObject({ code: 'unknown-field', errors: [{ path: 'query.memberId[$ne]' }] });
  });
});

describe('a route for callers of the original system', () => {
  it.each([
    [{ UserId: 'jenny', UserNm: '제니' }],
    [{ userId: 'jenny', userNm: '제니' }],
    [{ userId: 'jenny', UserId: 'someone', userNm: '제니', passWord: '1111' }],
  ])('takes both spellings, and more than it wants: %j', async (body) => {
    await request(app).post('/api/RentalCard/').send(body).expect(201, { memberId: 'jenny', memberName: '제니' });
  });

  it('still wants what it needs', async () => {
    const { body: answer } = await request(app).post('/api/RentalCard').send({ UserId: 'jenny' }).expect(400);
    expect(answer).toMatchObject({
      code: 'invalid-input',
      errors: [{ path: 'body.userNm', message: 'This is missing.' }],
    });
  });

  it('[Q2] still never reaches a prototype', async () => {
    const body = '{"__proto__":{"userId":"x"},"constructor":"y","userNm":"z"}';
    await request(app).post('/api/RentalCard').type('json').send(body).expect(400);
  });

  it('answers problems in the words of the original', async () => {
    const { body: answer } = await request(app)
      .post('/api/RentalCard')
      .send({ userId: 'late', userNm: 'x' })
      .expect(409);
    expect(answer).toMatchObject({ code: 'card-unavailable', detail: '대여불가상태입니다.' });
  });
});

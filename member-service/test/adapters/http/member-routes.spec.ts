import request from 'supertest';
import { jenny, openMemberApp } from './member-app';

let library: ReturnType<typeof openMemberApp>;
beforeEach(() => {
  library = openMemberApp();
});
afterEach(() => library.close());

const post = (path: string, body: object, key?: string) => {
  const asked = request(library.app).post(path);
  return (key === undefined ? asked : asked.set('Idempotency-Key', key)).send(body);
};
const register = (body: object = jenny, key?: string) => post('/members', body, key);
const get = (path: string) => request(library.app).get(path);
const close = (id: string) => request(library.app).put(`/members/${id}/closure`);

const outcome = ({ status, body }: request.Response) => ({ status, code: body.code });
const times = ({ body }: request.Response) => body.items.map(({ at }: { at: string }) => Date.parse(at));
const ids = ({ body }: request.Response) => body.items.map(({ id }: { id: string }) => id);

describe('POST /members', () => {
  it('registers a member, who has no points yet', async () => {
    const { status, headers, body } = await register();

    expect(status).toBe(201);
    expect(headers['location']).toBe('/members/jenny');
    expect(body).toStrictEqual({ no: 1, ...jenny, status: 'ACTIVE', points: 0 });
  });

  it('counts the members from 1', async () => {
    await register();

    expect((await register({ ...jenny, id: 'minsu' })).body.no).toBe(2);
  });

  it('gives an id to one member only [AC-38]', async () => {
    await register();

    const { status, type, body } = await register({ ...jenny, name: '다른 제니' });

    expect({ status, type, code: body.code }).toStrictEqual({
      status: 409,
      type: 'application/problem+json',
      code: 'member-already-exists',
    });
    expect((await get('/members/jenny')).body.name).toBe('제니');
  });

  it('gives an id to one of those who ask for it at once', async () => {
    const answers = await Promise.all([1, 2, 3].map((each) => register({ ...jenny, name: `제니 ${each}` })));

    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toStrictEqual([201, 409, 409]);
    expect(ids(await get('/members'))).toStrictEqual(['jenny']);
  });

  it('spends no number on an id that is taken', async () => {
    await register();
    await register();

    expect((await register({ ...jenny, id: 'minsu' })).body.no).toBe(2);
  });

  it.each([
    ['points', { points: 1_000 }],
    ['status', { status: 'ACTIVE' }],
    ['role', { role: 'librarian' }],
    ['passWord', { passWord: '1111' }],
  ])('refuses the field %s, which is not the client’s to set [Q7]', async (field, more) => {
    const answer = await register({ ...jenny, ...more });

    expect(outcome(answer)).toStrictEqual({ status: 400, code: 'unknown-field' });
    expect(answer.body.errors).toStrictEqual([{ path: `body.${field}`, message: expect.any(String) }]);
    expect(ids(await get('/members'))).toStrictEqual([]);
  });

  it.each([
    ['id', ''],
    ['id', '../jenny'],
    ['id', '제니'],
    ['id', 'j'.repeat(65)],
    ['id', { $gt: '' }],
    ['name', ''],
    ['name', '   '],
    ['email', 'jenny'],
    ['email', undefined],
  ])('refuses the %s %j [Q1, Q11, Q15]', async (field, value) => {
    const answer = await register({ ...jenny, [field]: value });

    expect(outcome(answer)).toStrictEqual({ status: 400, code: 'invalid-input' });
    expect(answer.body.errors[0].path).toBe(`body.${field}`);
  });

  describe('with an Idempotency-Key', () => {
    it('answers the same again [M2]', async () => {
      const [first, second] = await Promise.all([register(jenny, 'k-1'), register(jenny, 'k-1')]);
      const third = await register(jenny, 'k-1');

      for (const again of [second, third]) {
        expect(again.status).toBe(201);
        expect(again.headers['location']).toBe('/members/jenny');
        expect(again.body).toStrictEqual(first.body);
      }
    });

    it('refuses the same again', async () => {
      await register();
      expect((await register(jenny, 'k-1')).status).toBe(409);

      expect(outcome(await register(jenny, 'k-1'))).toStrictEqual({ status: 409, code: 'member-already-exists' });
    });

    it('does nothing when the key comes with another body [M3]', async () => {
      await register(jenny, 'k-1');

      const answer = await register({ ...jenny, email: 'else@gmail.com' }, 'k-1');

      expect(outcome(answer)).toStrictEqual({ status: 422, code: 'idempotency-key-reused' });
      expect((await get('/members/jenny')).body.email).toBe(jenny.email);
    });

    it('registers nobody when the key comes with another id [M3]', async () => {
      await register(jenny, 'k-1');

      const answer = await register({ ...jenny, id: 'minsu' }, 'k-1');

      expect(outcome(answer)).toStrictEqual({ status: 422, code: 'idempotency-key-reused' });
      expect((await get('/members/minsu')).status).toBe(404);
      expect(ids(await get('/members'))).toEqual(['jenny']);
    });
  });
});

describe('GET /members', () => {
  it('goes by id, page after page, until there is no next', async () => {
    for (const id of ['e', 'b', 'd', 'a', 'c']) await register({ ...jenny, id });

    const first = await get('/members?limit=2');
    const second = await get(`/members?limit=2&cursor=${first.body.next}`);
    const third = await get(`/members?limit=2&cursor=${second.body.next}`);

    expect([first, second, third].map(ids)).toStrictEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(third.body).not.toHaveProperty('next');
    expect((await get('/members?limit=5')).body).not.toHaveProperty('next');
  });

  it('shows each as a call for one does', async () => {
    await register();

    expect((await get('/members')).body).toStrictEqual({ items: [(await get('/members/jenny')).body] });
  });

  it.each(['limit=0', 'limit=101', 'cursor=x', 'points=1', 'id[$ne]=jenny'])('refuses ?%s [Q1]', async (query) => {
    expect((await get(`/members?${query}`)).status).toBe(400);
  });
});

describe('one member', () => {
  it('is shown under the id', async () => {
    await register();
    await library.reward('jenny', 0);

    const { status, body } = await get('/members/jenny');

    expect(status).toBe(200);
    expect(body).toStrictEqual({ no: 1, ...jenny, status: 'ACTIVE', points: 10 });
  });

  it('is closed for good, however often', async () => {
    await register();

    for (const answer of [await close('jenny'), await close('jenny'), await get('/members/jenny')]) {
      expect(answer.status).toBe(200);
      expect(answer.body).toStrictEqual({ no: 1, ...jenny, status: 'CLOSED', points: 0 });
    }
  });

  it.each([
    ['shown', () => get('/members/nobody')],
    ['closed', () => close('nobody')],
    ['asked for points', () => get('/members/nobody/points')],
    ['given points', () => post('/members/nobody/adjustments', { points: 1, reason: 'a gift', actor: 'kim' })],
  ])('who is nobody cannot be %s [AC-37]', async (_, ask) => {
    const answer = await ask();

    expect(answer.type).toBe('application/problem+json');
    expect(outcome(answer)).toStrictEqual({ status: 404, code: 'member-not-found' });
    expect(ids(await get('/members'))).toStrictEqual([]);
  });
});

describe('POST /members/{id}/adjustments', () => {
  const gift = { points: 5, reason: 'found his umbrella', actor: 'kim' };
  const adjust = (body: object = gift, key?: string) => post('/members/jenny/adjustments', body, key);
  beforeEach(async () => {
    await register();
  });

  it('adds points, and says who did and why', async () => {
    const before = Date.now();
    const { status, body } = await adjust();

    expect(status).toBe(201);
    expect(body).toStrictEqual({
      balance: 5,
      entry: {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        member: 'jenny',
        step: 'ADJUSTMENT',
        direction: 'do',
        ...gift,
      },
    });
    expect(Date.parse(body.entry.at)).toBeGreaterThanOrEqual(before);
    expect((await get('/members/jenny')).body.points).toBe(5);
  });

  it('adds them each time it is asked', async () => {
    await adjust();

    expect((await adjust()).body.balance).toBe(10);
  });

  it('adds them once under one Idempotency-Key [M2]', async () => {
    const [first, second] = await Promise.all([adjust(gift, 'k-1'), adjust(gift, 'k-1')]);
    await adjust();
    const third = await adjust(gift, 'k-1');

    for (const again of [second, third]) expect(again.body).toStrictEqual(first.body);
    expect((await get('/members/jenny/points')).body.balance).toBe(10);
  });

  it('does nothing when the key comes with another amount [M3]', async () => {
    await adjust(gift, 'k-1');

    expect(outcome(await adjust({ ...gift, points: 6 }, 'k-1'))).toStrictEqual({
      status: 422,
      code: 'idempotency-key-reused',
    });
    expect((await get('/members/jenny')).body.points).toBe(5);
  });

  it('keeps the same key of two members apart [M4]', async () => {
    await register({ ...jenny, id: 'minsu' });
    await adjust(gift, 'k-1');

    const { status, body } = await post('/members/minsu/adjustments', gift, 'k-1');

    expect({ status, balance: body.balance }).toStrictEqual({ status: 201, balance: 5 });
    expect(body.entry.member).toBe('minsu');
  });

  it('tells a key of this call from one of another', async () => {
    await register({ ...jenny, id: 'sua' }, 'k-1');

    expect((await post('/members/sua/adjustments', gift, 'k-1')).status).toBe(422);
  });

  it.each([
    ['nothing', { points: 0 }],
    ['less than nothing', { points: -5 }],
    ['half a point', { points: 0.5 }],
    ['a million and one', { points: 1_000_001 }],
    ['text', { points: '5' }],
    ['points for no reason', { reason: '' }],
    ['points from nobody', { actor: undefined }],
    ['points to somebody else [Q7]', { memberId: 'minsu' }],
  ])('does not add %s', async (_, wrong) => {
    expect((await adjust({ ...gift, ...wrong })).status).toBe(400);
    expect((await get('/members/jenny')).body.points).toBe(0);
  });
});

it.each([
  ['a control character', 'a\tb'],
  ['half a surrogate pair', 'a\ud83d'],
])('says why a name with %s is none', async (_, name) => {
  const { body } = await post('/members', { ...jenny, name });

  const message = 'Neither control characters nor halves of surrogate pairs can be part of a text.';
  expect(body.errors).toStrictEqual([{ path: 'body.name', message }]);
});

it('takes a name as it is given, with the blanks around it, and says why blanks alone are none', async () => {
  const { body } = await post('/members', { ...jenny, id: 'minsu', name: '\u00a0\u3000 ' });

  expect(body.errors).toStrictEqual([{ path: 'body.name', message: 'Blanks alone are no name.' }]);
  expect((await post('/members', { ...jenny, name: ' 제니 ' })).body.name).toBe(' 제니 ');
});

describe('GET /members/{id}/points', () => {
  beforeEach(async () => {
    await register();
    await register({ ...jenny, id: 'minsu' });
  });

  it('is nothing at first', async () => {
    const { status, body } = await get('/members/jenny/points');

    expect(status).toBe(200);
    expect(body).toStrictEqual({ balance: 0, items: [] });
  });

  it('shows the entries as the ledger has them, with their times', async () => {
    const saga = await library.reward('jenny', Date.parse('2026-01-15T03:04:05.678Z'));

    expect((await get('/members/jenny/points')).body).toStrictEqual({
      balance: 10,
      items: [
        {
          id: `${saga}:RENT:do`,
          at: '2026-01-15T03:04:05.678Z',
          member: 'jenny',
          saga,
          step: 'RENT',
          direction: 'do',
          points: 10,
        },
      ],
    });
  });

  it('begins with the newest, page after page, and says the whole balance on each', async () => {
    for (const at of [1, 2, 3, 4, 5]) await library.reward('jenny', at);
    await library.reward('minsu', 6);

    const first = await get('/members/jenny/points?limit=2');
    const second = await get(`/members/jenny/points?limit=2&cursor=${first.body.next}`);
    const third = await get(`/members/jenny/points?limit=2&cursor=${second.body.next}`);

    expect([first, second, third].map(times)).toStrictEqual([[5, 4], [3, 2], [1]]);
    expect(third.body).not.toHaveProperty('next');
    expect([first, second, third].map(({ body }) => body.balance)).toStrictEqual([50, 50, 50]);
  });

  it('shows an entry once, whether it is still on its way to the ledger, there already, or both', async () => {
    for (const at of [1, 2, 3]) await library.reward('jenny', at);
    const { body } = await get('/members/jenny/points');
    const [{ saga: _, ...arrived }] = body.items;
    const between = `${body.items[1].id}:later`;
    library.keepOnTheWay('jenny', [
      { ...arrived, at: 3 },
      { ...arrived, id: between, at: 4 },
      { ...arrived, id: 'ffffffff', at: 5 },
    ]);

    const first = await get('/members/jenny/points?limit=2');
    const second = await get(`/members/jenny/points?limit=2&cursor=${first.body.next}`);
    const third = await get(`/members/jenny/points?limit=2&cursor=${second.body.next}`);

    expect([first, second, third].map(times)).toStrictEqual([[5, 3], [4, 2], [1]]);
    expect(third.body).not.toHaveProperty('next');
  });

  it.each([
    ['half a surrogate pair', '\ud800'],
    ['a NUL', 'a\0b'],
  ])('gave out no cursor with %s', async (_, position) => {
    const cursor = Buffer.from(JSON.stringify(position)).toString('base64url');

    const { status, body } = await get(`/members/jenny/points?cursor=${cursor}`);

    expect({ status, path: body.errors[0].path }).toStrictEqual({ status: 400, path: 'query.cursor' });
  });

  it('stays when the membership is closed', async () => {
    await library.reward('jenny', 1);
    await close('jenny');

    expect((await get('/members/jenny/points')).body.balance).toBe(10);
  });
});

it('documents every call', async () => {
  const { body } = await get('/openapi.json');

  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining([
      '/members',
      '/members/{id}',
      '/members/{id}/closure',
      '/members/{id}/points',
      '/members/{id}/adjustments',
      '/api/Member/',
      '/api/Member/{no}',
    ]),
  );
  // Only a rental card has a limit of keys.
  for (const path of ['/members', '/members/{id}/adjustments', '/api/Member/']) {
    expect(body.paths[path].post.responses).not.toHaveProperty('429');
  }
});

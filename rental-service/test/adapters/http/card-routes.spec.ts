import request from 'supertest';
import { openRentalApp, type RentalApp } from './rental-app';

let library: RentalApp;
beforeEach(() => {
  library = openRentalApp();
});
afterEach(() => library.close());

const DAY_MS = 86_400_000;
const jenny = { id: 'jenny', name: '제니' };

const get = (path: string) => request(library.app).get(path);
const post = (path: string, body: object) => request(library.app).post(path).set('Prefer', 'wait=5').send(body);
const open = (id: string) => post('/rental-cards', { member: { id, name: `${id}'s name` } });
const rent = (member: string, no: number) =>
  post(`/rental-cards/${member}/rentals`, { memberName: `${member}'s name`, item: { no, title: `Book ${no}` } });
const giveBack = (member: string, no: number) => post(`/rental-cards/${member}/returns`, { item: { no } });
const members = ({ body }: request.Response) => body.items.map((card: { member: { id: string } }) => card.member.id);
const numbers = ({ body }: request.Response) => body.items.map(({ no }: { no: number }) => no);

const nobodysCard = {
  status: 404,
  type: 'application/problem+json',
  body: expect.objectContaining({
    status: 404,
    code: 'card-not-found',
    detail: expect.stringContaining('no rental card'),
  }),
};

describe('POST /rental-cards', () => {
  it('opens a card on which nothing is', async () => {
    const { status, headers, body } = await post('/rental-cards', { member: jenny });

    expect(status).toBe(201);
    expect(headers['location']).toBe('/rental-cards/jenny');
    expect(body).toStrictEqual({
      member: jenny,
      status: 'RENT_AVAILABLE',
      fee: 0,
      items: [],
      counts: { rented: 0, returned: 0, overdue: 0 },
    });
  });

  it('answers with the same card when it was there [AC-38]', async () => {
    const { body: opened } = await post('/rental-cards', { member: jenny });

    const { status, body } = await post('/rental-cards', { member: { id: 'jenny', name: 'Jennifer' } });

    expect(status).toBe(200);
    expect(body).toStrictEqual(opened);
  });

  it.each([
    ['an empty id [Q15]', { member: { id: '', name: '제니' } }, 'invalid-input'],
    ['a name of blanks alone', { member: { id: 'jenny', name: ' ' } }, 'invalid-input'],
    ['an operator for an id [Q1]', { member: { id: { $gt: '' }, name: '제니' } }, 'invalid-input'],
    ['a status [Q7]', { member: jenny, status: 'RENT_AVAILABLE' }, 'unknown-field'],
  ])('refuses %s', async (_, body, code) => {
    const answer = await post('/rental-cards', body);

    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe(code);
    expect((await get('/rental-cards')).body).toStrictEqual({ items: [] });
  });
});

describe('GET /rental-cards', () => {
  it('gives one page after the other, by member', async () => {
    for (const member of ['minsu', 'anna', 'jenny']) await open(member);

    const first = await get('/rental-cards?limit=2');
    const second = await get(`/rental-cards?limit=2&cursor=${first.body.next}`);

    expect(members(first)).toStrictEqual(['anna', 'jenny']);
    expect(members(second)).toStrictEqual(['minsu']);
    expect(second.body).not.toHaveProperty('next');
  });

  it('names no next page when the last one is full', async () => {
    for (const member of ['anna', 'jenny']) await open(member);

    expect((await get('/rental-cards?limit=2')).body).not.toHaveProperty('next');
  });

  it('shows only the overdue ones when asked to', async () => {
    await rent('jenny', 1);
    await open('minsu');
    library.clock.shiftBy(15 * DAY_MS);
    await post('/overdue-markings', {});

    expect(members(await get('/rental-cards?overdue=true'))).toStrictEqual(['jenny']);
    expect(members(await get('/rental-cards'))).toStrictEqual(['jenny', 'minsu']);
  });

  it.each(['limit=101', 'limit=0', 'cursor=MQ', 'overdue=yes', 'member[$ne]='])('refuses ?%s', async (query) => {
    expect((await get(`/rental-cards?${query}`)).status).toBe(400);
  });
});

describe('GET /rental-cards/{member}', () => {
  it('shows what is on the card, and what is under way', async () => {
    await rent('jenny', 1);
    library.participants.holdBack();
    const { body: saga } = await request(library.app)
      .post('/rental-cards/jenny/returns')
      .send({ item: { no: 1 } });

    const { status, body } = await get('/rental-cards/jenny');

    expect(status).toBe(200);
    expect(body.items).toStrictEqual([
      {
        no: 1,
        title: 'Book 1',
        state: 'RETURNING',
        rentedOn: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        dueOn: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        overdue: false,
        saga: saga.id,
      },
    ]);
    expect(Date.parse(body.items[0].dueOn) - Date.parse(body.items[0].rentedOn)).toBe(14 * DAY_MS);
    expect(body.counts).toStrictEqual({ rented: 1, returned: 0, overdue: 0 });
  });

  it.each(['/rental-cards/nobody', '/rental-cards/nobody/history'])('finds nothing at %s [AC-37]', async (path) => {
    expect(await get(path)).toMatchObject(nobodysCard);
  });

  it('refuses an id that cannot be one [Q11]', async () => {
    expect((await get('/rental-cards/..%2Fjenny')).status).toBe(400);
  });
});

describe('GET /rental-cards/{member}/history', () => {
  it('shows what was returned, when, and what it cost', async () => {
    const { body: loan } = await rent('jenny', 1);
    library.clock.shiftBy(16 * DAY_MS);
    await giveBack('jenny', 1);

    const { status, body } = await get('/rental-cards/jenny/history');

    expect(status).toBe(200);
    expect(body).toStrictEqual({
      items: [{ no: 1, title: 'Book 1', rentedOn: loan.rentedOn, returnedOn: expect.any(String), fee: 20 }],
    });
    expect(Date.parse(body.items[0].returnedOn) - Date.parse(loan.rentedOn)).toBe(16 * DAY_MS);
  });

  it('gives one page after the other, the newest first', async () => {
    for (const no of [1, 2, 3]) {
      await rent('jenny', no);
      await giveBack('jenny', no);
    }
    await rent('minsu', 4);
    await giveBack('minsu', 4);

    const first = await get('/rental-cards/jenny/history?limit=2');
    const second = await get(`/rental-cards/jenny/history?limit=2&cursor=${first.body.next}`);

    expect(numbers(first)).toStrictEqual([3, 2]);
    expect(numbers(second)).toStrictEqual([1]);
    expect(second.body).not.toHaveProperty('next');
  });

  it('has no line for a return that was undone, nor for one that has not ended', async () => {
    await rent('jenny', 1);
    await rent('jenny', 2);
    library.participants.refuse('book', 'unheard-of');
    const { headers } = await request(library.app)
      .post('/rental-cards/jenny/returns')
      .send({ item: { no: 1 } });
    const { text: story } = await get(`${headers['location']}/events`);
    library.participants.holdBack();
    await request(library.app)
      .post('/rental-cards/jenny/returns')
      .send({ item: { no: 2 } });

    expect(story).toContain('compensated');
    expect(numbers(await get('/rental-cards/jenny/history'))).toStrictEqual([]);
  });
});

describe('POST /overdue-markings', () => {
  beforeEach(async () => {
    await rent('jenny', 1);
    await rent('minsu', 2);
    library.clock.shiftBy(15 * DAY_MS);
  });

  it('marks what is past due in the whole library, once', async () => {
    expect(await post('/overdue-markings', {})).toMatchObject({ status: 200, body: { marked: 2 } });
    expect((await post('/overdue-markings', {})).body).toStrictEqual({ marked: 0 });
    expect((await get('/rental-cards/jenny')).body).toMatchObject({
      status: 'RENT_UNAVAILABLE',
      items: [{ overdue: true }],
      counts: { overdue: 1 },
    });
  });

  it('marks what is past due on one card', async () => {
    expect((await post('/overdue-markings', { member: 'jenny' })).body).toStrictEqual({ marked: 1 });
    expect((await get('/rental-cards/minsu')).body.counts.overdue).toBe(0);
  });

  it('finds nobody’s card [AC-37]', async () => {
    expect(await post('/overdue-markings', { member: 'nobody' })).toMatchObject(nobodysCard);
  });
});

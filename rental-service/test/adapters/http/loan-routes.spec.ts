import request from 'supertest';
import { openRentalApp, type RentalApp } from './rental-app';

let library: RentalApp;
beforeEach(() => {
  library = openRentalApp();
});
afterEach(() => library.close());

const DAY_MS = 86_400_000;
const title = '누구를 위하여 종을 울리나?';

type Asked = Readonly<Record<string, string>>;
const WAIT: Asked = { Prefer: 'wait=5' };

const get = (path: string) => request(library.app).get(path);
const post = (path: string, body: object, headers: Asked) => request(library.app).post(path).set(headers).send(body);
const rent = (no: number, headers: Asked = WAIT, member = 'jenny') =>
  post(`/rental-cards/${member}/rentals`, { memberName: '제니', item: { no, title } }, headers);
const giveBack = (no: number, headers: Asked = WAIT) => post('/rental-cards/jenny/returns', { item: { no } }, headers);
const clear = (points: number, headers: Asked = WAIT) => post('/rental-cards/jenny/clearances', { points }, headers);
/** Ten points, for a day. */
const owe = async () => {
  await rent(1);
  library.clock.shiftBy(15 * DAY_MS);
  await giveBack(1);
};
const card = async () => (await get('/rental-cards/jenny')).body;
const announced = () => library.on('rental_rent').map(({ ce_sagaid }) => ce_sagaid);

const problem = (status: number, code: string) => ({
  status,
  type: 'application/problem+json',
  body: expect.objectContaining({ status, code }),
});

describe('renting', () => {
  it('is answered at once with the saga that has begun, and where it is', async () => {
    library.participants.holdBack();

    const { status, headers, body } = await rent(1, { 'X-Correlation-ID': 'desk-7' });

    expect(status).toBe(202);
    expect(headers['location']).toBe(`/sagas/${body.id}`);
    expect(headers).not.toHaveProperty('preference-applied');
    expect(body).toStrictEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'RENT',
      member: 'jenny',
      item: { no: 1, title },
      status: 'RUNNING',
      steps: ['book', 'member', 'bestbook'].map((participant) => ({ participant, state: 'awaited' })),
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      dueAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      correlationId: 'desk-7',
    });
    expect(await card()).toMatchObject({ member: { id: 'jenny', name: '제니' }, items: [{ no: 1, state: 'RENTING' }] });
  });

  it('says in every message where it came from [G18]', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

    await rent(1, { ...WAIT, 'X-Correlation-ID': 'desk-7', traceparent });

    expect(library.on('rental_rent')).toStrictEqual([
      expect.objectContaining({ ce_correlationid: 'desk-7', ce_causationid: 'desk-7', traceparent }),
    ]);
  });

  it('waits for the loan when asked to, and then it is on the card [G13]', async () => {
    const { status, headers, body } = await rent(1);

    expect(status).toBe(201);
    expect(headers['preference-applied']).toBe('wait=5');
    expect(body).toMatchObject({ no: 1, title, state: 'RENTED', overdue: false });
    expect((await card()).items).toStrictEqual([body]);
  });

  it.each([
    ['body.memberName', { memberName: ' ', item: { no: 1, title } }],
    ['body.item.title', { memberName: '제니', item: { no: 1, title: '\u3000' } }],
  ])('with blanks alone for %s is refused, and opens no card', async (path, body) => {
    const answer = await post('/rental-cards/jenny/rentals', body, WAIT);

    expect(answer).toMatchObject(problem(400, 'invalid-input'));
    expect(answer.body.errors).toStrictEqual([{ path, message: 'Blanks alone are no name.' }]);
    expect((await get('/rental-cards/jenny')).status).toBe(404);
  });

  it.each([
    ['book', 'book-not-available'],
    ['book', 'book-not-found'],
    ['book', 'book-withdrawn'],
    ['member', 'member-not-found'],
    ['member', 'member-closed'],
  ] as const)('undone by %s answers %s, and names the saga [A4 A6 A7 A8]', async (participant, code) => {
    library.participants.refuse(participant, code);

    const answer = await rent(99);

    expect(answer).toMatchObject(problem(409, code));
    expect(announced()).toStrictEqual([answer.body.sagaId]);
    expect((await card()).items).toStrictEqual([]);
  });

  it('is answered with the saga when the wait was too short, and goes on', async () => {
    library.participants.holdBack();

    const { status, headers, body } = await rent(1, { Prefer: 'wait=1' });
    library.participants.answer();

    expect(status).toBe(202);
    expect(headers['preference-applied']).toBe('wait=1');
    expect(headers['location']).toBe(`/sagas/${body.id}`);
    expect(body.status).toBe('RUNNING');
    expect((await rent(1)).body.code).toBe('already-rented');
  });

  it('waits half a minute at most, and says so [M7]', async () => {
    const { headers } = await rent(1, { Prefer: 'wait=600' });

    expect(headers['preference-applied']).toBe('wait=30');
  });

  it('goes on when the client goes [M6]', async () => {
    library.participants.holdBack();

    await expect(rent(1, { Prefer: 'wait=20' }).timeout(200)).rejects.toThrow(/timeout/i);
    library.participants.answer();

    const [saga] = announced();
    await expect(get(`/sagas/${saga}/events`)).resolves.toMatchObject({ text: expect.stringContaining('completed') });
    expect((await card()).items).toMatchObject([{ no: 1, state: 'RENTED' }]);
  });

  it('of the same book again is answered with the saga that is running [M1 A10]', async () => {
    library.participants.holdBack();

    const first = await rent(1, {});
    const second = await rent(1, {});

    expect(second.status).toBe(202);
    expect(second.headers['location']).toBe(first.headers['location']);
    expect(second.body).toStrictEqual(first.body);
    expect(announced()).toStrictEqual([first.body.id]);
  });

  it('of a book that is on the card is refused [M1]', async () => {
    await rent(1);

    expect(await rent(1)).toMatchObject(problem(409, 'already-rented'));
    expect((await card()).counts.rented).toBe(1);
  });

  it('a sixth book is refused at once, and nothing is announced [A1]', async () => {
    for (const no of [1, 2, 3, 4, 5]) await rent(no);

    expect(await rent(6)).toMatchObject(problem(409, 'limit-reached'));
    expect(announced()).toHaveLength(5);
  });

  it('on a card with an overdue book is refused [A2]', async () => {
    await rent(1);
    library.clock.shiftBy(15 * DAY_MS);
    await post('/overdue-markings', {}, {});

    expect(await rent(2)).toMatchObject(problem(409, 'card-unavailable'));
  });

  it.each([
    ['points', { memberName: '제니', item: { no: 1, title }, points: 1_000 }],
    ['item.holder', { memberName: '제니', item: { no: 1, title, holder: 'jenny' } }],
  ])('refuses to be told %s [Q7]', async (field, body) => {
    const answer = await post('/rental-cards/jenny/rentals', body, WAIT);

    expect(answer).toMatchObject(problem(400, 'unknown-field'));
    expect(answer.body.errors).toMatchObject([{ path: `body.${field}` }]);
    expect((await get('/rental-cards/jenny')).status).toBe(404);
  });
});

describe('an Idempotency-Key', () => {
  const KEY: Asked = { 'Idempotency-Key': 'slip-1' };

  it('makes many requests at once one rent, with one answer [M2 G14]', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => rent(1, { ...WAIT, ...KEY })));

    expect(new Set(answers.map(({ status }) => status))).toStrictEqual(new Set([201]));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(announced()).toHaveLength(1);
  });

  it('gets the same saga again, also after it has ended [G14]', async () => {
    const first = await rent(1, KEY);
    await rent(1, { ...WAIT, ...KEY });

    const again = await rent(1, KEY);

    expect(again.status).toBe(202);
    expect(again.headers['location']).toBe(first.headers['location']);
    expect(again.body).toMatchObject({ id: first.body.id, status: 'COMPLETED' });
  });

  it('gets the same answer again, also while the loan is being ended [G14]', async () => {
    const first = await rent(1, { ...WAIT, ...KEY });
    library.participants.holdBack();
    await giveBack(1, {});

    expect(await rent(1, { ...WAIT, ...KEY })).toMatchObject({ status: 201, body: first.body });
    expect((await card()).items).toMatchObject([{ no: 1, state: 'RETURNING' }]);
  });

  it('gets the same answer again, also when the loan has ended [G14]', async () => {
    const first = await rent(1, { ...WAIT, ...KEY });
    await giveBack(1);

    const again = await rent(1, { ...WAIT, ...KEY });

    expect(again.status).toBe(201);
    expect(again.body).toStrictEqual(first.body);
    expect((await card()).items).toStrictEqual([]);
  });

  it('gets the same refusal again, though it would no longer be refused [G14]', async () => {
    for (const no of [1, 2, 3, 4, 5]) await rent(no);
    await rent(6, { ...WAIT, ...KEY });
    await giveBack(1);

    expect(await rent(6, { ...WAIT, ...KEY })).toMatchObject(problem(409, 'limit-reached'));
    expect((await rent(6)).status).toBe(201);
  });

  it('gets the same undoing again, and begins nothing [G14]', async () => {
    library.participants.refuse('book', 'book-not-available');
    const first = await rent(1, { ...WAIT, ...KEY });

    const again = await rent(1, { ...WAIT, ...KEY });

    expect(again).toMatchObject(problem(409, 'book-not-available'));
    expect(again.body).toStrictEqual(first.body);
    expect(announced()).toHaveLength(1);
  });

  it('of a saga that was running already is tied to that one [G14]', async () => {
    library.participants.holdBack();
    const { body: running } = await rent(1, {});
    await rent(1, KEY);
    library.participants.answer();
    await rent(2);

    expect((await rent(1, KEY)).body.id).toBe(running.id);
  });

  it.each([
    ['another book', () => rent(2, KEY)],
    ['another call', () => giveBack(1, KEY)],
  ])('with %s is refused, and nothing happens [M3]', async (_, ask) => {
    await rent(1, { ...WAIT, ...KEY });

    expect(await ask()).toMatchObject(problem(422, 'idempotency-key-reused'));
    expect(await card()).toMatchObject({ items: [{ no: 1, state: 'RENTED' }], counts: { rented: 1 } });
  });

  it('means nothing on another member’s card [M4]', async () => {
    const { body: jennys } = await rent(1, KEY, 'jenny');
    const { body: minsus } = await rent(1, KEY, 'minsu');

    expect(minsus).toMatchObject({ member: 'minsu', type: 'RENT' });
    expect(minsus.id).not.toBe(jennys.id);
  });

  it('that was forgotten after a day begins no second loan [M5]', async () => {
    await rent(1, { ...WAIT, ...KEY });
    library.clock.shiftBy(DAY_MS + 1);
    await library.forgetKeys();

    expect(await rent(1, { ...WAIT, ...KEY })).toMatchObject(problem(409, 'already-rented'));
    expect(announced()).toHaveLength(1);
  });

  it('is one too many after a thousand within a day', async () => {
    await rent(1, { ...WAIT, ...KEY });
    const more = Array.from({ length: 999 }, (_, at) => `slip-${at + 2}`);
    await library.keepKeys('jenny', more);

    const answer = await rent(2, { 'Idempotency-Key': 'slip-1001' });

    expect(answer).toMatchObject(problem(429, 'too-many-keys'));
    expect(answer.headers['retry-after']).toBe('60');
    expect((await rent(1, { ...WAIT, ...KEY })).status).toBe(201);
  });

  it.each([
    ['is empty', ''],
    ['has a space', 'slip 1'],
    ['is too long', 'x'.repeat(201)],
  ])('that %s is refused [Q3]', async (_, key) => {
    expect(await rent(1, { 'Idempotency-Key': key })).toMatchObject(problem(400, 'invalid-input'));
  });
});

describe('returning', () => {
  it('is answered at once with the saga that has begun', async () => {
    await rent(1);
    library.participants.holdBack();

    const { status, headers, body } = await giveBack(1, {});

    expect(status).toBe(202);
    expect(headers['location']).toBe(`/sagas/${body.id}`);
    expect(body).toMatchObject({ type: 'RETURN', item: { no: 1, title }, status: 'RUNNING' });
  });

  it('waits until the loan has ended, and tells what it cost, over months [AC-32]', async () => {
    const { body: loan } = await rent(1);
    library.clock.shiftBy(50 * DAY_MS);

    const { status, body } = await giveBack(1);

    expect(status).toBe(200);
    expect(body).toStrictEqual({
      no: 1,
      title,
      rentedOn: loan.rentedOn,
      returnedOn: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      fee: 360,
    });
    expect(await card()).toMatchObject({ status: 'RENT_UNAVAILABLE', fee: 360, items: [], counts: { returned: 1 } });
  });

  it('again is answered with the saga that is running [A10 L5]', async () => {
    await rent(1);
    library.participants.holdBack();

    const first = await giveBack(1, {});
    const second = await giveBack(1, {});

    expect(second.status).toBe(202);
    expect(second.body.id).toBe(first.body.id);
    expect(library.on('rental_return')).toHaveLength(1);
  });

  it('what is not on the card is refused, and nothing is announced [A9]', async () => {
    await rent(1);

    expect(await giveBack(2)).toMatchObject(problem(409, 'item-not-rented'));
    expect(library.on('rental_return')).toStrictEqual([]);
  });

  it('what is still being rented is refused', async () => {
    library.participants.holdBack();
    await rent(1, {});

    expect(await giveBack(1)).toMatchObject(problem(409, 'rent-in-progress'));
  });

  it('on nobody’s card is refused [AC-37]', async () => {
    expect(await giveBack(1)).toMatchObject(problem(404, 'card-not-found'));
  });
});

describe('clearing a card', () => {
  it('is answered at once with the saga that has begun', async () => {
    await owe();
    library.participants.holdBack();

    const { status, body } = await clear(10, {});

    expect(status).toBe(202);
    expect(body).toMatchObject({
      type: 'OVERDUE',
      member: 'jenny',
      status: 'RUNNING',
      steps: [{ participant: 'member' }],
    });
    expect(body).not.toHaveProperty('item');
  });

  it('waits until the fee is paid, and shows the card', async () => {
    await owe();

    const { status, body } = await clear(10);

    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'RENT_AVAILABLE', fee: 0, items: [] });
    expect(body).toStrictEqual(await card());
  });

  it('is undone when the member has too few points, and the fee is owed as before [AC-30 A13]', async () => {
    await owe();
    library.participants.refuse('member', 'not-enough-points');

    const answer = await clear(10);

    expect(answer).toMatchObject(problem(409, 'not-enough-points'));
    // Nothing can be rented or returned on such a card, so that there is no way to earn them.
    expect(answer.body.detail).toContain('Ask the library to add points');
    expect(answer.body.sagaId).toBe(library.on('overdue_clear')[0]?.['ce_sagaid']);
    expect(await card()).toMatchObject({ status: 'RENT_UNAVAILABLE', fee: 10 });
  });

  it('with another amount than is owed is refused [A14]', async () => {
    await owe();

    expect(await clear(9)).toMatchObject(problem(422, 'wrong-amount'));
  });

  it('with a book on it is refused [A12]', async () => {
    await rent(1);

    expect(await clear(10)).toMatchObject(problem(409, 'items-not-returned'));
  });

  it('that is being cleared already is refused, with the same key it is the same saga [L7 G14]', async () => {
    await owe();
    library.participants.holdBack();
    const key = { 'Idempotency-Key': 'slip-1' };
    const first = await clear(10, key);

    expect(await clear(10)).toMatchObject(problem(409, 'clearing-in-progress'));
    expect((await clear(10, key)).body).toStrictEqual(first.body);
  });

  it('that does not exist is refused [AC-37]', async () => {
    expect(await clear(10)).toMatchObject(problem(404, 'card-not-found'));
  });
});

import request from 'supertest';
import { openRentalApp, type RentalApp } from './rental-app';

let library: RentalApp;
beforeEach(() => {
  library = openRentalApp();
});
afterEach(() => library.close());

const DAY_MS = 86_400_000;
const title = '누구를 위하여 종을 울리나?';
const jenny = { userId: 'jenny', userNm: '제니' };

const get = (path: string) => request(library.app).get(`/api/RentalCard/${path}`);
const post = (path: string, body: object, headers = {}) =>
  request(library.app).post(`/api/RentalCard/${path}`).set(headers).send(body);
const withItem = (no: number) => ({ itemId: no, itemTitle: title, ...jenny });
const rent = (no: number) => post('rent', withItem(no));
const giveBack = (no: number) => post('return', withItem(no));
const clear = (point: number) => post('clearoverdue', { ...jenny, point });

const refused = (status: number, code: string, detail: string) => ({
  status,
  type: 'application/problem+json',
  body: expect.objectContaining({ status, code, detail }),
});

const emptyCard = {
  rentalCardId: 'jenny',
  memberId: 'jenny',
  memberName: '제니',
  rentStatus: 'RENT_AVAILABLE',
  totalLateFee: 0,
  totalRentalCnt: 0,
  totalReturnCnt: 0,
  totalOverduedCnt: 0,
};

it('plays the original script with its numbers [AC-04 AC-05 AC-09 … AC-17]', async () => {
  expect(await post('', { UserId: 'jenny', UserNm: '제니' })).toMatchObject({ status: 201, body: emptyCard });

  expect(await rent(1)).toMatchObject({ status: 200, body: { ...emptyCard, totalRentalCnt: 1 } });
  expect(await giveBack(1)).toMatchObject({ status: 200, body: { ...emptyCard, totalReturnCnt: 1 } });
  await rent(2);

  expect(await post('overdue', withItem(2))).toMatchObject({
    status: 200,
    body: { rentStatus: 'RENT_UNAVAILABLE', totalRentalCnt: 1, totalOverduedCnt: 1 },
  });
  expect(await rent(3)).toMatchObject(refused(409, 'card-unavailable', '대여불가상태입니다.'));
  expect(await clear(10)).toMatchObject(
    refused(409, 'items-not-returned', '모든 도서가 반납되어야 정지를 해제할 수 있습니다.'),
  );

  expect(await giveBack(2)).toMatchObject({
    status: 200,
    body: { rentStatus: 'RENT_UNAVAILABLE', totalLateFee: 10, totalRentalCnt: 0, totalReturnCnt: 2 },
  });
  expect(await clear(9)).toMatchObject(refused(422, 'wrong-amount', '해당 포인트로 연체를 해제할 수 없습니다.'));
  const cleared = await clear(10);

  expect(cleared.status).toBe(200);
  expect(cleared.body).toStrictEqual({ userId: 'jenny', userNm: '제니', rentedCount: 0, totalLateFee: 0 });
  expect((await get('jenny')).body).toStrictEqual({ ...emptyCard, totalReturnCnt: 2 });
  expect((await get('jenny/rentbook')).body).toStrictEqual([]);
  const returnDate = expect.stringMatching(/^\d{4}-\d\d-\d\d$/);
  expect((await get('jenny/returnbook')).body).toStrictEqual([
    { itemNo: 1, itemtitle: title, returnDate },
    { itemNo: 2, itemtitle: title, returnDate },
  ]);
});

describe('POST /api/RentalCard/', () => {
  it.each([
    ['UserId and UserNm', { UserId: 'jenny', UserNm: '제니' }],
    ['userId and userNm', jenny],
    ['more than it needs', { ...jenny, rentStatus: 'RENT_UNAVAILABLE' }],
  ])('takes %s [AC-04]', async (_, body) => {
    const answer = await post('', body);

    expect(answer.status).toBe(201);
    expect(answer.body).toStrictEqual(emptyCard);
  });

  it('answers with the same card when it was there, also without the slash [AC-38]', async () => {
    await post('', jenny);

    const { status, body } = await request(library.app).post('/api/RentalCard').send(jenny);

    expect(status).toBe(200);
    expect(body).toStrictEqual(emptyCard);
  });
});

describe('the reads', () => {
  it('show a book on the card by the day on which it is due', async () => {
    await rent(1);

    const [book, ...others] = (await get('jenny/rentbook')).body;

    expect(others).toStrictEqual([]);
    expect(book).toStrictEqual({
      itemNo: 1,
      itemtitle: title,
      rentDate: expect.any(String),
      overdued: false,
      overdueDate: expect.any(String),
    });
    expect(Date.parse(book.overdueDate) - Date.parse(book.rentDate)).toBe(14 * DAY_MS);
  });

  it('show a book that was made overdue as due yesterday [AC-11]', async () => {
    await rent(1);
    await post('overdue', withItem(1));

    const [book] = (await get('jenny/rentbook')).body;

    expect(book.overdued).toBe(true);
    expect(Date.parse(book.overdueDate) - Date.parse(book.rentDate)).toBe(-DAY_MS);
  });

  it('show every loan that has ended, the oldest first', async () => {
    const copies = Array.from({ length: 21 }, (_, at) => at + 1);
    for (const no of copies) {
      await rent(no);
      await giveBack(no);
    }

    const { body } = await get('jenny/returnbook');

    expect(body.map(({ itemNo }: { itemNo: number }) => itemNo)).toStrictEqual(copies);
  });

  it.each(['nobody', 'nobody/rentbook', 'nobody/returnbook'])('find nothing at %s [AC-37]', async (path) => {
    expect(await get(path)).toMatchObject(refused(404, 'card-not-found', '해당 카드를 찾을 수 없습니다.'));
  });
});

describe('POST /api/RentalCard/rent', () => {
  it('takes the other spelling, and more than it needs', async () => {
    const { status, body } = await post('rent', {
      UserId: 'jenny',
      UserNm: '제니',
      itemId: 1,
      itemTitle: title,
      itemStatus: 'AVAILABLE',
    });

    expect(status).toBe(200);
    expect(body).toStrictEqual({ ...emptyCard, totalRentalCnt: 1 });
  });

  it.each(['userNm', 'itemTitle'])('with blanks alone for %s is refused', async (field) => {
    const answer = await post('rent', { ...jenny, itemId: 1, itemTitle: title, [field]: ' ' });

    expect(answer.status).toBe(400);
    expect(answer.body.errors[0].path).toBe(`body.${field}`);
  });

  it.each([
    ['book', 'book-not-found', '해당 도서를 찾을 수 없습니다.'],
    ['book', 'book-not-available', '대여 가능한 도서가 아닙니다.'],
    ['member', 'member-not-found', '해당 회원을 찾을 수 없습니다.'],
  ] as const)('undone by %s says so: %s [AC-20]', async (participant, code, sentence) => {
    library.participants.refuse(participant, code);

    const answer = await rent(99);

    expect(answer).toMatchObject(refused(409, code, sentence));
    expect(answer.body.sagaId).toBe(library.on('rental_rent')[0]?.['ce_sagaid']);
    expect((await get('jenny')).body).toStrictEqual(emptyCard);
  });

  it('of a sixth book is refused [AC-22]', async () => {
    for (const no of [1, 2, 3, 4, 5]) await rent(no);

    expect(await rent(6)).toMatchObject(refused(409, 'limit-reached', '이미 5권을 대여했습니다.'));
  });

  it('of the same book again is refused', async () => {
    await rent(1);

    expect(await rent(1)).toMatchObject(refused(409, 'already-rented', '이미 대여한 도서입니다.'));
  });

  it('shows the card when it takes unusually long', async () => {
    library.participants.holdBack();
    const answer = rent(1).then((response) => response);
    while (library.on('rental_rent').length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    library.clock.shiftBy(5_000);

    expect(await answer).toMatchObject({ status: 202, body: { ...emptyCard, totalRentalCnt: 1 } });
  });

  it('takes an Idempotency-Key, in its own words too [M3]', async () => {
    const key = { 'Idempotency-Key': 'slip-1' };
    const first = await post('rent', withItem(1), key);
    const again = await post('rent', { ...withItem(1), UserNm: 'ignored' }, key);
    const other = await post('rent', withItem(2), key);

    expect(again.body).toStrictEqual(first.body);
    expect(other).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused', detail: expect.stringContaining('new key') },
    });
    expect(library.on('rental_rent')).toHaveLength(1);
  });

  it('without a title is a bad request', async () => {
    expect((await post('rent', { ...jenny, itemId: 1 })).body).toMatchObject({
      status: 400,
      errors: [{ path: 'body.itemTitle' }],
    });
  });
});

describe('what it refuses it says in Korean', () => {
  it.each([
    ['return', { ...jenny, itemId: 7 }, 404, 'card-not-found', '해당 카드를 찾을 수 없습니다.'],
    ['overdue', { ...jenny, itemId: 7 }, 404, 'card-not-found', '해당 카드를 찾을 수 없습니다.'],
    ['clearoverdue', { ...jenny, point: 10 }, 404, 'card-not-found', '해당 카드를 찾을 수 없습니다.'],
  ])('POST …/%s without a card [AC-37]', async (path, body, status, code, sentence) => {
    expect(await post(path, body)).toMatchObject(refused(status, code, sentence));
  });

  it.each(['return', 'overdue'])('POST …/%s of a book that is not on the card', async (path) => {
    await post('', jenny);

    expect(await post(path, withItem(7))).toMatchObject(refused(409, 'item-not-rented', '대여 중인 도서가 아닙니다.'));
  });

  it('POST …/clearoverdue of a card that owes nothing', async () => {
    await post('', jenny);

    expect(await clear(0)).toMatchObject(refused(422, 'wrong-amount', '해당 포인트로 연체를 해제할 수 없습니다.'));
  });

  it('POST …/clearoverdue with too few points [AC-30]', async () => {
    await rent(1);
    await post('overdue', withItem(1));
    await giveBack(1);
    library.participants.refuse('member', 'not-enough-points');

    expect(await clear(10)).toMatchObject(refused(409, 'not-enough-points', '보유한 포인트가 부족합니다.'));
    expect((await get('jenny')).body).toMatchObject({ totalLateFee: 10, rentStatus: 'RENT_UNAVAILABLE' });
  });
});

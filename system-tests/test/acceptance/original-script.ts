import { eventually } from '../over-http';
import type { OverHttp } from '../over-http';

const RENTAL = 'rental-service';
const BOOK = 'book-service';
const MEMBER = 'member-service';
const BESTBOOK = 'bestbook-service';

const FIRST = { itemId: 1, itemTitle: '누구를 위하여 종을 울리나?', userId: 'jenny', userNm: '제니' };
const SECOND = { itemId: 2, itemTitle: '최재천의공부', userId: 'jenny', userNm: '제니' };

/** The original system's script, request by request, with its numbers: each step goes on from the one before it. */
export function specifyOriginalScript(library: () => OverHttp): void {
  const bookStatus = async (no: number) => (await library().get(`/api/book/${no}`, BOOK)).body.bookStatus;
  const points = async () => (await library().get('/api/Member/1', MEMBER)).body.point;
  const card = async () => (await library().get('/api/RentalCard/jenny', RENTAL)).body;

  it('registers a member with no points [AC-01]', async () => {
    const { status, body } = await library().post(
      '/api/Member/',
      { email: 'scant10@gmail.com', id: 'jenny', name: '제니', passWord: '1111' },
      MEMBER,
    );

    expect(status).toBe(201);
    expect(body).toEqual({ memberNo: 1, id: 'jenny', name: '제니', email: 'scant10@gmail.com', point: 0 });
  });

  it('registers book 1, spelled as the script spells it [AC-02]', async () => {
    const { status, body } = await library().post(
      '/api/book',
      {
        author: '한정헌',
        classfication: 'LITERATURE',
        description: '고전 소설',
        isbn: '1232141214',
        location: 'JEONGJA',
        publicationDate: '2023-02-11',
        source: 'SUPPLY',
        title: '누구를 위하여 종을 울리나?',
      },
      BOOK,
    );

    expect(status).toBe(201);
    expect(body).toEqual({ bookNo: 1, bookTitle: '누구를 위하여 종을 울리나?', bookStatus: 'ENTERED' });
  });

  it('shows the book, on the shelf [AC-03]', async () => {
    expect((await library().get('/api/book/1', BOOK)).body).toEqual({
      bookNo: 1,
      bookTitle: '누구를 위하여 종을 울리나?',
      bookStatus: 'AVAILABLE',
    });
  });

  it('opens a card, whichever way the fields are spelled, and only once [AC-04] [AC-38]', async () => {
    const opened = await library().post('/api/RentalCard/', { UserId: 'jenny', UserNm: '제니' }, RENTAL);
    const again = await library().post('/api/RentalCard/', { userId: 'jenny', userNm: '제니' }, RENTAL);

    expect(opened.status).toBe(201);
    expect(opened.body).toMatchObject({
      memberId: 'jenny',
      memberName: '제니',
      rentStatus: 'RENT_AVAILABLE',
      totalLateFee: 0,
      totalRentalCnt: 0,
      totalReturnCnt: 0,
      totalOverduedCnt: 0,
    });
    expect(again.status).toBe(200);
    expect(again.body).toEqual(opened.body);
  });

  it('rents book 1 [AC-05]', async () => {
    const { status } = await library().post('/api/RentalCard/rent', FIRST, RENTAL);

    expect([200, 202]).toContain(status);
    await eventually(async () => expect(await card()).toMatchObject({ totalRentalCnt: 1 }));
  });

  it('has lent book 1 [AC-06]', () => eventually(async () => expect(await bookStatus(1)).toBe('UNAVAILABLE')));

  it('has given 10 points [AC-07]', () => eventually(async () => expect(await points()).toBe(10)));

  it('has counted the rent [AC-08]', () =>
    eventually(async () => {
      const { body } = await library().get('/api/books', BESTBOOK);
      expect(body).toEqual([
        { id: expect.anything(), item: { no: 1, title: '누구를 위하여 종을 울리나?' }, rentCount: 1 },
      ]);
    }));

  it('takes book 1 back [AC-09]', async () => {
    await library().post('/api/RentalCard/return', FIRST, RENTAL);

    await eventually(async () => {
      expect(await card()).toMatchObject({ totalRentalCnt: 0, totalReturnCnt: 1 });
      expect(await bookStatus(1)).toBe('AVAILABLE');
      expect(await points()).toBe(20);
    });
  });

  it('registers and rents book 2 [AC-10]', async () => {
    await library().post(
      '/api/book',
      {
        author: '최재천',
        title: '최재천의공부',
        description: '최재천의 인생공부',
        publicationDate: '2023-01-11',
        isbn: '1232141215',
        source: 'SUPPLY',
        classfication: 'LITERATURE',
        location: 'JEONGJA',
      },
      BOOK,
    );
    await library().post('/api/RentalCard/rent', SECOND, RENTAL);

    await eventually(async () => {
      expect(await bookStatus(2)).toBe('UNAVAILABLE');
      expect(await points()).toBe(30);
    });
  });

  it('makes book 2 overdue, which suspends the card [AC-11]', async () => {
    await library().post('/api/RentalCard/overdue', SECOND, RENTAL);

    expect(await card()).toMatchObject({ rentStatus: 'RENT_UNAVAILABLE', totalOverduedCnt: 1 });
    const { body } = await library().get('/api/RentalCard/jenny/rentbook', RENTAL);
    expect(body).toEqual([expect.objectContaining({ itemNo: 2, itemtitle: '최재천의공부', overdued: true })]);
  });

  it('rents nothing to a suspended card [AC-12] [A2]', async () => {
    const { status, body } = await library().post('/api/RentalCard/rent', FIRST, RENTAL);

    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'card-unavailable', detail: '대여불가상태입니다.' });
    expect(await bookStatus(1)).toBe('AVAILABLE');
  });

  it('clears nothing while a book is out [AC-13] [A12]', async () => {
    const { status, body } = await library().post(
      '/api/RentalCard/clearoverdue',
      { UserId: 'jenny', UserNm: '제니', point: 10 },
      RENTAL,
    );

    expect(status).toBe(409);
    expect(body.detail).toMatch(/^모든 도서가 반납되어야/);
  });

  it('takes book 2 back a day late, for 10 points [AC-14]', async () => {
    await library().post('/api/RentalCard/return', SECOND, RENTAL);

    await eventually(async () => {
      expect(await card()).toMatchObject({ totalLateFee: 10, rentStatus: 'RENT_UNAVAILABLE', totalReturnCnt: 2 });
      expect(await points()).toBe(40);
      expect(await bookStatus(2)).toBe('AVAILABLE');
    });
  });

  it('does not clear for 9 points [AC-15] [A14]', async () => {
    const { status, body } = await library().post(
      '/api/RentalCard/clearoverdue',
      { UserId: 'jenny', UserNm: '제니', point: 9 },
      RENTAL,
    );

    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'wrong-amount', detail: '해당 포인트로 연체를 해제할 수 없습니다.' });
  });

  it('clears for exactly 10 [AC-16]', async () => {
    await library().post('/api/RentalCard/clearoverdue', { userId: 'jenny', userNm: '제니', point: 10 }, RENTAL);

    await eventually(async () => {
      expect(await card()).toMatchObject({ totalLateFee: 0, rentStatus: 'RENT_AVAILABLE' });
      expect(await points()).toBe(30);
    });
  });

  it('shows an empty card and two books in its history [AC-17]', async () => {
    expect((await library().get('/api/RentalCard/jenny/rentbook', RENTAL)).body).toEqual([]);

    const { body } = await library().get('/api/RentalCard/jenny/returnbook', RENTAL);
    const day = expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/);
    expect(body.toSorted((one: { itemNo: number }, other: { itemNo: number }) => one.itemNo - other.itemNo)).toEqual([
      { itemNo: 1, itemtitle: '누구를 위하여 종을 울리나?', returnDate: day },
      { itemNo: 2, itemtitle: '최재천의공부', returnDate: day },
    ]);
  });
}

import { eventually } from '../over-http';
import type { Answer, OverHttp } from '../over-http';

const WAIT = { Prefer: 'wait=20' };
/** Whether the whole stack is on one busy machine is not what this measures. */
const SETTLED_MS = 20_000;

/** What the original's script would have failed at, in requests of its successor. A library without books and members. */
export function specifyImprovements(library: () => OverHttp): void {
  const rent = (member: string, no: number): Promise<Answer> =>
    library().post(
      `/rental-cards/${member}/rentals`,
      { memberName: member, item: { no, title: `책 ${no}` } },
      'library',
      WAIT,
    );
  const points = async (member: string) => (await library().get(`/members/${member}/points`)).body.balance;
  const ranking = async () => (await library().get('/best-books?top=100')).body;
  const card = async (member: string) => (await library().get(`/rental-cards/${member}`)).body;

  beforeAll(async () => {
    for (let no = 1; no <= 6; no++) {
      const { status } = await library().post('/books', {
        title: `책 ${no}`,
        author: '저자',
        isbn: '9788970849782',
        classification: 'ARTS',
        source: 'SUPPLY',
        location: 'PANGYO',
      });
      expect(status).toBe(201);
    }
    for (const id of ['jenny', 'scott']) {
      expect((await library().post('/members', { id, name: id, email: `${id}@example.org` })).status).toBe(201);
    }
  });

  it('leaves nothing of a rent of a book that does not exist, and says who refused it [AC-20]', async () => {
    const { status, body } = await rent('jenny', 99);

    expect([status, body.code]).toEqual([409, 'book-not-found']);
    expect((await library().get(`/sagas/${body.sagaId}`)).body).toMatchObject({
      status: 'COMPENSATED',
      reason: 'book-not-found',
      steps: expect.arrayContaining([{ participant: 'book', state: 'undone', code: 'book-not-found' }]),
    });
    expect(await card('jenny')).toMatchObject({ items: [] });
    expect(await points('jenny')).toBe(0);
    expect(await ranking()).toEqual([]);
  });

  it('lends five books, and refuses the sixth [AC-22]', async () => {
    for (let no = 1; no <= 5; no++) expect(await rent('jenny', no)).toMatchObject({ status: 201 });

    expect(await rent('jenny', 6)).toMatchObject({ status: 409, body: { code: 'limit-reached' } });
    expect((await card('jenny')).counts).toMatchObject({ rented: 5 });
    expect(await points('jenny')).toBe(50);
  });

  it('lends a book once, and leaves the loan of the other one alone', async () => {
    expect(await rent('scott', 1)).toMatchObject({ status: 409, body: { code: 'book-not-available' } });

    expect((await library().get('/books/1')).body).toMatchObject({ status: 'UNAVAILABLE', holder: { id: 'jenny' } });
    expect(await card('scott')).toMatchObject({ items: [] });
    expect(await points('scott')).toBe(0);
  });

  it('counts the same when the counts are made anew from all that was ever said [AC-36]', async () => {
    const before = await ranking();
    expect(before).toHaveLength(5);

    const { status } = await library().post('/ops/best-books/rebuilds', {});

    expect([200, 202]).toContain(status);
    await eventually(async () => expect(await ranking()).toEqual(before), SETTLED_MS);
  });

  it.each([
    '/rental-cards/nobody',
    '/books/999',
    '/members/nobody',
    '/sagas/01936b2e-7c4d-7a10-8f3e-2b1c0d9e8f7a',
    '/api/RentalCard/nobody',
    '/api/book/999',
    '/api/Member/999',
  ])('says of %s that it does not know it [AC-37]', async (path) => {
    const { status, headers, body } = await library().get(path);

    expect([status, headers.get('content-type')]).toEqual([404, expect.stringContaining('problem+json')]);
    expect(body.detail).toEqual(expect.any(String));
  });

  it('opens a card once, and registers a member once [AC-38]', async () => {
    const member = { id: 'minji', name: '민지' };
    const opened = await library().post('/rental-cards', { member });
    const again = await library().post('/rental-cards', { member });
    const taken = await library().post('/members', { id: 'jenny', name: 'jenny', email: 'jenny@example.org' });

    expect([opened.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(opened.body);
    expect(taken).toMatchObject({ status: 409, body: { code: 'member-already-exists' } });
  });
}

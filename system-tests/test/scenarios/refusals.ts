import { Desk } from '../desk';
import type { Pliable, StartLibrary } from '../over-http';

/** A refused rent leaves everything as it was. */
export function specifyRefusals(start: StartLibrary): void {
  let library: Pliable;
  let desk: Desk;

  beforeEach(async () => {
    library = await start();
    desk = new Desk(library);
    await desk.registerBooks(2);
    await desk.registerMembers('jenny', 'scott');
  });
  afterEach(async () => {
    await desk.expectSound();
    await library.stop();
  });

  it('frees the slot when the book is with another member, and leaves that loan alone [A4]', async () => {
    await desk.rent('jenny', 1);

    const { status, body } = await desk.rent('scott', 1);

    expect([status, body.code]).toEqual([409, 'book-not-available']);
    expect(await desk.card('scott')).toMatchObject({ items: [], status: 'RENT_AVAILABLE' });
    expect(await desk.book(1)).toMatchObject({ status: 'UNAVAILABLE', holder: { id: 'jenny' } });
    expect([await desk.points('jenny'), await desk.points('scott'), await desk.rentCount(1)]).toEqual([10, 0, 1]);
  });

  it('leaves the loan alone when its own member rents the book again [A5]', async () => {
    await desk.rent('jenny', 1);

    expect((await desk.rent('jenny', 1)).body.code).toBe('already-rented');
    expect((await desk.card('jenny')).items).toHaveLength(1);
  });

  it('leaves nothing of a rent of a book that does not exist, and says who refused it [AC-20] [A6]', async () => {
    const { body } = await desk.rent('jenny', 99);

    expect(body.code).toBe('book-not-found');
    expect((await library.get(`/sagas/${body.sagaId}`)).body).toMatchObject({
      status: 'COMPENSATED',
      reason: 'book-not-found',
      steps: expect.arrayContaining([{ participant: 'book', state: 'undone', code: 'book-not-found' }]),
    });
    expect(await desk.card('jenny')).toMatchObject({ items: [] });
    expect([await desk.points('jenny'), await desk.rentCount(99)]).toEqual([0, 0]);
  });

  it('does not lend a book that was withdrawn [A7]', async () => {
    await library.put('/books/2/withdrawal');

    expect((await desk.rent('jenny', 2)).body.code).toBe('book-withdrawn');
    expect((await desk.book(2)).status).toBe('WITHDRAWN');
  });

  it.each([
    ['unknown', 'nobody', 'member-not-found'],
    ['closed', 'scott', 'member-closed'],
  ])('undoes everything when the member is %s [A8]', async (_what, member, code) => {
    if (member === 'scott') await library.put('/members/scott/closure');

    expect((await desk.rent(member, 1)).body.code).toBe(code);
    expect((await desk.book(1)).status).toBe('AVAILABLE');
    expect(await desk.card(member)).toMatchObject({ items: [] });
    expect(await desk.rentCount(1)).toBe(0);
  });

  it('sends nothing when the item is not on the card [A9]', async () => {
    await desk.rent('jenny', 1);
    const before = await desk.sagas();

    expect((await desk.return('jenny', 2)).body.code).toBe('item-not-rented');
    expect(await desk.sagas()).toEqual(before);
  });

  it('takes the return of a closed member, without points [A11]', async () => {
    await desk.rent('jenny', 1);
    await library.put('/members/jenny/closure');

    expect((await desk.return('jenny', 1)).status).toBe(200);
    expect((await desk.book(1)).status).toBe('AVAILABLE');
    expect(await desk.points('jenny')).toBe(10);
  });

  it('keeps the fee and the points when they do not cover it [A13] [AC-30]', async () => {
    await desk.rent('jenny', 1);
    library.clock.shiftBy(40 * 86_400_000);
    await library.post('/overdue-markings', {});
    const returned = await desk.return('jenny', 1);

    const { body } = await desk.clear('jenny', returned.body.fee);

    expect(returned.body.fee).toBe(260);
    expect(body.code).toBe('not-enough-points');
    expect(await desk.card('jenny')).toMatchObject({ fee: 260, status: 'RENT_UNAVAILABLE' });
    expect(await desk.points('jenny')).toBe(20);
  });

  it('answers 404 for what it does not know [AC-37]', async () => {
    for (const path of [
      '/rental-cards/nobody',
      '/books/999',
      '/members/nobody',
      '/sagas/01936b2e-7c4d-7a10-8f3e-2b1c0d9e8f7a',
    ]) {
      const { status, body } = await library.get(path);
      expect([path, status, typeof body.detail]).toEqual([path, 404, 'string']);
    }
  });
}

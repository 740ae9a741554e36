import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { Desk } from '../desk';
import { Earplugs } from '../earplugs';
import { eventually } from '../over-http';
import type { Pliable, StartLibrary } from '../over-http';

const range = (many: number) => Array.from({ length: many }, (_, at) => at + 1);

/** How each was answered: a problem by its code, in the order of the alphabet. */
function codes(answers: readonly { status: number; body: { code?: string } }[]): readonly string[] {
  return answers.map(({ status, body }) => body.code ?? String(status)).toSorted(inOrder);
}

const inOrder = (one: string, other: string) => (one < other ? -1 : Number(one > other));

/** Many at once: one of them wins, and the others lose nothing. */
export function specifyContention(start: StartLibrary): void {
  let library: Pliable;
  let desk: Desk;
  let plugs: Earplugs;

  beforeEach(async () => {
    plugs = new Earplugs('member-service');
    plugs.takeOut();
    // Many at once take a busy machine longer than the silence that other scenarios wait for.
    library = await start({ timing: DEFAULT_TIMING, between: plugs.between });
    desk = new Desk(library);
  });
  afterEach(async () => {
    plugs.takeOut();
    await library.stop();
  });

  const cleared = () =>
    eventually(async () => expect((await desk.card('jenny')).status).toBe('RENT_AVAILABLE'), 20_000);

  it('lends one book to exactly one of a hundred, and leaves no slot taken on the cards of the others [L1]', async () => {
    await desk.registerBooks(1);
    const members = range(100).map((at) => `m${at}`);
    await desk.registerMembers(...members);

    const answers = await Promise.all(members.map((member) => desk.rent(member, 1)));

    expect(codes(answers)).toEqual(['201', ...Array<string>(99).fill('book-not-available')]);
    const cards = await Promise.all(members.map((member) => desk.card(member)));
    expect(cards.filter(({ items }) => items.length > 0)).toHaveLength(1);
    expect(await desk.rentCount(1)).toBe(1);
    await desk.expectSound();
  });

  it('lends five of ten books to a member who wants them all at once [L2] [AC-22]', async () => {
    await desk.registerBooks(10);
    await desk.registerMembers('jenny');

    const answers = await Promise.all(range(10).map((no) => desk.rent('jenny', no)));

    expect(codes(answers)).toEqual([...Array<string>(5).fill('201'), ...Array<string>(5).fill('limit-reached')]);
    expect((await desk.card('jenny')).counts).toMatchObject({ rented: 5 });
    expect(await desk.points('jenny')).toBe(50);
    await desk.expectSound();
  });

  it('lends one of two books that are to be the fifth [L3]', async () => {
    await desk.registerBooks(6);
    await desk.registerMembers('jenny');
    for (const no of [1, 2, 3, 4]) await desk.rent('jenny', no);

    const answers = await Promise.all([desk.rent('jenny', 5), desk.rent('jenny', 6)]);

    expect(codes(answers)).toEqual(['201', 'limit-reached']);
    await desk.expectSound();
  });

  it('keeps one holder while a book is returned by one and wanted by others [L4] [E8]', async () => {
    await desk.registerBooks(1);
    await desk.registerMembers('jenny', 'scott', 'minji');
    await desk.rent('jenny', 1);

    const [returned, ...rents] = await Promise.all([
      desk.return('jenny', 1),
      desk.rent('scott', 1),
      desk.rent('minji', 1),
    ]);

    expect(returned.status).toBe(200);
    expect(rents.filter(({ status }) => status === 201).length).toBeLessThanOrEqual(1);
    await desk.expectSound();
  });

  it('gives one set of points for two returns of one item at once [L5] [A10] [M1]', async () => {
    await desk.registerBooks(1);
    await desk.registerMembers('jenny');
    await desk.rent('jenny', 1);

    const answers = await Promise.all([desk.return('jenny', 1, {}), desk.return('jenny', 1, {})]);

    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    await eventually(async () => expect(await desk.points('jenny')).toBe(20));
    await desk.expectSound();
  });

  it('answers a double click with the saga that is running, also for the fifth book [M1]', async () => {
    await desk.registerBooks(5);
    await desk.registerMembers('jenny');
    for (const no of [1, 2, 3, 4]) await desk.rent('jenny', no);

    const answers = await Promise.all([desk.rent('jenny', 5, {}), desk.rent('jenny', 5, {})]);

    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(answers[0].body.id).toBe(answers[1].body.id);
  });

  it('creates one card under fifty first rents at once [A3]', async () => {
    await desk.registerBooks(50);
    await desk.registerMembers('jenny');

    await Promise.all(range(50).map((no) => desk.rent('jenny', no)));

    const { body } = await library.get('/rental-cards');
    expect(body.items).toHaveLength(1);
    expect(body.items[0].counts.rented).toBe(5);
    await desk.expectSound();
  });

  describe('on a suspended card', () => {
    beforeEach(async () => {
      await desk.registerBooks(2);
      await desk.registerMembers('jenny');
      await desk.rent('jenny', 1);
      await library.post('/api/RentalCard/overdue', { userId: 'jenny', userNm: 'jenny', itemId: 1, itemTitle: '책 1' });
    });

    it('refuses to rent while the late return is under way, and after it [J12] [L6]', async () => {
      const [returned, rented] = await Promise.all([desk.return('jenny', 1), desk.rent('jenny', 2)]);
      const after = await desk.rent('jenny', 2);

      expect(returned.body).toMatchObject({ fee: 10 });
      expect(codes([rented, after])).toEqual(['card-unavailable', 'card-unavailable']);
    });

    it('spends the points once for two clearings at once [L7] [A18]', async () => {
      await desk.return('jenny', 1);

      // Neither is over before the other one comes.
      plugs.putIn();
      const answers = await Promise.all([desk.clear('jenny', 10, {}), desk.clear('jenny', 10, {})]);
      plugs.takeOut();
      await cleared();
      const rented = await desk.rent('jenny', 2);

      expect(codes(answers)).toEqual(['202', 'clearing-in-progress']);
      expect(rented.status).toBe(201);
      expect(await desk.points('jenny')).toBe(20);
      await desk.expectSound();
    });

    it('never lends to a card that is being cleared [L6] [A18]', async () => {
      await desk.return('jenny', 1);

      plugs.putIn();
      const clearing = await desk.clear('jenny', 10, {});
      const rented = await desk.rent('jenny', 2);
      plugs.takeOut();
      await cleared();

      expect(clearing.status).toBe(202);
      expect(rented.body.code).toBe('clearing-in-progress');
      await desk.expectSound();
    });
  });

  it('ends every rent one way or the other while the member is closed or the book withdrawn [L8] [L9]', async () => {
    await desk.registerBooks(20);
    const members = range(20).map((at) => `m${at}`);
    await desk.registerMembers(...members);

    const answers = await Promise.all([
      ...members.map((member, at) => desk.rent(member, at + 1)),
      ...members.slice(0, 10).map((member) => library.put(`/members/${member}/closure`)),
      ...range(20)
        .slice(10)
        .map((no) => library.put(`/books/${no}/withdrawal`)),
    ]);

    const rents = codes(answers.slice(0, 20));
    expect(rents.filter((code) => code !== '201' && code !== 'member-closed' && code !== 'book-withdrawn')).toEqual([]);
    await desk.expectSound();
  });
}

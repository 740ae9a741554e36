import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import { Desk } from '../desk';
import { eventually } from '../over-http';
import type { Pliable, StartLibrary } from '../over-http';
import { allIsHeard, messagesOf } from '../topics';

/** What was said stays said: it may be said again, counted anew, and gone on with after a stop. */
export function specifyReplay(start: StartLibrary): void {
  let library: Pliable;
  let desk: Desk;

  beforeEach(async () => {
    library = await start();
    desk = new Desk(library);
    await desk.registerBooks(4);
    await desk.registerMembers('jenny', 'scott');
    for (const no of [1, 2, 3]) await desk.rent('jenny', no);
    await desk.return('jenny', 1);
    await desk.rent('scott', 2);
    await desk.rent('scott', 1);
  });
  afterEach(() => library.stop());

  const ranking = async () => (await library.get('/best-books?top=100')).body;
  const overview = async () => ({
    cards: [await desk.card('jenny'), await desk.card('scott')],
    books: await Promise.all([1, 2, 3, 4].map((no) => desk.book(no))),
    points: [await desk.points('jenny'), await desk.points('scott')],
    ranking: await ranking(),
    sagas: await desk.sagas(),
  });

  it('says everything again, and nothing changes [AC-23] [D3] [D11]', async () => {
    const before = await overview();
    const said = (await Promise.all(SAGA_TOPICS.map((topic) => messagesOf(library.log, topic)))).flat();
    expect(before.sagas.map(({ status }) => status).toSorted()).toEqual([
      'COMPENSATED',
      ...Array<string>(5).fill('COMPLETED'),
    ]);

    await library.log.publish(said);
    await allIsHeard(library.log);

    // Every step was asked again, and answered again.
    await eventually(async () => {
      const again = (await Promise.all(SAGA_TOPICS.map((topic) => messagesOf(library.log, topic)))).flat();
      expect(again.length).toBeGreaterThan(2 * said.length);
    });
    expect(await overview()).toEqual(before);
    await desk.expectSound();
  });

  it('counts anew while rents go on, and misses none [AC-36]', async () => {
    const [{ status }, rented] = await Promise.all([
      library.post('/ops/best-books/rebuilds', {}),
      desk.rent('scott', 4),
    ]);

    expect([status, rented.status]).toEqual([200, 201]);
    await eventually(async () => {
      const counts = (await ranking()).map(({ item, rentCount }: { item: { no: number }; rentCount: number }) => [
        item.no,
        rentCount,
      ]);
      expect(new Map(counts)).toEqual(new Map([1, 2, 3, 4].map((no) => [no, no === 1 ? 2 : 1])));
    }, 30_000);
    await desk.expectSound();
  });

  it('is there when everything was stopped and started again, and goes on', async () => {
    const before = await overview();
    await library.pause();
    await library.begin();

    expect(await overview()).toEqual(before);
    expect((await desk.return('jenny', 2)).status).toBe(200);
    expect((await desk.rent('scott', 2)).status).toBe(201);
    await desk.expectSound();
  });
}

import { Desk } from '../desk';
import { Earplugs } from '../earplugs';
import { HURRIED } from '../library-under-test';
import { eventually } from '../over-http';
import type { Pliable, StartLibrary } from '../over-http';
import { allIsHeard } from '../topics';

/** Not so hurried that an answer on a busy machine comes too late. */
const TIMING = { ...HURRIED, expiresAfterMs: 2_500, longestWaitMs: 2_500, graceMs: 500 };
const A_WHILE = 30_000;

/** Somebody does not hear: silence may mean done, and is no answer to whoever cannot hear either. */
export function specifySilence(start: StartLibrary): void {
  let library: Pliable;
  let desk: Desk;
  let plugs: Earplugs;

  async function open(deaf: string): Promise<void> {
    plugs = new Earplugs(deaf);
    library = await start({ timing: TIMING, between: plugs.between });
    desk = new Desk(library);
    await desk.registerBooks(1);
    await desk.registerMembers('jenny');
  }
  afterEach(async () => {
    plugs.takeOut();
    await library.stop();
  });

  const saga = async () => (await desk.sagas())[0];

  it('undoes a rent of which one participant never says anything, and waits until that one has undone it too [F3] [F6]', async () => {
    await open('member-service');

    await desk.rent('jenny', 1, {});
    await eventually(
      async () =>
        expect(await saga()).toMatchObject({ status: 'COMPENSATING', reason: 'expired', attention: expect.anything() }),
      A_WHILE,
    );
    expect(await desk.card('jenny')).toMatchObject({ items: [{ state: 'RENTING' }] });
    plugs.takeOut();

    await eventually(async () => expect(await saga()).toMatchObject({ status: 'COMPENSATED' }), A_WHILE);
    await allIsHeard(library.log);
    expect(await desk.card('jenny')).toMatchObject({ items: [], status: 'RENT_AVAILABLE' });
    expect(await desk.book(1)).toMatchObject({ status: 'AVAILABLE' });
    expect([await desk.points('jenny'), await desk.rentCount(1)]).toEqual([0, 0]);
    await desk.expectSound();
  });

  it('undoes nothing while it does not hear the answers itself, however long that takes', async () => {
    await open('rental-service');

    await desk.rent('jenny', 1, {});
    await new Promise((resolve) => setTimeout(resolve, 2 * TIMING.expiresAfterMs));
    expect(await saga()).toMatchObject({ status: 'RUNNING' });
    plugs.takeOut();

    await eventually(async () => expect(await saga()).toMatchObject({ status: 'COMPLETED' }), A_WHILE);
    expect((await desk.card('jenny')).counts).toMatchObject({ rented: 1 });
    expect([await desk.points('jenny'), await desk.rentCount(1)]).toEqual([10, 1]);
    await desk.expectSound();
  });
}

import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { Desk } from '../desk';
import { Earplugs } from '../earplugs';
import { eventually } from '../over-http';
import type { Pliable, StartLibrary } from '../over-http';

/** Clients that ask again and again, or do not wait for the answer. */
export function specifyImpatience(start: StartLibrary): void {
  let library: Pliable;
  let desk: Desk;

  beforeEach(async () => {
    // A storm takes a busy machine longer than the silence that other scenarios wait for.
    library = await start({ timing: DEFAULT_TIMING });
    desk = new Desk(library);
    await desk.registerBooks(2);
    await desk.registerMembers('jenny', 'scott');
  });
  afterEach(() => library.stop());

  it('a storm of retries with one key begins one saga, and keeps nobody else from renting [M10 G14]', async () => {
    const again = () => desk.rent('jenny', 1, { 'Idempotency-Key': 'storm' });
    const storm = Promise.all(Array.from({ length: 300 }, again));
    const other = await desk.rent('scott', 2);
    const answers = await storm;

    expect(other.status).toBe(201);
    expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    await eventually(
      async () => expect(await desk.card('jenny')).toMatchObject({ items: [{ no: 1, state: 'RENTED' }] }),
      20_000,
    );
    expect(await desk.sagas('&member=jenny')).toHaveLength(1);
    expect(await desk.points('jenny')).toBe(10);
    await desk.expectSound();
  });

  it('a client that hangs up while it waits changes nothing: the saga goes on, and is found later [F11 M6]', async () => {
    await library.stop();
    const plugs = new Earplugs('member-service');
    // Nobody gives up before the client has.
    library = await start({ timing: DEFAULT_TIMING, between: plugs.between });
    desk = new Desk(library);
    await desk.registerBooks(1);
    await desk.registerMembers('jenny');
    const leaving = new AbortController();
    const waiting = fetch(`http://127.0.0.1:${library.port('library')}/rental-cards/jenny/rentals`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Prefer: 'wait=30' },
      body: JSON.stringify({ memberName: 'jenny', item: { no: 1, title: '책 1' } }),
      signal: leaving.signal,
    });
    await eventually(async () => expect(await desk.sagas()).toMatchObject([{ status: 'RUNNING' }]));
    leaving.abort();
    await expect(waiting).rejects.toThrow('aborted');
    const [saga] = await desk.sagas();
    plugs.takeOut();

    await eventually(async () =>
      expect((await library.get(`/sagas/${saga!.id}`)).body).toMatchObject({ status: 'COMPLETED' }),
    );
    expect((await desk.card('jenny')).counts).toMatchObject({ rented: 1 });
    await desk.expectSound();
  });
}

import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { Desk } from '../desk';
import { eventually, LibraryUnderTest } from '../library-under-test';
import { MortalLibrary } from '../mortal-library';

const A_MINUTE = 60_000;

// Three hundred requests take their time on a busy machine.
jest.setTimeout(A_MINUTE);

describe('those who want what others have', () => {
  let library: MortalLibrary;

  async function open(members: readonly string[], books: number) {
    library = await MortalLibrary.start();
    for (const member of members) await library.registerMember(member);
    for (let no = 1; no <= books; no++) await library.registerBook();
  }

  const statuses = async () => (await library.sagas()).map(({ status }) => status);

  it('do not wait for each other in a circle: two who bring back what the other one rents all get an answer [L10]', async () => {
    await open(['jenny', 'scott'], 2);
    await library.rent('jenny', 1);
    await library.rent('scott', 2);
    await library.clock.advance(5_000);

    // Each card and each book is wanted by two sagas, which come to them in opposite order.
    let turn = 0;
    library.broker.faults = { delivering: () => [(turn++ % 3) * 400] };
    await Promise.all([
      library.rent('jenny', 2),
      library.rent('scott', 1),
      library.return('jenny', 1),
      library.return('scott', 2),
    ]);
    await library.clock.advance(3 * A_MINUTE);

    const ended = await library.ending();
    expect(ended.sagas.every(({ status }) => status === 'COMPLETED' || status === 'COMPENSATED')).toBe(true);
    expect(ended).toMatchObject({ toldTwice: [], waiting: [], parked: [] });
    expect(ended.cards.flat().length).toBe(ended.books.filter(({ status }) => status === 'UNAVAILABLE').length);
  });

  it('do not wait for each other in a circle when one of them is not heard either: deadlines end it [L10]', async () => {
    await open(['jenny', 'scott'], 2);
    await library.rent('jenny', 1);
    await library.rent('scott', 2);
    await library.clock.advance(5_000);

    library.broker.faults = {
      delivering: (group, { topic }) => (group === 'member-service' && topic === 'rental_return' ? [] : [0]),
    };
    await Promise.all([
      library.return('jenny', 1),
      library.return('scott', 2),
      library.rent('jenny', 2),
      library.rent('scott', 1),
    ]);
    await library.clock.advance(3 * A_MINUTE);

    expect((await statuses()).toSorted()).toEqual([...Array<string>(4).fill('COMPENSATED'), 'COMPLETED', 'COMPLETED']);
    expect(await library.ending()).toMatchObject({ waiting: [], cards: [['1 RENTED'], ['2 RENTED']] });
  });

  it('are refused at once, however many they are, and whoever asks next gets the book when it is back [L11]', async () => {
    const members = Array.from({ length: 30 }, (_, at) => `m${at}`);
    await open(members, 1);
    const holders: string[] = [];
    for (let round = 0; round < 5; round++) {
      const [next, ...others] = [...members.slice(round), ...members.slice(0, round)] as [string, ...string[]];
      for (const member of [next, ...others]) {
        await library.ask(
          'rental',
          'POST',
          '/rental-cards/{member}/rentals',
          { memberName: member, item: { no: 1, title: '책 1' } },
          { params: { member }, key: `${member} ${round}` },
        );
        await library.clock.advance(10);
      }
      // Nobody is kept waiting by the others.
      await library.clock.advance(2_000);
      expect((await statuses()).filter((status) => status === 'RUNNING' || status === 'COMPENSATING')).toEqual([]);

      const [holder] = library.stores.rental
        .living()
        .flatMap(({ card }) => (card?.snapshot().items.length ? [card.snapshot().member.id] : []));
      holders.push(holder!);
      await library.ask(
        'rental',
        'POST',
        '/rental-cards/{member}/returns',
        { item: { no: 1 } },
        { params: { member: holder! }, key: `return ${round}` },
      );
      await library.clock.advance(2_000);
    }

    expect(holders).toEqual(members.slice(0, 5));
  });
});

describe('over HTTP', () => {
  let library: LibraryUnderTest;
  let desk: Desk;

  beforeEach(async () => {
    library = await LibraryUnderTest.start();
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
    await eventually(async () => expect((await desk.card('jenny')).counts).toMatchObject({ rented: 1 }), 20_000);
    expect(await desk.sagas('&member=jenny')).toHaveLength(1);
    expect(await desk.points('jenny')).toBe(10);
    await desk.expectSound();
  });

  it('a client that hangs up while it waits changes nothing: the saga goes on, and is found later [F11 M6]', async () => {
    await library.stop();
    const member = { heard: false };
    library = await LibraryUnderTest.start({
      // Nobody gives up before the client has.
      timing: DEFAULT_TIMING,
      between: (log) => ({
        publish: (messages) => log.publish(messages),
        consume: (settings, handle) =>
          log.consume(settings, async (batch) => {
            while (!member.heard && settings.group === 'member-service')
              await new Promise((resolve) => setTimeout(resolve, 10));
            return handle(batch);
          }),
        read: (...asked) => log.read(...asked),
        ends: (topic) => log.ends(topic),
        backlog: (...asked) => log.backlog(...asked),
        get reachable() {
          return log.reachable;
        },
      }),
    });
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
    member.heard = true;

    await eventually(async () =>
      expect((await library.get(`/sagas/${saga!.id}`)).body).toMatchObject({ status: 'COMPLETED' }),
    );
    expect((await desk.card('jenny')).counts).toMatchObject({ rented: 1 });
    await desk.expectSound();
  });
});

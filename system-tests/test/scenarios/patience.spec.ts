import { LibraryUnderTest } from '../library-under-test';
import { MortalLibrary } from '../mortal-library';
import { specifyImpatience } from './impatience';

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

describe('impatient clients', () => {
  specifyImpatience((settings) => LibraryUnderTest.start(settings));
});

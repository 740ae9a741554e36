import { ReplayParked } from '@library/shared-kernel/messaging/replay-parked';
import { hasEnded } from '@library/shared-kernel/saga/saga';
import { MortalLibrary, PLACES } from '../mortal-library';
import type { Place } from '../mortal-library';

const BOOK_SERVICE = 'book-service';
const BY = { actor: 'librarian', reason: 'repaired' };

jest.setTimeout(120_000);

async function withMembers(...members: readonly string[]): Promise<MortalLibrary> {
  const library = await MortalLibrary.start();
  for (const member of members) {
    await library.registerBook();
    await library.registerMember(member);
  }
  return library;
}

/** The book never hears of it, so that only deadlines move the saga. */
function deafen({ broker }: MortalLibrary): void {
  broker.faults = {
    delivering: (group, { topic }) => (group === BOOK_SERVICE && topic === 'rental_rent' ? [] : [0]),
  };
}

const WITHDRAWN = {
  sagas: [
    {
      type: 'RENT',
      status: 'COMPENSATED',
      reason: 'expired',
      steps: ['bestbook undone', 'book undone', 'member undone'],
    },
  ],
  toldTwice: [],
  cards: [[]],
  books: [{ no: 1, status: 'AVAILABLE' }],
  points: [0],
  ledgerSum: 0,
  counts: [],
  waiting: [],
  parked: [],
};

/** The last answer comes so long after it was given; rental dies as often as it gets to the place. */
async function race(lateMs: number, place: Place, nth: number) {
  const library = await withMembers('jenny');
  library.broker.faults = {
    delivering: (group, { headers }) =>
      group === 'rental-service' && headers['ce_participant'] === 'book' && headers['ce_id']!.includes(':do:')
        ? [lateMs]
        : [0],
  };
  await library.rent('jenny', 1);
  await library.clock.advance(110_000);
  library.sentence({ role: 'rental', place, nth });
  await library.clock.advance(60_000);
  return { ending: await library.ending(), spared: library.spared };
}

const releaseAll = (library: MortalLibrary) =>
  new ReplayParked(
    library.parking,
    { get: () => (message) => library.service('book').operations.handleAgain(message) },
    library.broker.client(),
    library.clock,
  ).releaseAll(undefined, BY);

describe('an answer and the deadline at the same instant', () => {
  it.each(PLACES)('have one winner, whoever comes first, when rental dies %s [C14 F5]', async (place) => {
    const seen = new Set<string>();
    for (const lateMs of [119_400, 120_000, 120_100, 121_000]) {
      for (let nth = 1; nth <= 3; nth++) {
        const { ending } = await race(lateMs, place, nth);
        const status = ending.sagas[0]!.status;
        seen.add(status);
        const completed = status === 'COMPLETED';
        expect({ lateMs, nth, ...ending }).toMatchObject({
          toldTwice: [],
          sagas: [{ status: completed ? 'COMPLETED' : 'COMPENSATED' }],
          cards: [completed ? ['1 RENTED'] : []],
          books: [{ status: completed ? 'UNAVAILABLE' : 'AVAILABLE' }],
          points: [completed ? 10 : 0],
          ledgerSum: completed ? 10 : 0,
          counts: completed ? [1] : [],
          waiting: [],
        });
      }
    }
    expect([...seen].toSorted()).toEqual(['COMPENSATED', 'COMPLETED']);
  });
});

describe('looking after what is due', () => {
  it.each(PLACES)(
    'begins anew when rental dies %s while it takes up what an earlier life has left [C15]',
    async (place) => {
      for (let nth = 1; ; nth++) {
        const library = await withMembers('jenny');
        deafen(library);
        await library.rent('jenny', 1);
        await library.clock.advance(119_000);
        library.kill('rental');
        // Dies of each of its first steps, and the life after that once more.
        library.sentence({ role: 'rental', place, nth }, { role: 'rental', place, nth: 1 });
        await library.clock.advance(60_000);

        expect({ nth, ...(await library.ending()) }).toEqual({ nth, ...WITHDRAWN });
        if (library.spared > 0) return;
      }
    },
  );

  it('strands nothing when the store cannot be reached during it, whenever that is [C16]', async () => {
    for (let beforeMs = 0; beforeMs <= 2_000; beforeMs += 250) {
      const library = await withMembers('jenny');
      deafen(library);
      await library.rent('jenny', 1);
      await library.clock.advance(118_500 + beforeMs);
      library.unreachable.add('rental');
      await library.clock.advance(30_000);
      expect((await library.sagas())[0]).toMatchObject({ id: expect.any(String), type: 'RENT' });
      library.unreachable.delete('rental');
      await library.clock.advance(60_000);

      expect({ beforeMs, ...(await library.ending()) }).toEqual({ beforeMs, ...WITHDRAWN });
    }
  });
});

describe('releasing what is parked', () => {
  const MEMBERS = ['m1', 'm2', 'm3', 'm4', 'm5'];

  /** Five announcements, which the book has parked. */
  async function parked(): Promise<MortalLibrary> {
    const library = await withMembers(...MEMBERS);
    deafen(library);
    for (const [at, member] of MEMBERS.entries()) await library.rent(member, at + 1);
    await library.clock.advance(1_000);
    for (const message of library.broker.messages('rental_rent')) {
      await library.parking.park(BOOK_SERVICE, message, 'bug', 'TypeError', library.clock.now());
    }
    return library;
  }

  // A release commits no offset.
  it.each(PLACES.slice(0, -1))(
    'goes on where it was when the service dies %s: none twice, none left out [C17]',
    async (place) => {
      for (let nth = 1; ; nth++) {
        const library = await parked();
        library.sentence({ role: 'book', place, nth });
        // The death takes the release with it.
        void releaseAll(library);
        await library.clock.advance(3_000);
        await releaseAll(library);
        await library.clock.advance(20_000);

        const ending = await library.ending();
        expect({ nth, ...ending }).toMatchObject({
          parked: [],
          waiting: [],
          toldTwice: [],
          points: [10, 10, 10, 10, 10],
        });
        expect(ending.sagas.map(({ status }) => status)).toEqual(MEMBERS.map(() => 'COMPLETED'));
        const entries = await library.parking.list({ limit: 100 });
        expect(entries.map(({ count, notes }) => ({ count, notes: notes.length }))).toEqual(
          MEMBERS.map(() => ({ count: 1, notes: 1 })),
        );
        if (library.spared > 0) return;
      }
    },
  );
});

describe('a saga that ends', () => {
  it.each(PLACES)(
    'is always found, and never in two states, though rental dies %s on its way to the archive [C19 G12]',
    async (place) => {
      for (let nth = 1; ; nth++) {
        const library = await withMembers('jenny');
        const { rental } = library.stores;
        rental.archiveLater();
        const { body } = await library.rent('jenny', 1);
        library.sentence({ role: 'rental', place, nth });
        const { faults } = rental;
        const wrong: string[] = [];
        let over = false;
        const look = async () => {
          const found = await library.whereabouts(body.id);
          const states = new Set(found.map(({ status }) => status));
          if (states.size !== 1 || (over && !found.every(hasEnded)))
            wrong.push(found.map(({ status }) => status).join());
          over ||= found.every(hasEnded);
        };
        rental.faults = {
          beforeCommit: async (id) => {
            await look();
            await faults.beforeCommit?.(id);
          },
          afterCommit: async (id) => {
            await look();
            await faults.afterCommit?.(id);
          },
        };
        await library.clock.advance(5_000);
        await look();
        rental.archiveNow();
        await look();
        await library.clock.advance(5_000);

        expect(wrong).toEqual([]);
        expect(await library.whereabouts(body.id)).toMatchObject([{ status: 'COMPLETED' }]);
        if (library.spared > 0) return;
      }
    },
  );
});

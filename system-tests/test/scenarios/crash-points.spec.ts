import { MortalLibrary, PLACES, ROLES } from '../mortal-library';
import type { Death, Place, Role } from '../mortal-library';

// One core of a busy machine tries a few hundred lives.
jest.setTimeout(120_000);

interface Story {
  readonly title: string;
  readonly rows: string;
  /** Before anybody dies. */
  readonly before?: (library: MortalLibrary) => Promise<unknown>;
  readonly told: (library: MortalLibrary) => Promise<unknown>;
  /** How long until everything has come to its end, deaths included. */
  readonly lastsMs: number;
  readonly ends: string;
}

const STORIES: readonly Story[] = [
  { title: 'a rent', rows: 'C11', told: (library) => library.rent('jenny', 1), lastsMs: 20_000, ends: 'COMPLETED' },
  {
    title: 'a rent that the book refuses',
    rows: 'C12',
    before: (library) => library.rent('scott', 1),
    told: (library) => library.rent('jenny', 1),
    lastsMs: 20_000,
    ends: 'COMPENSATED',
  },
  {
    title: 'a return',
    rows: 'C11',
    before: (library) => library.rent('jenny', 1),
    told: (library) => library.return('jenny', 1),
    lastsMs: 20_000,
    ends: 'COMPLETED',
  },
  {
    title: 'a rent of which one never hears',
    rows: 'C13',
    before: async ({ broker }) => {
      broker.faults = {
        delivering: (group, { topic }) => (group === 'book-service' && topic === 'rental_rent' ? [] : [0]),
      };
    },
    told: (library) => library.rent('jenny', 1),
    lastsMs: 140_000,
    ends: 'COMPENSATED',
  },
];

/** The row that each death is one of, beside those of the story. */
const ROWS: Readonly<Record<Place, { readonly rental: string; readonly participant: string }>> = {
  'before a commit': { rental: 'C1 C3', participant: 'C8' },
  'after a commit': { rental: 'C2 C4', participant: 'C9' },
  'before publishing': { rental: 'C5', participant: 'C5' },
  'after publishing': { rental: 'C6', participant: 'C10' },
  'before committing an offset': { rental: 'C4', participant: 'C9' },
};

/** The participants hear of it one after the other, so that rental may also die between two of their answers. */
const HEARD_AFTER_MS: Readonly<Record<string, number>> = { 'member-service': 400, 'bestbook-service': 800 };

async function play({ before, told, lastsMs }: Story, ...deaths: readonly Death[]) {
  const library = await MortalLibrary.start();
  library.broker.faults = { delivering: (group) => [HEARD_AFTER_MS[group] ?? 0] };
  await library.registerBook();
  for (const member of ['jenny', 'scott']) await library.registerMember(member);
  await before?.(library);
  await library.clock.advance(5_000);

  library.sentence(...deaths);
  await told(library);
  await library.clock.advance(lastsMs);
  return { library, ending: await library.ending(), spared: library.spared };
}

const endings = new Map<Story, ReturnType<MortalLibrary['ending']>>();

function undisturbedEnding(story: Story) {
  let ending = endings.get(story);
  if (!ending) endings.set(story, (ending = play(story).then((played) => played.ending)));
  return ending;
}

/** The first ending that is another than the undisturbed one, of a death each time that a process gets to the place. */
async function everyDeath(story: Story, role: Role, place: Place) {
  const undisturbed = await undisturbedEnding(story);
  const expected = JSON.stringify(undisturbed);
  for (let nth = 1; ; nth++) {
    const { ending, spared } = await play(story, { role, place, nth });
    if (spared > 0) return { undisturbed, ending: undisturbed, died: nth - 1 };
    if (JSON.stringify(ending) !== expected) return { undisturbed, ending, died: nth };
  }
}

describe.each(STORIES)('$title', (story) => {
  it('comes to its end, and leaves nothing behind', async () => {
    const { ending } = await play(story);

    expect(ending.sagas.at(-1)?.status).toBe(story.ends);
    expect(ending).toMatchObject({ toldTwice: [], waiting: [], parked: [] });
  });

  const deaths = ROLES.flatMap((role) =>
    PLACES.map((place) => ({ role, place, rows: ROWS[place][role === 'rental' ? 'rental' : 'participant'] })),
  );
  it.each(deaths)(
    `ends the same when $role dies $place, and starts again [$rows ${story.rows} G19]`,
    async ({ role, place }) => {
      const { undisturbed, ending, died } = await everyDeath(story, role, place);

      expect({ died, ...ending }).toEqual({ died, ...undisturbed });
      // Whoever is not asked does not die of it.
      expect(died > 0 || role === 'book' || role === 'bestbook').toBe(true);
    },
  );
});

import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import * as fc from 'fast-check';
import { Desk } from '../desk';
import { LibraryUnderTest } from '../library-under-test';
import { ReadingRoom } from './reading-room';
import { MEMBERS, type Request } from './requests';
import { BOUNDED } from './runs';

class AtOnce implements fc.AsyncCommand<object, ReadingRoom> {
  constructor(private readonly requests: readonly Request[]) {}

  check(): boolean {
    return true;
  }

  run(_model: object, room: ReadingRoom): Promise<void> {
    return room.askAtOnce(this.requests);
  }

  toString(): string {
    return JSON.stringify(this.requests);
  }
}

const book = fc.constantFrom(0, 0, 0, 1, 1, 2);

/** What a member wants at that moment, once or, with a key, twice. */
function wishOf(member: string): fc.Arbitrary<Request> {
  const ask = fc.constantFrom('rent' as const, 'return' as const);
  return fc.oneof(
    fc.record({ ask, member: fc.constant(member), book }),
    fc.record({ ask, member: fc.constant(member), book, key: fc.constantFrom('a', 'b', 'c', 'd') }),
  );
}

/** One thing of each member, and one of the librarian, or less. */
const anyMoment: fc.Arbitrary<readonly Request[]> = fc
  .tuple(
    ...MEMBERS.map((member) => fc.option(wishOf(member), { nil: undefined })),
    fc.option(
      fc.record({ ask: fc.constantFrom('shelve' as const, 'withdraw' as const), book: fc.constantFrom(1, 2) }),
      {
        nil: undefined,
        freq: 2,
      },
    ),
  )
  .map((wishes) => wishes.filter((wish) => wish !== undefined));

describe('the library, asked by many at once,', () => {
  let library: LibraryUnderTest;

  beforeAll(async () => {
    // Nobody is given up here, however busy the machine is.
    library = await LibraryUnderTest.start({ timing: DEFAULT_TIMING });
  });
  afterAll(async () => {
    await new Desk(library).expectSound();
    await library.stop();
  });

  it('answers and shows what it would if they had come in some order [G1 G3 G13 L1 L4 L9 M2]', async () => {
    const commands = anyMoment.map((requests) => new AtOnce(requests));
    const scripts = fc.commands([commands], { maxCommands: 12, size: 'max' });

    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        const room = await ReadingRoom.open(library);
        await room.ask({ ask: 'register member', member: 'minsu' });
        await fc.asyncModelRun(() => ({ model: {}, real: room }), script);
      }),
      BOUNDED,
    );
  });
});

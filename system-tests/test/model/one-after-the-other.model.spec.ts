import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import * as fc from 'fast-check';
import { Desk } from '../desk';
import { LibraryUnderTest } from '../library-under-test';
import { KEPT_EXAMPLES } from './kept-examples';
import { ReadingRoom } from './reading-room';
import { anyHappening, type Happening } from './requests';
import { BOUNDED } from './runs';

type Command = fc.AsyncCommand<object, ReadingRoom>;

class Happens implements Command {
  constructor(private readonly happening: Happening) {}

  check(): boolean {
    return true;
  }

  async run(_model: object, room: ReadingRoom): Promise<void> {
    if (this.happening.ask === 'wait') await room.wait(this.happening.days);
    else if (this.happening.ask === 'look') await room.look();
    else await room.ask(this.happening);
  }

  toString(): string {
    return JSON.stringify(this.happening);
  }
}

describe('the library, asked one thing after the other, answers and shows what a library without sagas would', () => {
  let library: LibraryUnderTest;

  beforeAll(async () => {
    // Nobody is given up here, however busy the machine is.
    library = await LibraryUnderTest.start({ timing: DEFAULT_TIMING });
  });
  afterAll(async () => {
    await new Desk(library).expectSound();
    await library.stop();
  });

  async function expectAgreement(script: Iterable<Command>): Promise<void> {
    const room = await ReadingRoom.open(library);
    await fc.asyncModelRun(() => ({ model: {}, real: room }), script);
    await room.look();
  }

  it.each(KEPT_EXAMPLES)('in the story of $story [G13 G14 G20]', async ({ script }) => {
    await expectAgreement(script.map((happening) => new Happens(happening)));
  });

  it('whatever is asked [G1 G2 G3 G13 G14 G20]', async () => {
    const commands = anyHappening.map((happening): Command => new Happens(happening));
    const scripts = fc.commands([commands], { maxCommands: 30, size: 'max' });

    await fc.assert(fc.asyncProperty(scripts, expectAgreement), BOUNDED);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Desk } from './desk';
import { type Stage, ZONE } from './stage';
import type { Story } from './scenario';
import { StoryBrokeOff } from './story';

/** The compiled program: the same one, whether this file runs compiled or from its source. */
export const PROGRAM = join(__dirname, '..', '..', 'dist', 'main.js');

const MEMBERS = 6;
const KILLS = 2;
const ACCEPTED_BEFORE_A_KILL = 40;

export const killed: Story = {
  id: 'kill-9',
  title: 'The process is killed in the middle of its work',
  about:
    'A real process, killed without warning under load, twice. Whatever it had accepted goes on after the next start.',
  rows: ['C1', 'C2', 'O2', 'S1', 'AC-28'],
  async play(stage) {
    const load = await prepare(stage);
    await stage.stop();
    stage.scene(`${MEMBERS} members and ${MEMBERS} books. The library now runs in a process of its own.`);

    for (let kill = 1; kill <= KILLS; kill++) {
      const library = await LibraryProcess.start(stage);
      const goal = load.accepted.size + ACCEPTED_BEFORE_A_KILL;
      const working = load.members.map((member) => load.keepAsking(library.desk, member));
      await stage.until(`${goal} requests were accepted`, () => load.accepted.size >= goal);
      await library.kill();
      await Promise.all(working);
      stage.broke(
        `kill -9, after ${load.accepted.size} requests were accepted. ${load.unanswered.length} got no answer.`,
      );
    }

    const library = await LibraryProcess.start(stage);
    stage.happened('It starts again, and goes on where it was.');
    const answers = await Promise.all(load.unanswered.map((ask) => ask(library.desk)));
    stage.asked('Those who got no answer ask again, with the same keys.');
    stage.expect(
      'Each of them is answered, and none is told of a fault.',
      answers.every(({ status }) => status === 202 || status === 409),
    );
    await stage.until('nothing was in flight any more', async () => (await library.desk.inFlight()) === 0);
    await library.stop();

    await stage.start();
    const ends = await Promise.all([...load.accepted].map((id) => stage.desk.saga(id)));
    const completed = ends.filter(({ status }) => status === 'COMPLETED').length;
    const undone = ends.filter(({ status }) => status === 'COMPENSATED');
    const why = [...new Set(undone.map(({ reason }) => reason))].join(', ');
    stage.happened(
      `Of ${ends.length} accepted rents and returns, ${completed} came about. ${undone.length} ${undone.length === 1 ? 'was' : 'were'} undone${why && ` (${why})`}.`,
    );
    stage.expect('Every one that was accepted is there, and has ended.', completed + undone.length === ends.length);
    stage.expect(
      'The process died in the middle of something, else this would prove little.',
      load.unanswered.length > 0,
    );
  },
};

type Ask = (desk: Desk) => ReturnType<Desk['rent']>;

/** Members who rent and return their book as fast as they can, and remember what they were promised. */
class Load {
  readonly accepted = new Set<string>();
  readonly unanswered: Ask[] = [];
  private asked = 0;

  constructor(
    readonly members: readonly string[],
    private readonly bookOf: ReadonlyMap<string, number>,
  ) {}

  /** Rents and returns in turn, whichever is possible, until the library is gone. */
  async keepAsking(desk: Desk, member: string): Promise<void> {
    const book = this.bookOf.get(member)!;
    const rent = (at: Desk, key: string) => at.rent(member, book, { key, wait: false });
    const giveBack = (at: Desk, key: string) => at.giveBack(member, book, { key, wait: false });
    while ((await this.isAnswered(desk, rent)) && (await this.isAnswered(desk, giveBack))) await pause(5);
  }

  private async isAnswered(desk: Desk, ask: (desk: Desk, key: string) => ReturnType<Desk['rent']>): Promise<boolean> {
    const key = `request-${this.asked++}`;
    try {
      const { status, body } = await ask(desk, key);
      if (status === 202) this.accepted.add(body.id!);
      return true;
    } catch (error) {
      // What fetch throws when the other side is gone, and the parser when it is gone in the middle of its answer.
      if (!['TypeError', 'SyntaxError'].includes((error as Error).name)) throw error;
      this.unanswered.push((again) => ask(again, key));
      return false;
    }
  }
}

async function prepare({ desk }: Stage): Promise<Load> {
  const bookOf = new Map<string, number>();
  for (let at = 1; at <= MEMBERS; at++) {
    const member = `member-${at}`;
    await desk.registerMember(member, member);
    bookOf.set(member, await desk.registerBook(`Volume ${at}`));
  }
  return new Load([...bookOf.keys()], bookOf);
}

/** The real program, in a process that can be killed. */
class LibraryProcess {
  private readonly gone: Promise<unknown>;

  private constructor(
    readonly desk: Desk,
    private readonly child: ChildProcess,
  ) {
    this.gone = once(child, 'exit');
  }

  static async start(stage: Stage): Promise<LibraryProcess> {
    if (!existsSync(PROGRAM)) throw new StoryBrokeOff('The program is not compiled yet: run `npm run build` first.');

    const child = spawn(process.execPath, [PROGRAM], {
      env: { DATA_DIR: stage.folder, HTTP_PORT: '0', LIBRARY_ZONE: ZONE, LOG_LEVEL: 'silent' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let origin = '';
    const library = new LibraryProcess(new Desk(() => origin), child);
    stage.endAfterwards(() => library.kill());
    origin = await originOf(child);
    return library;
  }

  kill(): Promise<unknown> {
    this.child.kill('SIGKILL');
    return this.gone;
  }

  stop(): Promise<unknown> {
    this.child.kill('SIGTERM');
    return this.gone;
  }
}

/** What it says when it is open. Throws StoryBrokeOff with what it complained of when it ends instead. */
function originOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    let complained = '';
    child.stderr!.on('data', (text: Buffer) => (complained += text.toString()));
    child.stdout!.on('data', (text: Buffer) => {
      said += text.toString();
      const [, origin] = /open at (http:\S+)/.exec(said) ?? [];
      if (origin !== undefined) resolve(origin);
    });
    child.once('exit', () => reject(new StoryBrokeOff(`The library did not start: ${complained}`)));
  });
}

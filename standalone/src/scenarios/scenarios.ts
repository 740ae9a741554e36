import type { VerifyReport } from '../verify/report';
import { hundredForOne } from './contention';
import { killed } from './crash';
import { lateReturn, tooFewPoints } from './lateness';
import { anotherHasIt, closedMember, rentAndReturn, sixthBook, unknownBook } from './lending';
import { cancelOvertakes, outOfOrder } from './order';
import { logOutOfReach } from './outage';
import { poison, released } from './parking';
import { recount, restore } from './recovery';
import { doubleClick, everythingThrice, replay } from './repetition';
import { lostResult, silentBook, stubbornUndo } from './silence';
import { HURRIED, Stage } from './stage';
import type { Story } from './scenario';
import type { Tell } from './story';

const STORIES: readonly Story[] = [
  rentAndReturn,
  sixthBook,
  anotherHasIt,
  unknownBook,
  closedMember,
  hundredForOne,
  doubleClick,
  silentBook,
  lostResult,
  stubbornUndo,
  cancelOvertakes,
  outOfOrder,
  everythingThrice,
  replay,
  poison,
  released,
  logOutOfReach,
  killed,
  lateReturn,
  tooFewPoints,
  recount,
  restore,
];

/** The failures that can be watched. */
export const SCENARIOS: readonly Pick<Story, 'id' | 'title' | 'about' | 'rows'>[] = STORIES.map(
  ({ id, title, about, rows }) => ({
    id,
    title,
    about,
    rows,
  }),
);

export interface Played {
  /** All came as it should, and every invariant holds. */
  readonly ok: boolean;
  readonly report: VerifyReport;
}

/** Plays one of them on a library of its own, which is removed afterwards. Throws a RangeError when there is none of this id. */
export async function playScenario(id: string, tell: Tell): Promise<Played> {
  const story = STORIES.find((one) => one.id === id);
  if (!story) throw new RangeError(`There is no scenario "${id}".`);
  return playStory(story, tell);
}

export async function playStory(story: Story, tell: Tell): Promise<Played> {
  const stage = story.isHurried ? new Stage(tell, HURRIED) : new Stage(tell);
  try {
    stage.scene(
      `A library of its own opens, in a folder that is thrown away afterwards.${story.isHurried ? ' What takes two minutes elsewhere takes three seconds here.' : ''}`,
    );
    await stage.start();
    await play(story, stage);
    const report = await stage.verifyAtRest();
    stage.expect(whatItSays(report), report.ok && report.quiescent);
    for (const note of report.notes) stage.happened(note);
    return { ok: stage.ok, report };
  } finally {
    await stage.throwAway();
  }
}

async function play(story: Story, stage: Stage): Promise<void> {
  try {
    await story.play(stage);
    await stage.quiet();
  } catch (error) {
    stage.expect(`The story broke off: ${reasonsOf(error).join(': ')}`, false);
  }
}

function whatItSays({ ok, quiescent, checks }: VerifyReport): string {
  const looked = checks.reduce((sum, check) => sum + check.looked, 0);
  const broken = checks.flatMap(({ id, offenders }) => offenders.map((sentence) => `${id}: ${sentence}`));
  if (!ok) return `Invariants are broken. ${broken.join(' ')}`;
  return quiescent
    ? `In the end all ${checks.length} invariants hold; ${looked} things were looked at.`
    : 'The invariants hold, and something is still in flight.';
}

/** What an error says, and what those say that caused it. */
function reasonsOf(error: unknown): readonly string[] {
  const { message, cause } = error as Error;
  return [message, ...(cause === undefined ? [] : reasonsOf(cause))];
}

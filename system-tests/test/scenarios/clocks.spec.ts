import { setTimeout as pause } from 'node:timers/promises';
import { UnrulyLog } from '@library/standalone/scenarios/unruly-log';
import { Desk } from '../desk';
import { LibraryUnderTest } from '../library-under-test';
import { eventually } from '../over-http';
import type { Answer } from '../over-http';

const DAY_MS = 86_400_000;
/** Rental looks for what is due a little more often. */
const LOOKS_EVERY_MS = 1_100;
const A_WHILE = 20_000;
const NOBODY_WAITS = {};

describe('clocks', () => {
  let library: LibraryUnderTest;
  let desk: Desk;
  let log: UnrulyLog;

  beforeEach(async () => {
    library = await LibraryUnderTest.start({ between: (plain) => (log = new UnrulyLog(plain)) });
    desk = new Desk(library);
    await desk.registerBooks(4);
    await desk.registerMembers('jenny', 'scott');
  });
  afterEach(async () => {
    log.hangUp();
    await library.stop();
  });

  const unended = async () =>
    (await desk.sagas()).filter(({ status }) => status !== 'COMPLETED' && status !== 'COMPENSATED');

  it('that jump a day, forward and back, strand no saga, and lend no book twice [G22 K2 K3]', async () => {
    const begun: string[] = [];
    for (const days of [1, -1, -1, 1]) {
      const answers: Answer[] = [];
      // Whatever this one misses is said again when it is due, by the clock of before.
      const losses = log.add({ to: 'member-service', becomes: 'lost', first: 3 });
      for (const no of [1, 2, 3, 4]) {
        answers.push(await desk.rent('jenny', no, NOBODY_WAITS));
        answers.push(await desk.rent('scott', no, NOBODY_WAITS));
      }
      library.clock.shiftBy(days * DAY_MS);
      for (const no of [1, 2, 3]) answers.push(await desk.return('jenny', no, NOBODY_WAITS));
      await pause(LOOKS_EVERY_MS);

      await eventually(() => expect(losses.met).toBeGreaterThan(0));
      begun.push(...answers.flatMap(({ status, body }) => (status === 202 ? [body.id] : [])));
    }
    log.behave();

    await eventually(async () => expect(await unended()).toEqual([]), A_WHILE);
    await log.calm();
    const completed = (await desk.sagas('&status=COMPLETED')).map(({ id }) => id);
    // Which of them end well depends on whose messages were lost; that some do is what makes the rest worth asking.
    expect(begun.filter((id) => completed.includes(id))).not.toEqual([]);
    const lent = await Promise.all(['jenny', 'scott'].map(async (member) => (await desk.card(member)).items));
    const numbers = lent.flat().map(({ no }: { no: number }) => no);
    expect(numbers.toSorted((one: number, other: number) => one - other)).toEqual(
      [1, 2, 3, 4].filter((no) => numbers.includes(no)),
    );
    await desk.expectSound();
  });
});

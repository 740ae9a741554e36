import { bookNo } from '@library/shared-kernel/domain/identifiers';
import type { CurrentGeneration, Generation } from '../../src/application/ports';
import { Ranking } from '../../src/application/ranking';

/** What happened, in its order. */
let story: string[];
/** What each generation has not counted yet; one that is not named has caught up. */
let behind: Map<number, number>;
let chosenNumber: number;
let begunNumber: number;
let failure: string | undefined;
let asleep: (() => void)[];
/** Old rents are not in the log any more. */
let deleted: boolean;
let failures: unknown[];
/** Was begun before, by what nobody remembers. */
let forgotten: number | undefined;
/** Begun when old rents are just being deleted. */
let tooLate: number | undefined;

beforeEach(() => {
  failures = [];
  story = [];
  behind = new Map();
  chosenNumber = 1;
  begunNumber = 1;
  failure = undefined;
  asleep = [];
  deleted = false;
  forgotten = undefined;
  tooLate = undefined;
});

function may(act: string): void {
  story.push(act);
  if (failure === act) throw new Error(`Could not: ${act}.`);
}

const generationOf = (number: number): Generation => ({
  number,
  counts: {
    mostRented: async () => [{ item: { no: bookNo(number), title: `of generation ${number}` }, rentCount: 1 }],
  },
  start: async () => {
    may(`${number} starts`);
    return async () => may(`${number} stops`);
  },
  answer: () => may(`${number} answers`),
  behind: async () => {
    if (failure === `${number} is asked`) throw new Error(`Could not: ${failure}.`);
    return behind.get(number) ?? 0;
  },
  discard: async () => may(`${number} is discarded`),
  isNew: async () => {
    deleted ||= number === tooLate;
    return number !== forgotten && !deleted;
  },
  hasWholePast: async () => !deleted,
});

const chosen: CurrentGeneration = {
  read: async () => chosenNumber,
  choose: async (number) => {
    may(`${number} is chosen`);
    chosenNumber = number;
  },
  begin: async () => (begunNumber = Math.max(begunNumber, chosenNumber) + 1),
};

const storedAndLost = async (number: number) => {
  await chosen.choose(number);
  throw new Error('The answer was lost.');
};

const clock = {
  now: () => 0,
  after: (_ms: number, wake: () => void) => {
    asleep.push(wake);
    return () => {
      asleep = asleep.filter((sleeper) => sleeper !== wake);
    };
  },
};

const failed = (error: unknown) => void failures.push(error);

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Lets whoever waits look again. */
async function lookAgain() {
  await settled();
  for (const wake of asleep.splice(0)) wake();
  await settled();
}

async function started() {
  const ranking = new Ranking(generationOf, chosen, clock, failed);
  const stop = await ranking.start();
  story = [];
  return { ranking, stop };
}

const read = async (ranking: Ranking) => (await ranking.mostRented(1))[0]?.item.title;

describe('starting', () => {
  it('answers with the generation that was chosen last', async () => {
    chosenNumber = 7;
    const ranking = new Ranking(generationOf, chosen, clock, failed);
    expect(ranking.started).toBe(false);

    const stop = await ranking.start();

    expect(ranking.started).toBe(true);
    expect(await read(ranking)).toBe('of generation 7');
    await stop();
    expect(story).toStrictEqual(['7 answers', '7 starts', '7 stops']);
  });

  it('discards what a process before has left of the generation before', async () => {
    chosenNumber = 7;
    await started();

    await lookAgain();

    expect(story).toStrictEqual(['6 is discarded']);
  });

  it('comes before anything can be read', () => {
    expect(() => new Ranking(generationOf, chosen, clock, failed).mostRented(1)).toThrow('has not been started');
  });
});

describe('a rebuild', () => {
  it('takes over when it has caught up, and then discards what it replaces', async () => {
    const { ranking } = await started();

    expect(await ranking.rebuild()).toBe(2);
    expect(story).toStrictEqual(['2 starts', '2 is chosen', '2 answers', '1 stops']);
    await lookAgain();

    expect(story.at(-1)).toBe('1 is discarded');
    expect(await read(ranking)).toBe('of generation 2');
    expect(ranking.running.number).toBe(2);
  });

  it('leaves the old generation at work until it has caught up', async () => {
    const { ranking } = await started();
    behind.set(2, 1_000);

    const rebuilt = ranking.rebuild();
    await lookAgain();
    await lookAgain();
    expect(story).toStrictEqual(['2 starts']);
    expect(await read(ranking)).toBe('of generation 1');

    behind.set(2, 0);
    await lookAgain();
    expect(await rebuilt).toBe(2);
    expect(await read(ranking)).toBe('of generation 2');
  });

  it('runs once, however often it is asked for meanwhile', async () => {
    const { ranking } = await started();
    behind.set(2, 1);

    const rebuilt = [ranking.rebuild(), ranking.rebuild()];
    await lookAgain();
    rebuilt.push(ranking.rebuild());
    behind.set(2, 0);
    await lookAgain();

    expect(await Promise.all(rebuilt)).toStrictEqual([2, 2, 2]);
    expect(story.filter((act) => act.endsWith('starts'))).toStrictEqual(['2 starts']);
  });

  it('can follow another', async () => {
    const { ranking, stop } = await started();
    await ranking.rebuild();

    expect(await ranking.rebuild()).toBe(3);
    await lookAgain();

    await stop();
    expect(story.slice(-4)).toStrictEqual(['2 stops', '1 is discarded', '2 is discarded', '3 stops']);
    expect(chosenNumber).toBe(3);
  });

  it('that fails before it is chosen leaves the old generation at work', async () => {
    const { ranking, stop } = await started();
    failure = '2 is asked';

    await expect(ranking.rebuild()).rejects.toThrow(failure);

    expect(story).not.toContain('2 answers');
    expect(story.slice(-2)).toStrictEqual(['2 stops', '2 is discarded']);
    expect(await read(ranking)).toBe('of generation 1');
    expect(chosenNumber).toBe(1);
    await stop();
    expect(story.at(-1)).toBe('1 stops');
  });

  it('that cannot be chosen leaves the old generation at work, and the new one to the next rebuild', async () => {
    const { ranking } = await started();
    failure = '2 is chosen';

    await expect(ranking.rebuild()).rejects.toThrow(failure);
    expect(story.at(-1)).toBe('2 stops');
    expect(await read(ranking)).toBe('of generation 1');

    await ranking.rebuild();
    await lookAgain();
    expect(story.slice(-2)).toStrictEqual(['1 is discarded', '2 is discarded']);
  });

  it('whose choice was stored though its answer was lost is followed, and keeps what it has counted', async () => {
    const opened: number[] = [];
    const open = (number: number) => {
      opened.push(number);
      return generationOf(number);
    };
    const ranking = new Ranking(open, { ...chosen, choose: storedAndLost }, clock, failed);
    await ranking.start();
    await expect(ranking.rebuild()).rejects.toThrow('The answer was lost.');
    await lookAgain();

    expect(await read(ranking)).toBe('of generation 2');
    expect(story).not.toContain('2 is discarded');
    expect(opened).toStrictEqual([1, 2]);
  });

  it('can be asked for again when it has failed, and is another generation then', async () => {
    const { ranking } = await started();
    failure = '2 is chosen';
    await expect(ranking.rebuild()).rejects.toThrow(failure);

    expect(await ranking.rebuild()).toBe(3);

    expect(await read(ranking)).toBe('of generation 3');
  });

  it('is another generation than one that a process before has begun, and discards that one', async () => {
    begunNumber = 2;
    const { ranking } = await started();

    expect(await ranking.rebuild()).toBe(3);
    await lookAgain();

    expect(story.slice(-2)).toStrictEqual(['1 is discarded', '2 is discarded']);
  });

  it('begins none under a number that was begun before the store came back from a backup [I14]', async () => {
    const { ranking } = await started();
    forgotten = 2;

    expect(await ranking.rebuild()).toBe(3);
    await lookAgain();

    expect(story).not.toContain('2 starts');
    expect(story.slice(-2)).toStrictEqual(['1 is discarded', '2 is discarded']);
  });

  it('discards one that has failed once', async () => {
    const { ranking } = await started();
    failure = '2 is asked';
    await expect(ranking.rebuild()).rejects.toThrow(failure);
    await ranking.rebuild();
    await lookAgain();

    expect(story.filter((act) => act.endsWith('discarded'))).toStrictEqual(['2 is discarded', '1 is discarded']);
  });

  it('leaves one that has failed, and could not be discarded, to the next rebuild', async () => {
    const lost = new Error('The broker is away.');
    const open = (number: number) =>
      number === 2 ? { ...generationOf(2), behind: () => Promise.reject(lost) } : generationOf(number);
    const ranking = new Ranking(open, chosen, clock, failed);
    await ranking.start();
    failure = '2 is discarded';
    await expect(ranking.rebuild()).rejects.toBe(lost);
    failure = undefined;

    await ranking.rebuild();
    await lookAgain();

    expect(story.slice(-2)).toStrictEqual(['1 is discarded', '2 is discarded']);
  });

  it('reports what it could not discard of one that has failed', async () => {
    const { ranking, stop } = await started();
    behind.set(2, 1);
    failure = '2 is discarded';
    const broken = ranking.rebuild().catch(String);
    await settled();
    const stopped = stop();
    await lookAgain();

    expect(await broken).toContain('broken off');
    await stopped;
    expect(failures).toHaveLength(1);
  });

  it('does not begin before the ranking is started', async () => {
    await expect(new Ranking(generationOf, chosen, clock, failed).rebuild()).rejects.toThrow('has not been started');
  });
});

describe('a rebuild for which old rents are missing', () => {
  it('is not begun', async () => {
    const { ranking } = await started();
    deleted = true;

    expect(await ranking.rebuild()).toBeUndefined();

    expect(story).toStrictEqual([]);
    expect(await read(ranking)).toBe('of generation 1');
  });

  it('breaks off when they are deleted meanwhile', async () => {
    const { ranking } = await started();
    behind.set(2, 1);
    const broken = ranking.rebuild().catch(String);
    await settled();

    deleted = true;
    behind.set(2, 0);
    await lookAgain();

    expect(await broken).toContain('old messages were deleted');
    expect(story).toStrictEqual(['2 starts', '2 stops', '2 is discarded']);
    expect(await read(ranking)).toBe('of generation 1');
  });

  it('breaks off when they are deleted as it begins, and does not look for a new number for ever', async () => {
    const { ranking } = await started();
    tooLate = 2;

    await expect(ranking.rebuild()).rejects.toThrow('old messages were deleted');
    expect(story).toStrictEqual(['2 starts', '2 stops', '2 is discarded']);
  });
});

describe('a rebuild by another instance', () => {
  it('is followed, and discarded by whoever has rebuilt', async () => {
    const { ranking, stop } = await started();
    chosenNumber = 2;

    await lookAgain();

    expect(story).toStrictEqual(['2 starts', '2 answers', '1 stops']);
    expect(await read(ranking)).toBe('of generation 2');
    await stop();
    expect(story.slice(3)).toStrictEqual(['2 stops']);
  });

  it('is followed at the next look when it cannot be followed at once', async () => {
    const { ranking } = await started();
    chosenNumber = 2;
    failure = '2 starts';
    await lookAgain();
    expect(await read(ranking)).toBe('of generation 1');
    expect(failures).toHaveLength(1);

    failure = undefined;
    await lookAgain();

    expect(await read(ranking)).toBe('of generation 2');
  });

  it('that nobody has followed yet is not built on', async () => {
    const { ranking } = await started();
    chosenNumber = 2;

    expect(await ranking.rebuild()).toBe(3);
    await lookAgain();

    expect(await read(ranking)).toBe('of generation 3');
    expect(story.slice(-2)).toStrictEqual(['1 is discarded', '2 is discarded']);
  });

  it('that is newer is not taken back by one that was slower', async () => {
    const { ranking } = await started();
    behind.set(2, 1);
    const slower = ranking.rebuild().catch(String);
    await settled();
    chosenNumber = 3;
    behind.set(2, 0);
    await lookAgain();

    expect(await slower).toContain('another one has taken over');
    expect(chosenNumber).toBe(3);
    await lookAgain();
    expect(await read(ranking)).toBe('of generation 3');
  });

  it('is waited for when it is just being followed', async () => {
    const { ranking } = await started();
    chosenNumber = 2;
    await settled();
    for (const wake of asleep.splice(0)) wake();
    const rebuilt = ranking.rebuild();
    await lookAgain();

    expect(await rebuilt).toBe(3);
    expect(story.filter((act) => act.endsWith('stops'))).toStrictEqual(expect.arrayContaining(['1 stops']));
    expect(await read(ranking)).toBe('of generation 3');
  });
});

describe('stopping', () => {
  it('leaves what is replaced to the next start, when it is not discarded yet', async () => {
    const { ranking, stop } = await started();
    await ranking.rebuild();

    await stop();
    await lookAgain();

    expect(story.at(-1)).toBe('2 stops');
  });

  it('breaks off a rebuild, and chooses nothing', async () => {
    const { ranking, stop } = await started();
    behind.set(2, 1);
    const broken = ranking.rebuild().catch(String);
    await settled();

    const stopped = stop();
    await lookAgain();

    expect(await broken).toContain('broken off');
    await stopped;
    expect(story).toStrictEqual(['2 starts', '2 stops', '2 is discarded', '1 stops']);
    expect(chosenNumber).toBe(1);
  });

  it('breaks it off though it has caught up meanwhile', async () => {
    const { ranking, stop } = await started();
    behind.set(2, 1);
    const broken = ranking.rebuild().catch(String);
    await settled();

    const stopped = stop();
    behind.set(2, 0);
    await lookAgain();

    expect(await broken).toContain('broken off');
    await stopped;
    expect(story).not.toContain('2 is chosen');
  });
});

import { Journal } from '../../src/embedded/journal';
import { failNextSync } from './failing-disk';
import { CountingClock, Logs, publication, textOf, until, type OpenLog } from './logs';

jest.setTimeout(30_000);

describe('a process that dies of a message at every start', () => {
  let logs: Logs;
  let open: OpenLog;
  let buried: (() => void)[];

  beforeEach(async () => {
    logs = new Logs();
    open = logs.open({ crashLoopStarts: 3 });
    buried = [];
    await open.log.createTopics(['rental_rent']);
  });

  afterEach(async () => {
    for (const release of buried) release();
    await logs.remove();
  });

  const publish = async (...texts: string[]) =>
    open.log.publish(texts.map((text) => publication('rental_rent', text, { headers: { ce_id: text } })));

  const consuming = { group: 'book', topics: ['rental_rent'], from: 'earliest', batchSize: 10 } as const;

  /** A start at which the handler dies of this text; answers what was handled before, and leaves the next start to come. */
  async function startAndDieOf(text: string): Promise<string[]> {
    const handled: string[] = [];
    let died = false;
    await open.log.consume(consuming, async (batch) => {
      for (const message of batch) {
        if (textOf(message) === text) {
          died = true;
          await new Promise<void>((resolve) => buried.push(resolve));
        }
        handled.push(textOf(message));
      }
    });
    await until(`it dies of ${text}`, () => died);
    open = logs.open({ crashLoopStarts: 3 }, logs.crashCopy(open));
    return [...handled];
  }

  /** A start at which nothing is wrong; answers what was handled. */
  async function startInHealth(last: string): Promise<string[]> {
    const handled: string[] = [];
    await open.log.consume(consuming, async (batch) => {
      handled.push(...batch.map(textOf));
    });
    await until(`${last} is handled`, () => handled.includes(last));
    return handled;
  }

  it('sets the message aside after so many starts, hands it out no more, and goes on [C21]', async () => {
    await publish('a', 'poison', 'b', 'c');

    expect(await startAndDieOf('poison')).toEqual(['a']);
    expect(await startAndDieOf('poison')).toEqual([]);
    expect(await startAndDieOf('poison')).toEqual([]);
    expect(await startInHealth('c')).toEqual(['b', 'c']);
    expect(await open.parking.list({ limit: 10 })).toMatchObject([
      { group: 'book', reason: 'crash-loop', count: 1, message: { offset: 1, headers: { ce_id: 'poison' } } },
    ]);
  });

  it('hands it out again as long as there were fewer starts [C21]', async () => {
    await publish('poison', 'b');
    await startAndDieOf('poison');
    await startAndDieOf('poison');

    expect(await startInHealth('b')).toEqual(['poison', 'b']);
    expect(await open.parking.list({ limit: 10 })).toEqual([]);
  });

  it('does not blame a message that was handled before the one of which it dies', async () => {
    await publish('a', 'b', 'poison');
    for (let start = 0; start < 3; start++) await startAndDieOf('poison');
    await publish('c');
    await startInHealth('c');

    expect((await open.parking.list({ limit: 10 })).map(({ message }) => textOf(message))).toEqual(['poison']);
  });

  it('finds two such messages one after the other', async () => {
    await publish('first', 'second', 'c');
    for (let start = 0; start < 3; start++) await startAndDieOf('first');
    for (let start = 0; start < 3; start++) await startAndDieOf('second');

    expect(await startInHealth('c')).toEqual(['c']);
    expect(await open.parking.list({ limit: 10 })).toHaveLength(2);
  });

  it('finds one that comes later than the first batch, one start later', async () => {
    await publish(...Array.from({ length: 25 }, (_, n) => (n === 17 ? 'poison' : `${n}`)));
    for (let start = 0; start < 4; start++) await startAndDieOf('poison');

    expect(await startInHealth('24')).toEqual(['18', '19', '20', '21', '22', '23', '24']);
    expect(await open.parking.list({ limit: 10 })).toMatchObject([{ message: { headers: { ce_id: 'poison' } } }]);
  });

  it('does not count starts at which the handler failed and the process lived on [C21]', async () => {
    await publish('hard', 'b');
    for (let start = 0; start < 4; start++) {
      let failed = false;
      await open.log.consume(consuming, () => {
        failed = true;
        return Promise.reject(new Error('The store cannot be reached.'));
      });
      await until('it has failed', () => failed);
      await open.log.close();
      open = logs.open({ crashLoopStarts: 3 }, open.path);
    }

    expect(await startInHealth('b')).toEqual(['hard', 'b']);
  });

  it('drops nothing when setting aside fails: it is tried again, and what follows waits [C21 G7p]', async () => {
    await publish('poison', 'b');
    for (let start = 0; start < 3; start++) await startAndDieOf('poison');
    await open.log.close();
    let attempts = 0;
    const asideAt: number[] = [];
    open = logs.open(
      {
        crashLoopStarts: 3,
        onCrashLoop: async (group, { offset }) => {
          if (attempts++ === 0) throw new Error('The disk is full.');
          asideAt.push(offset);
          expect(group).toBe('book');
        },
      },
      open.path,
    );

    expect(await startInHealth('b')).toEqual(['b']);
    expect(asideAt).toEqual([0]);
    expect(logs.failures).toHaveLength(1);
  });

  it('hands out singly only the first batch of what lay there at the start', async () => {
    await publish(...Array.from({ length: 30 }, (_, n) => `${n}`));
    const sizes: number[] = [];
    await open.log.consume(consuming, async (batch) => {
      sizes.push(batch.length);
    });
    await until('all are handled', () => sizes.reduce((sum, size) => sum + size, 0) === 30);

    expect(sizes).toEqual([...Array.from({ length: 10 }, () => 1), 10, 10]);
  });

  it('costs nothing when nothing lay there at the start', async () => {
    const clock = new CountingClock();
    await open.log.close();
    open = logs.open({ clock }, open.path);
    const sizes: number[] = [];
    await open.log.consume(consuming, async (batch) => {
      sizes.push(batch.length);
    });
    const appends = jest.spyOn(Journal.prototype, 'append');
    await publish('a', 'b', 'c');
    await until('all are handled', () => sizes.length > 0);

    expect(sizes).toEqual([3]);
    // The messages, and no try.
    expect(appends).toHaveBeenCalledTimes(1);
    appends.mockRestore();
  });

  it('hands nothing out when it cannot be durable that it is tried', async () => {
    await publish('a');
    await open.log.store.file.settled();
    const handled: string[] = [];
    failNextSync();
    await open.log.consume(consuming, async (batch) => {
      handled.push(...batch.map(textOf));
    });
    await until('it could not be told', () => logs.failures.length > 1);

    expect(logs.failures).toEqual(
      logs.failures.map(() => expect.objectContaining({ code: 'storage-failed' }) as unknown),
    );
    expect(handled).toEqual([]);
    jest.restoreAllMocks();
  });

  it('blames nobody who was tried before the message that all starts die of, though they shared the first batch', async () => {
    await publish('a', 'poison', 'b');
    for (let start = 0; start < 3; start++) await startAndDieOf('poison');
    expect(await startInHealth('b')).toEqual(['b']);
    // What is known of the tries is in the file again, for the next start.
    await open.log.close();
    open = logs.open({ crashLoopStarts: 3 }, open.path);
    await publish('c');

    expect(await startInHealth('c')).toEqual(['c']);
    expect((await open.parking.list({ limit: 10 })).map(({ message }) => textOf(message))).toEqual(['poison']);
  });
});

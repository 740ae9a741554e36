import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GroupCommit } from '../../src/embedded/group-commit';
import type { Stage, Work } from '../../src/embedded/group-commit';
import { SqlFile } from '../../src/embedded/sql-file';
import { storageFault } from '../../src/embedded/storage-fault';
import { WideStatement } from '../../src/embedded/wide-statement';
import { dataFolder, killedCopyOf, removeDataFolders } from './data-folder';
import { Gate, until } from './logs';

/** Lets promises that are settled tell it. */
const settled = async (promise: Promise<unknown>) => {
  let told = false;
  const tell = () => {
    told = true;
  };
  promise.then(tell, tell);
  await new Promise(setImmediate);
  return told;
};

const numbered = (count: number, of = 'line') => Array.from({ length: count }, (_, index) => `${of} ${index}`);

describe('A group commit', () => {
  let file: SqlFile;
  let turns: (() => void)[];
  let commits: GroupCommit;

  beforeEach(() => {
    file = SqlFile.open(join(dataFolder(), 'lines.db'), ['CREATE TABLE lines (text TEXT NOT NULL UNIQUE)']);
    turns = [];
    commits = new GroupCommit(file, (turn) => turns.push(turn));
  });

  afterEach(() => {
    jest.restoreAllMocks();
    file.close();
  });
  afterAll(removeDataFolders);

  const lines = () =>
    file
      .statement<{ text: string }>('SELECT text FROM lines ORDER BY rowid')
      .all()
      .map(({ text }) => text);
  const insert = (text: string) => file.statement('INSERT INTO lines VALUES (?)').run(text);
  const writing = (text: string): Work<string> => ({
    run: () => {
      insert(text);
      return text;
    },
  });
  const turn = () => turns.shift()?.();
  const failCommit = (code: string) => {
    const fault = storageFault({ code }, file.path);
    if (!fault) throw new Error(code);
    jest.spyOn(file, 'commit').mockImplementationOnce(async () => {
      file.rollBack();
      throw fault;
    });
    return fault;
  };
  /** Many rows, which the driver's own thread writes. */
  const writingAll = (texts: readonly string[]): Work<void> => ({
    run: () =>
      new WideStatement(file, 1, (rows) => `INSERT INTO lines VALUES ${rows}`).run(texts.map((text) => [text])),
  });
  /** Has the file grow by no more than this many pages. */
  const roomFor = (pages: number) => {
    const [row] = file.statement<{ page_count: number }>('PRAGMA page_count').all();
    file.statement(`PRAGMA max_page_count = ${(row?.page_count ?? 0) + pages}`).all();
  };
  const nextTurn = async () => {
    await until('there is something to commit', () => turns.length > 0);
    turn();
  };
  const failCheckpoint = (code: string) =>
    jest.spyOn(file, 'checkpoint').mockImplementationOnce(async () => {
      throw storageFault({ code }, file.path)!;
    });
  const writeMuch = async () => {
    const answer = commits.submit(writing('x'.repeat(5 * 1024 * 1024)));
    turn();
    await answer;
  };

  it('gathers what one turn submits into one transaction, in order', async () => {
    const answers = [
      commits.submit(writing('a')),
      commits.submit(writing('b')),
      commits.submit({ run: () => lines() }),
    ];
    expect(turns).toHaveLength(1);
    expect(lines()).toEqual([]);

    turn();
    expect(await Promise.all(answers)).toEqual(['a', 'b', ['a', 'b']]);
    expect(commits.counters).toMatchObject({ commits: 1, changes: 3 });
    expect(commits.counters.commitMs).toBeGreaterThan(0);
  });

  it('answers nobody before the commit is done [S4]', async () => {
    const order: string[] = [];
    const commit = file.commit.bind(file);
    jest.spyOn(file, 'commit').mockImplementation(async () => {
      await commit();
      // Whatever is answered too early is answered by now.
      await new Promise(setImmediate);
      order.push('committed');
    });
    const answer = commits.submit(writing('a')).then(() => order.push('answered'));
    expect(await settled(answer)).toBe(false);

    turn();
    await answer;
    expect(order).toEqual(['committed', 'answered']);
  });

  it('rejects only the work that throws', async () => {
    const error = new Error('no');
    const answers = Promise.allSettled([
      commits.submit(writing('a')),
      commits.submit({
        run: () => {
          throw error;
        },
      }),
      commits.submit(writing('b')),
    ]);
    turn();

    expect(await answers).toMatchObject([{ value: 'a' }, { reason: error }, { value: 'b' }]);
    expect(lines()).toEqual(['a', 'b']);
    expect(commits.counters.commits).toBe(1);
  });

  it('undoes what a work has written before it threw, and keeps the others', async () => {
    const answers = Promise.allSettled([
      commits.submit(writing('a')),
      commits.submit({
        run: () => {
          insert('half');
          throw new Error('no');
        },
      }),
      commits.submit(writing('a')),
      commits.submit(writing('b')),
    ]);
    turn();

    expect(await answers).toMatchObject([
      { value: 'a' },
      { reason: { message: 'no' } },
      { reason: { code: 'SQLITE_CONSTRAINT_UNIQUE' } },
      { value: 'b' },
    ]);
    expect(lines()).toEqual(['a', 'b']);
  });

  it('commits nothing where nothing was written', async () => {
    const answer = commits.submit({ run: () => 1 });
    turn();

    expect(await answer).toBe(1);
    expect(commits.counters).toEqual({ commits: 0, changes: 1, commitMs: 0 });
  });

  it('takes a limited number of works at a time, in order', async () => {
    const answers = Array.from({ length: 1_200 }, (_, index) => commits.submit(writing(`line ${index}`)));
    turn();
    await answers[499];
    expect(await settled(answers[500]!)).toBe(false);

    await nextTurn();
    await answers[999];
    expect(await settled(answers[1_000]!)).toBe(false);
    await nextTurn();
    await Promise.all(answers);
    expect(commits.counters.commits).toBe(3);
    expect(lines()).toEqual(answers.map((_, index) => `line ${index}`));
  });

  describe('while a commit is under way', () => {
    const reading: Work<string[]> = { run: () => lines() };

    it('gathers what is submitted into the next transaction, in order, which sees what the first left', async () => {
      const first = commits.submit(writing('a'));
      turn();
      const next = [commits.submit(reading), commits.submit(writing('b')), commits.submit(writing('c'))];
      const last = commits.submit(reading);
      expect(turns).toHaveLength(0);

      await first;
      await nextTurn();
      expect(await Promise.all(next)).toEqual([['a'], 'b', 'c']);
      expect(await last).toEqual(['a', 'b', 'c']);
      expect(commits.counters).toMatchObject({ commits: 2, changes: 5 });
    });

    it('begins no other transaction, whatever has been scheduled', async () => {
      const held = new Gate();
      const commit = file.commit.bind(file);
      jest.spyOn(file, 'commit').mockImplementationOnce(async () => {
        await held.opened;
        return commit();
      });
      const begin = jest.spyOn(file, 'begin');
      const answers = [commits.submit(writing('a'))];
      turn();
      answers.push(commits.submit(writing('b')));
      await new Promise(setImmediate);
      expect([turns.length, begin.mock.calls.length]).toEqual([0, 1]);

      held.open();
      await answers[0];
      await nextTurn();
      expect(await Promise.all(answers)).toEqual(['a', 'b']);
    });

    it('has whoever reads wait, and see what is durable by then [S4]', async () => {
      const all = numbered(2_000);
      const answer = commits.submit(writingAll(all));
      turn();

      expect(lines()).toEqual(all);
      const copy = SqlFile.open(join(killedCopyOf(dirname(file.path)), 'lines.db'), ['']);
      expect(copy.statement('SELECT count(*) AS count FROM lines').all()).toEqual([{ count: 2_000 }]);
      copy.close();
      await answer;
    });

    it('shows nobody what the commit then fails to store', async () => {
      roomFor(1);
      const answers = Promise.allSettled([
        commits.submit(writing('a')),
        commits.submit(writingAll(numbered(10, 'x'.repeat(5_000)))),
      ]);
      turn();

      expect(lines()).toEqual([]);
      expect(await answers).toMatchObject([{ reason: { code: 'disk-full' } }, { reason: { code: 'disk-full' } }]);
    });
  });

  describe('with a stage', () => {
    let staged: string[];
    let calls: string[];
    let stage: Stage;

    beforeEach(() => {
      staged = [];
      calls = [];
      stage = {
        write: () => {
          calls.push(`write ${staged.join()}`);
          for (const text of staged) insert(text);
        },
        stored: () => {
          calls.push('stored');
          staged = [];
        },
        undone: () => {
          calls.push('undone');
          staged = [];
        },
      };
    });

    const staging = (text: string): Work<string> => ({
      prepare: () => calls.push(`prepare ${text}`),
      run: (transaction) => {
        transaction.join(stage);
        staged.push(text);
        return text;
      },
    });

    it('writes once, when all works have run, and tells when it is durable', async () => {
      const answers = Promise.all([commits.submit(staging('a')), commits.submit(staging('b'))]);
      turn();

      await answers;
      expect(calls).toEqual(['prepare a', 'prepare b', 'write a,b', 'stored']);
      expect(lines()).toEqual(['a', 'b']);
    });

    it('rejects only the work whose share cannot be written', async () => {
      const answers = Promise.allSettled([
        commits.submit(staging('a')),
        commits.submit(staging('nul \0')),
        commits.submit(staging('b')),
      ]);
      turn();

      expect(await answers).toMatchObject([{ value: 'a' }, { status: 'rejected' }, { value: 'b' }]);
      expect(lines()).toEqual(['a', 'b']);
    });

    it('forgets what was staged when the commit fails', async () => {
      const fault = failCommit('SQLITE_FULL');
      const answer = commits.submit(staging('a'));
      turn();

      await expect(answer).rejects.toBe(fault);
      expect(calls.at(-1)).toBe('undone');
      expect(lines()).toEqual([]);
    });
  });

  describe('when the commit itself fails', () => {
    it('stores nothing of it on a full disk, and goes on when there is space again', async () => {
      roomFor(1);
      const waiting = [commits.submit(writing('a')), commits.submit(writingAll(numbered(10, 'x'.repeat(5_000))))];
      turn();
      const later = commits.submit(writing('b'));
      expect(await Promise.allSettled(waiting)).toMatchObject([
        { reason: { code: 'disk-full' } },
        { reason: { code: 'disk-full' } },
      ]);

      await nextTurn();
      expect(await later).toBe('b');
      expect(lines()).toEqual(['b']);
      expect(commits.failure).toBeUndefined();
      file.statement('PRAGMA max_page_count = 1000000').all();
      const again = commits.submit(writingAll(numbered(10, 'x'.repeat(5_000))));
      await nextTurn();
      await again;
      expect(lines()).toHaveLength(11);
    });

    it('rejects only the work whose rows it cannot store, and forgets what was to be written with them', async () => {
      const answers = Promise.allSettled([
        commits.submit(writingAll(numbered(5))),
        commits.submit(writingAll(['same', ...numbered(4, 'other'), 'same'])),
        commits.submit(writingAll(numbered(5, 'last'))),
      ]);
      turn();

      expect(await answers).toMatchObject([
        { status: 'fulfilled' },
        { reason: { code: 'SQLITE_CONSTRAINT_UNIQUE' } },
        { status: 'fulfilled' },
      ]);
      expect(lines()).toEqual([...numbered(5), ...numbered(5, 'last')]);
    });

    it('rolls back what a COMMIT refuses', async () => {
      file.statement('PRAGMA foreign_keys = ON').all();
      file
        .statement('CREATE TABLE notes (line TEXT NOT NULL REFERENCES lines (text) DEFERRABLE INITIALLY DEFERRED)')
        .run();
      const note = (line: string): Work<number> => ({
        run: () => file.statement('INSERT INTO notes VALUES (?)').run(line),
      });
      const answers = Promise.allSettled([commits.submit(writing('a')), commits.submit(note('b'))]);
      turn();

      expect(await answers).toMatchObject([{ value: 'a' }, { reason: { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' } }]);
      const noted = commits.submit(note('a'));
      await nextTurn();
      expect(await noted).toBe(1);
      expect(file.statement('SELECT line FROM notes').all()).toEqual([{ line: 'a' }]);
    });
  });

  describe('on a disk that fails', () => {
    it('rejects every caller when it is full, and tries later work', async () => {
      const fault = failCommit('SQLITE_FULL');
      const answers = Promise.allSettled([commits.submit(writing('a')), commits.submit(writing('b'))]);
      turn();

      expect(await answers).toMatchObject([{ reason: fault }, { reason: fault }]);
      expect(fault).toMatchObject({ code: 'disk-full', retryable: true });
      expect(lines()).toEqual([]);
      const later = commits.submit(writing('a'));
      turn();
      expect(await later).toBe('a');
    });

    it.each([
      ['SQLITE_IOERR_FSYNC', 'storage-failed'],
      ['SQLITE_IOERR_WRITE', 'storage-failed'],
      ['SQLITE_CORRUPT', 'data-corrupt'],
    ])('writes nothing any more after %s, until it is opened anew [S4]', async (code, expected) => {
      const before = commits.submit(writing('before'));
      turn();
      await before;
      const fault = failCommit(code);
      const answers = Promise.allSettled([commits.submit(writing('a')), commits.submit(writing('b'))]);
      await nextTurn();

      expect(await answers).toMatchObject([{ reason: fault }, { reason: fault }]);
      expect(fault.code).toBe(expected);
      expect(commits.failure).toBe(fault);
      await expect(commits.submit(writing('c'))).rejects.toBe(fault);
      expect(turns).toHaveLength(0);
      expect(lines()).toEqual(['before']);
    });

    it('rejects everybody when a work meets the failure first', async () => {
      const fault = storageFault({ code: 'SQLITE_FULL' }, file.path);
      const answers = Promise.allSettled([
        commits.submit(writing('a')),
        commits.submit({
          run: () => {
            throw fault!;
          },
        }),
      ]);
      turn();

      expect(await answers).toMatchObject([{ reason: fault }, { reason: fault }]);
      expect(lines()).toEqual([]);
    });
  });

  describe('and the log beside the file', () => {
    it('carries it into the file after much was written, when everybody has been answered', async () => {
      const held = new Gate();
      const checkpoint = file.checkpoint.bind(file);
      const checkpoints = jest.spyOn(file, 'checkpoint').mockImplementationOnce(async () => {
        await held.opened;
        return checkpoint();
      });
      await writeMuch();
      const later = commits.submit(writing('a'));
      await until('it is time', () => checkpoints.mock.calls.length === 1);
      expect(turns).toHaveLength(0);

      held.open();
      await nextTurn();
      expect(await later).toBe('a');
      expect(file.checkpointDue).toBe(false);
      expect(checkpoints).toHaveBeenCalledTimes(1);
      expect(turns).toHaveLength(0);
    });

    it('goes on when there was no space for that, and not when the disk failed', async () => {
      failCheckpoint('SQLITE_FULL');
      await writeMuch();
      expect(await settled(commits.submit(writing('a')))).toBe(false);
      expect(commits.failure).toBeUndefined();

      failCheckpoint('SQLITE_IOERR_FSYNC');
      await nextTurn();
      await until('it has failed', () => commits.failure !== undefined);
      await expect(commits.submit(writing('b'))).rejects.toMatchObject({ code: 'storage-failed' });
      expect(lines()).toContain('a');
    });

    it('carries it into the file though there is always more to do', async () => {
      const busy = new GroupCommit(file);
      const checkpoint = file.checkpoint.bind(file);
      const done = jest.fn();
      jest.spyOn(file, 'checkpoint').mockImplementation(async () => {
        await checkpoint();
        done();
      });
      const commit = file.commit.bind(file);
      let count = 0;
      const write = () => {
        const line = busy.submit(writing(`${count++} ${'x'.repeat(100_000)}`));
        line.catch(() => undefined);
      };
      // Whenever a commit ends, the next work waits already.
      jest.spyOn(file, 'commit').mockImplementation(() => {
        const committed = commit();
        if (count < 400 && done.mock.calls.length < 2) write();
        return committed;
      });
      write();
      await until('all is written', () => count === 400 || done.mock.calls.length === 2);
      await busy.close();

      expect(done).toHaveBeenCalledTimes(2);
      expect(statSync(`${file.path}-wal`).size).toBeLessThan(20_000_000);
    });
  });

  describe('that closes', () => {
    it('commits what was submitted, and refuses what comes later', async () => {
      const answer = commits.submit(writing('a'));
      const closing = commits.close();

      await expect(commits.submit(writing('b'))).rejects.toMatchObject({ code: 'store-closed' });
      expect(await answer).toBe('a');
      await closing;
      turn();
      expect(lines()).toEqual(['a']);
    });

    it('waits for the commit under way, and for what was submitted meanwhile, whoever closes it', async () => {
      const answers = [commits.submit(writing('first'))];
      turn();
      answers.push(...numbered(1_100).map((text) => commits.submit(writing(text))));
      let told = 0;
      for (const answer of answers) void answer.then(() => told++);

      await Promise.all(
        [commits.close(), commits.close()].map(async (closing) => {
          await closing;
          expect(told).toBe(1_101);
        }),
      );
      expect(lines()).toEqual(['first', ...numbered(1_100)]);
      expect(commits.counters.commits).toBe(4);
    });

    it('rejects everybody when the disk fails meanwhile', async () => {
      const fault = failCommit('SQLITE_IOERR_FSYNC');
      const answers = Promise.allSettled(numbered(501).map((text) => commits.submit(writing(text))));
      await commits.close();

      expect(new Set((await answers).map((answer) => (answer as PromiseRejectedResult).reason))).toEqual(
        new Set([fault]),
      );
      expect(lines()).toEqual([]);
    });
  });
});

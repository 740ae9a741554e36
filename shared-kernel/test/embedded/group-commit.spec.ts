import { join } from 'node:path';
import { GroupCommit } from '../../src/embedded/group-commit';
import type { Stage, Work } from '../../src/embedded/group-commit';
import { SqlFile } from '../../src/embedded/sql-file';
import { storageFault } from '../../src/embedded/storage-fault';
import { dataFolder, removeDataFolders } from './data-folder';

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
    jest.spyOn(file.statement('COMMIT'), 'run').mockImplementationOnce(() => {
      throw fault;
    });
    return fault;
  };
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
    const commit = file.statement('COMMIT');
    const run = commit.run.bind(commit);
    jest.spyOn(commit, 'run').mockImplementation(() => {
      order.push('committed');
      return run();
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
    expect(await settled(answers[499]!)).toBe(true);
    expect(await settled(answers[500]!)).toBe(false);

    turn();
    turn();
    await Promise.all(answers);
    expect(commits.counters.commits).toBe(3);
    expect(lines()).toEqual(answers.map((_, index) => `line ${index}`));
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
      const [answer, waiting] = [commits.submit(writing('a')), settled(commits.submit(writing('b')))];
      turn();

      await expect(answer).rejects.toBe(fault);
      expect(await waiting).toBe(true);
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
    it('carries it into the file after much was written, in a turn of its own', async () => {
      const checkpoint = jest.spyOn(file, 'checkpoint');
      await writeMuch();
      expect(checkpoint).not.toHaveBeenCalled();

      turn();
      expect(checkpoint).toHaveBeenCalledTimes(1);
      expect(file.checkpointDue).toBe(false);
      expect(turns).toHaveLength(0);
    });

    it('goes on when there was no space for that, and not when the disk failed', async () => {
      const checkpoint = jest.spyOn(file, 'checkpoint');
      checkpoint.mockImplementationOnce(() => {
        throw storageFault({ code: 'SQLITE_FULL' }, file.path)!;
      });
      await writeMuch();
      turn();
      expect(commits.failure).toBeUndefined();

      checkpoint.mockImplementationOnce(() => {
        throw storageFault({ code: 'SQLITE_IOERR_FSYNC' }, file.path)!;
      });
      const answer = commits.submit(writing('a'));
      turn();
      await answer;
      turn();
      await expect(commits.submit(writing('b'))).rejects.toMatchObject({ code: 'storage-failed' });
    });
  });

  it('commits what was submitted when it closes, and refuses what comes later', async () => {
    const answer = commits.submit(writing('a'));
    commits.close();

    expect(await answer).toBe('a');
    await expect(commits.submit(writing('b'))).rejects.toMatchObject({ code: 'store-closed' });
    turn();
    expect(lines()).toEqual(['a']);
  });
});

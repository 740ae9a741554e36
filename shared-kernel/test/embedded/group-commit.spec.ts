import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { GroupCommit } from '../../src/embedded/group-commit';
import type { Stage, Transaction, Work } from '../../src/embedded/group-commit';
import { Journal } from '../../src/embedded/journal';
import { JOURNAL_TABLE, JournaledFile } from '../../src/embedded/journaled-file';
import { storageFault } from '../../src/embedded/storage-fault';
import { WideWrite } from '../../src/embedded/wide-statement';
import { dataFolder, killedCopyOf, removeDataFolders } from './data-folder';
import { failNextOf, holdDisk } from './failing-disk';
import { until } from './logs';

const SCHEMA = ['CREATE TABLE lines (text TEXT NOT NULL UNIQUE)', JOURNAL_TABLE];
const NUL = 'nul \0';

/** Lets promises that are settled tell it. */
const answered = async (promise: Promise<unknown>) => {
  let told = false;
  const tell = () => {
    told = true;
  };
  promise.then(tell, tell);
  await new Promise(setImmediate);
  return told;
};

const numbered = (count: number, of = 'line') => Array.from({ length: count }, (_, index) => `${of} ${index}`);

const throwing = (error: unknown, before?: () => unknown): Work<never> => ({
  run: () => {
    before?.();
    throw error;
  },
});

const failJournal = () =>
  jest
    .spyOn(fs, 'fdatasync')
    .mockImplementationOnce((_, done) => done(Object.assign(new Error('It fails.'), { code: 'EIO' })));

describe('A group commit', () => {
  let journal: Journal;
  let file: JournaledFile;
  let turns: (() => void)[];
  let commits: GroupCommit;

  const open = (folder: string) => {
    journal = Journal.open(join(folder, 'journal'));
    file = JournaledFile.open(join(folder, 'lines.db'), SCHEMA, journal);
    turns = [];
    commits = new GroupCommit(file, (turn) => turns.push(turn));
  };
  const close = async () => {
    jest.restoreAllMocks();
    await file.close().catch(() => undefined);
    await journal.close().catch(() => undefined);
  };

  beforeEach(() => open(dataFolder()));
  afterEach(close);
  afterAll(removeDataFolders);

  const lines = async () => {
    const rows = await file.rows<{ text: string }>('SELECT text FROM lines ORDER BY rowid');
    return rows.map(({ text }) => text);
  };
  /** The same as whoever opens it anew sees it, who comes after this process was killed. */
  const linesAfterKill = async () => {
    const copy = killedCopyOf(dirname(file.path));
    await close();
    open(copy);
    return lines();
  };
  const insert = (text: string) => file.change('lines', 'INSERT OR ROLLBACK INTO lines VALUES (?)', text);
  const writing = (text: string): Work<string> => ({
    run: () => {
      insert(text);
      return text;
    },
  });
  /** Many rows by one statement. */
  const writingAll = (texts: readonly string[]): Work<void> => ({
    run: () =>
      new WideWrite(file, 'lines', (rows) => `INSERT INTO lines VALUES ${rows}`).run(texts.map((text) => [text])),
  });
  const turn = () => turns.shift()?.();
  const nextTurn = async () => {
    await until('there is something to commit', () => turns.length > 0);
    turn();
  };
  const submitted = async <Answer>(work: Work<Answer>) => {
    const answer = commits.submit(work);
    turn();
    return answer;
  };
  const failApplying = (code: string) => failNextOf(file, code);
  const failCommit = (code: string) => {
    const fault = storageFault({ code }, file.path)!;
    jest.spyOn(file, 'commit').mockImplementationOnce(() => {
      throw fault;
    });
    return fault;
  };

  /** Has the file grow by no more than this many pages. */
  const roomFor = (pages: number) => {
    const [row] = file.direct.statement<{ page_count: number }>('PRAGMA page_count').all();
    file.direct.statement(`PRAGMA max_page_count = ${(row?.page_count ?? 0) + pages}`).all();
  };
  const journalIsFull = () =>
    jest.spyOn(journal, 'refusal').mockReturnValue(storageFault({ code: 'ENOSPC' }, journal.path));

  it('gathers what one turn submits into one commit, in order', async () => {
    const order: string[] = [];
    const noting = (text: string): Work<string> => ({
      run: () => {
        order.push(text);
        insert(text);
        return `${text}!`;
      },
    });
    const answers = ['a', 'b', 'c'].map((text) => commits.submit(noting(text)));
    expect(turns).toHaveLength(1);
    expect(order).toEqual([]);

    turn();
    expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!']);
    expect(order).toEqual(['a', 'b', 'c']);
    expect(journal.newest).toBe(1);
    expect(await lines()).toEqual(['a', 'b', 'c']);
  });

  it('has every work done when the turn is over, and answers without waiting for the disk', async () => {
    const disk = holdDisk();
    const ran = jest.fn();
    const answer = commits.submit({ run: () => insert('a') });
    const next = commits.submit({ run: ran });
    turn();
    expect(ran).toHaveBeenCalledTimes(1);
    expect(await Promise.all([answered(answer), answered(next)])).toEqual([true, true]);
    expect(await answered(file.settled()!)).toBe(false);

    expect(await submitted(writing('b'))).toBe('b');
    disk.open();
    await file.settled();
    expect(await linesAfterKill()).toEqual(['a', 'b']);
  });

  it('has stored what was answered for whoever waits until it is settled [S4]', async () => {
    await submitted(writing('a'));
    await submitted(writingAll(numbered(2_000)));
    expect(await linesAfterKill()).toEqual([]);

    await submitted(writing('a'));
    await submitted(writingAll(numbered(2_000)));
    await file.settled();
    expect(await linesAfterKill()).toEqual(['a', ...numbered(2_000)]);
  });

  it('rejects only the work that throws', async () => {
    const error = new Error('no');
    const answers = Promise.allSettled([
      commits.submit(writing('a')),
      commits.submit(throwing(error)),
      commits.submit(writing('b')),
    ]);
    turn();

    expect(await answers).toMatchObject([{ value: 'a' }, { reason: error }, { value: 'b' }]);
    expect(await lines()).toEqual(['a', 'b']);
    expect(journal.newest).toBe(1);
  });

  it('undoes what a work has written before it threw, and keeps the others', async () => {
    const error = new Error('no');
    const answers = Promise.allSettled([
      commits.submit(throwing(error, () => insert('first'))),
      commits.submit(writing('a')),
      commits.submit(throwing(error, () => insert('half'))),
      commits.submit(writing('b')),
    ]);
    turn();

    expect(await answers).toMatchObject([{ reason: error }, { value: 'a' }, { reason: error }, { value: 'b' }]);
    expect(await lines()).toEqual(['a', 'b']);
  });

  it('rejects only the work whose rows cannot be stored', async () => {
    const answers = Promise.allSettled([
      commits.submit(writingAll(numbered(5))),
      commits.submit(writingAll([...numbered(4, 'other'), NUL])),
      commits.submit(writingAll(numbered(5, 'last'))),
    ]);
    turn();

    expect(await answers).toMatchObject([
      { status: 'fulfilled' },
      { reason: { message: expect.stringContaining('NUL') } },
      { status: 'fulfilled' },
    ]);
    expect(await lines()).toEqual([...numbered(5), ...numbered(5, 'last')]);
  });

  it('commits nothing where nothing was written', async () => {
    expect(await submitted({ run: () => 1 })).toBe(1);
    await expect(submitted(throwing(new Error('no'), () => insert('half')))).rejects.toThrow('no');

    expect(journal.newest).toBe(0);
    expect(file.settled()).toBeUndefined();
  });

  it('takes a limited number of works at a time, in order', async () => {
    const answers = numbered(1_200).map((text) => commits.submit(writing(text)));
    turn();
    await answers[499];
    expect(await answered(answers[500]!)).toBe(false);

    await nextTurn();
    await answers[999];
    expect(await answered(answers[1_000]!)).toBe(false);
    await nextTurn();
    await Promise.all(answers);
    expect(turns).toHaveLength(0);
    expect(journal.newest).toBe(3);
    expect(await lines()).toEqual(numbered(1_200));
  });

  it('takes a turn of its own when it is not told when', async () => {
    const own = new GroupCommit(file);
    const answers = ['a', 'b'].map((text) => own.submit(writing(text)));
    expect(file.settled()).toBeUndefined();

    expect(await Promise.all(answers)).toEqual(['a', 'b']);
    expect(journal.newest).toBe(1);
  });

  describe('with a stage', () => {
    let staged: string[];
    let calls: string[];
    let stage: Stage;

    beforeEach(() => {
      staged = [];
      calls = [];
      const over = (how: string) => () => {
        calls.push(how);
        staged = [];
      };
      stage = {
        write: () => {
          calls.push(`write ${staged.join()}`);
          for (const text of staged) insert(text);
        },
        stored: over('stored'),
        undone: over('undone'),
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

    it('writes once, when all works have run, and tells before anybody is answered that it counts', async () => {
      const answers = ['a', 'b'].map((text) =>
        commits.submit(staging(text)).then((answer) => calls.push(`answer ${answer}`)),
      );
      turn();
      expect(calls).toEqual(['prepare a', 'prepare b', 'write a,b', 'stored']);

      await Promise.all(answers);
      expect(calls.slice(4)).toEqual(['answer a', 'answer b']);
      expect(journal.newest).toBe(1);
      expect(await lines()).toEqual(['a', 'b']);
    });

    it('can read at once what all works ask for, before the first of them runs', async () => {
      stage.prepared = () => void calls.push('prepared');
      const asking = (text: string): Work<void> => ({
        prepare: (transaction: Transaction) => {
          transaction.join(stage);
          calls.push(`prepare ${text}`);
        },
        run: () => void calls.push(`run ${text}`),
      });
      const answers = ['a', 'b'].map((text) => commits.submit(asking(text)));
      turn();

      await Promise.all(answers);
      expect(calls).toEqual(['prepare a', 'prepare b', 'prepared', 'run a', 'run b', 'write ', 'stored']);
    });

    it('rejects only the work whose share cannot be written', async () => {
      const answers = Promise.allSettled(['a', NUL, 'b'].map((text) => commits.submit(staging(text))));
      turn();

      expect(await answers).toMatchObject([{ value: 'a' }, { status: 'rejected' }, { value: 'b' }]);
      expect(calls.filter((call) => /stored|undone/u.test(call))).toEqual(['undone', 'stored', 'undone', 'stored']);
      expect(await lines()).toEqual(['a', 'b']);
    });

    it('forgets what was staged and written when it cannot be committed', async () => {
      const fault = failCommit('SQLITE_IOERR');
      await expect(submitted(staging('a'))).rejects.toBe(fault);
      expect(calls.at(-1)).toBe('undone');

      await submitted(staging('b'));
      expect(await lines()).toEqual(['b']);
    });
  });

  describe('on a full disk', () => {
    const long = numbered(10, 'x'.repeat(5_000));

    it('refuses everybody and decides nothing while the journal has no room, and goes on when it has', async () => {
      journalIsFull();
      const run = jest.fn();
      const answers = Promise.allSettled([commits.submit(writing('a')), commits.submit({ run })]);
      turn();
      expect(await answers).toMatchObject([{ reason: { code: 'disk-full' } }, { reason: { code: 'disk-full' } }]);
      expect(run).not.toHaveBeenCalled();
      expect(commits.failure).toBeUndefined();

      jest.restoreAllMocks();
      expect(await submitted(writing('b'))).toBe('b');
      expect(await lines()).toEqual(['b']);
    });

    it('keeps what was answered, refuses what comes later, and goes on when there is room', async () => {
      await submitted(writing('before'));
      await file.applied();
      roomFor(1);
      await submitted(writingAll(long));
      await expect(file.applied()).rejects.toMatchObject({ code: 'disk-full' });

      const refused = Promise.allSettled([commits.submit(writing('a')), commits.submit(writing('b'))]);
      turn();
      expect(await refused).toMatchObject([{ reason: { code: 'disk-full' } }, { reason: { code: 'disk-full' } }]);
      roomFor(1_000_000);
      expect(await submitted(writing('c'))).toBe('c');
      expect(await lines()).toEqual(['before', ...long, 'c']);
    });

    it('gathers what is submitted while it looks whether there is room, and takes it in order', async () => {
      await submitted(writing('before'));
      failApplying('SQLITE_FULL');
      await expect(file.applied()).rejects.toMatchObject({ code: 'disk-full' });
      const disk = holdDisk();
      // The journal has something to wait for, so that looking takes a while.
      file.change('lines', 'INSERT OR ROLLBACK INTO lines VALUES (?)', 'beside');
      file.commit();

      const answers = numbered(2).map((text) => commits.submit(writing(text)));
      turn();
      answers.push(...numbered(500, 'more').map((text) => commits.submit(writing(text))));
      expect(turns).toHaveLength(0);
      expect(await answered(answers[0]!)).toBe(false);

      disk.open();
      await answers[499];
      expect(await answered(answers[500]!)).toBe(false);
      await nextTurn();
      await Promise.all(answers);
      expect(await lines()).toEqual(['before', 'beside', ...numbered(2), ...numbered(500, 'more')]);
    });

    it('rejects everybody when a work meets it first', async () => {
      const fault = storageFault({ code: 'SQLITE_FULL' }, file.path)!;
      const answers = Promise.allSettled([commits.submit(writing('a')), commits.submit(throwing(fault))]);
      turn();

      expect(await answers).toMatchObject([{ reason: fault }, { reason: fault }]);
      expect(await lines()).toEqual([]);
    });
  });

  describe('on a disk that fails', () => {
    it('writes nothing any more after the journal failed, until it is opened anew [S4]', async () => {
      await submitted(writing('before'));
      await file.settled();
      failJournal();
      expect(await submitted(writing('a'))).toBe('a');
      const waiting = commits.submit(writing('b'));
      await expect(file.settled()).rejects.toMatchObject({ code: 'storage-failed' });
      const fault = commits.failure;
      expect(fault).toMatchObject({ code: 'storage-failed' });
      turn();

      await expect(waiting).rejects.toBe(fault);
      await expect(commits.submit(writing('c'))).rejects.toBe(fault);
      expect(turns).toHaveLength(0);
      const [first] = await linesAfterKill();
      expect(first).toBe('before');
      expect(await submitted(writing('d'))).toBe('d');
      expect(await lines()).toContain('d');
    });

    it.each([
      ['SQLITE_IOERR_FSYNC', 'storage-failed'],
      ['SQLITE_IOERR_WRITE', 'storage-failed'],
      ['SQLITE_CORRUPT', 'data-corrupt'],
    ])('writes nothing any more after %s, until it is opened anew [S4]', async (code, expected) => {
      await submitted(writing('before'));
      const fault = failApplying(code);
      const waiting = commits.submit(writing('a'));
      await expect(file.applied()).rejects.toBe(fault);
      turn();

      await expect(waiting).rejects.toBe(fault);
      expect(fault.code).toBe(expected);
      expect(commits.failure).toBe(fault);
      await expect(commits.submit(writing('b'))).rejects.toBe(fault);
      expect(turns).toHaveLength(0);
      expect(await linesAfterKill()).toEqual(['before']);
      expect(await submitted(writing('c'))).toBe('c');
      expect(await lines()).toEqual(['before', 'c']);
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
      expect(await lines()).toEqual(['a']);
    });

    it('waits for all that was submitted, whoever closes it', async () => {
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
      expect(await lines()).toEqual(['first', ...numbered(1_100)]);
      expect(journal.newest).toBe(4);
    });

    it('waits while it looks whether there is room, and has everybody answered', async () => {
      await submitted(writing('before'));
      failApplying('SQLITE_FULL');
      await expect(file.applied()).rejects.toMatchObject({ code: 'disk-full' });
      const answers = numbered(501).map((text) => commits.submit(writing(text)));
      turn();
      await commits.close();

      expect(await Promise.all(answers.map(answered))).toEqual(answers.map(() => true));
      expect(await lines()).toEqual(['before', ...numbered(501)]);
    });

    it('rejects everybody when the disk has failed meanwhile', async () => {
      await submitted(writing('before'));
      const answers = Promise.allSettled(numbered(501).map((text) => commits.submit(writing(text))));
      const fault = failApplying('SQLITE_IOERR_FSYNC');
      await expect(file.applied()).rejects.toBe(fault);
      await commits.close();

      expect(new Set((await answers).map((answer) => (answer as PromiseRejectedResult).reason))).toEqual(
        new Set([fault]),
      );
      expect(await linesAfterKill()).toEqual(['before']);
    });
  });
});

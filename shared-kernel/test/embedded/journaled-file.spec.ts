import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { Journal } from '../../src/embedded/journal';
import { JOURNAL_TABLE, JournaledFile } from '../../src/embedded/journaled-file';
import type { Overlay } from '../../src/embedded/journaled-file';
import { SqlFile } from '../../src/embedded/sql-file';
import { storageFault } from '../../src/embedded/storage-fault';
import { WideWrite } from '../../src/embedded/wide-statement';
import { dataFolder, killedCopyOf, removeDataFolders } from './data-folder';
import { failNextOf, holdDisk } from './failing-disk';

/** What is written twice is there twice. */
const SCHEMA = [
  'CREATE TABLE lines (id INTEGER PRIMARY KEY, text TEXT NOT NULL); CREATE TABLE notes (text TEXT NOT NULL)',
  JOURNAL_TABLE,
];

const LONG = 'x'.repeat(5_000);

const turn = () => new Promise(setImmediate);

const textsIn = (from: Pick<JournaledFile, 'statement'>, table = 'lines') =>
  from
    .statement<{ text: string }>(`SELECT text FROM ${table} ORDER BY rowid`)
    .all()
    .map(({ text }) => text);

/** What the SQL alone has, without what is in the journal. */
const sqlOf = (at: string) => {
  const sql = SqlFile.open(at, SCHEMA);
  const texts = textsIn(sql);
  sql.close();
  return texts;
};

const withoutJournal = (at: string) => {
  for (const name of ['journal.1', 'journal.2']) fs.rmSync(`${at}.${name}`, { force: true });
  return at;
};

const MUCH = 'x'.repeat(5 * 1024 * 1024);

describe('A file with a journal', () => {
  let path: string;
  let file: JournaledFile;
  let opened: { close(): Promise<void> }[];

  const keep = <Opened extends { close(): Promise<void> }>(one: Opened): Opened => {
    opened.push(one);
    return one;
  };
  const open = (at = path, shared?: Journal) => keep(JournaledFile.open(at, SCHEMA, shared));
  const close = (one: { close(): Promise<void> } = file) => {
    opened = opened.filter((each) => each !== one);
    return one.close();
  };
  /** Where a process that is killed now leaves its file. */
  const killed = (at = path) => join(killedCopyOf(dirname(at)), 'a.db');

  beforeEach(() => {
    opened = [];
    path = join(dataFolder(), 'a.db');
    file = open();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    jest.useRealTimers();
    // The files before the journal that they share.
    for (const one of opened.toReversed()) await one.close().catch(() => undefined);
  });
  afterAll(removeDataFolders);

  /** One commit. */
  const write = (texts: readonly string[], to = file, table = 'lines') => {
    new WideWrite(to, table, (rows) => `INSERT INTO ${table} (text) VALUES ${rows}`).run(texts.map((text) => [text]));
    to.commit();
  };
  /** So many commits, each of which writes the same row anew. */
  const writeOneRow = (times: number) => {
    const put = new WideWrite(
      file,
      'lines',
      (rows) => `INSERT INTO lines (id, text) VALUES ${rows} ON CONFLICT (id) DO UPDATE SET text = excluded.text`,
      () => 'the only one',
    );
    for (let time = 1; time <= times; time++) {
      put.run([[1, `${time} ${'x'.repeat(900_000)}`]]);
      file.commit();
    }
  };
  const change = (sql: string, ...values: readonly string[]) => {
    file.change('lines', sql, ...values);
    file.commit();
  };
  const written = async (texts: readonly string[]) => {
    write(texts);
    await file.applied();
  };
  /** Has the file grow by no more than this many pages. */
  const roomFor = (pages: number) => {
    const [row] = file.direct.statement<{ page_count: number }>('PRAGMA page_count').all();
    file.direct.statement(`PRAGMA max_page_count = ${(row?.page_count ?? 0) + pages}`).all();
  };
  const failApplying = (code: string) => failNextOf(file, code);

  const makeRoom = () => roomFor(1_000_000);
  const failCheckpoint = (code: string) =>
    jest.spyOn(file.direct, 'checkpoint').mockImplementationOnce(async () => {
      throw storageFault({ code }, file.path)!;
    });
  /** Which statements the SQL is given for the lines and the notes. */
  const statements = () => {
    const run = jest.spyOn(file.direct, 'runAtCommit');
    return () => {
      const text = run.mock.calls
        .map(([sql]) => (typeof sql === 'string' ? sql : Buffer.concat(sql).toString()))
        .join(';');
      return text.split(/(?=INSERT [A-Z ]+ (?:lines|notes|journal) )/u).filter((sql) => !sql.includes('INTO journal'));
    };
  };

  describe('whose process is killed', () => {
    it('has everything that was settled [S1]', async () => {
      write(['a', 'b']);
      write(['note'], file, 'notes');
      change("UPDATE lines SET text = ? WHERE text = 'a'", "a'?");
      await file.settled();
      const left = killed();
      expect(sqlOf(left)).toEqual([]);

      const next = open(left);
      expect(textsIn(next)).toEqual(["a'?", 'b']);
      expect(textsIn(next, 'notes')).toEqual(['note']);
      expect(await next.rows('SELECT count(*) AS count FROM lines')).toEqual([{ count: 2 }]);
    });

    it('has nothing twice, however often it is killed', async () => {
      await written(['in the SQL']);
      write(['in the journal']);
      await file.settled();

      const next = open(killed());
      expect(textsIn(next)).toEqual(['in the SQL', 'in the journal']);
      write(['later'], next);
      await next.settled();
      const last = open(killed(next.path));
      expect(textsIn(last)).toEqual(['in the SQL', 'in the journal', 'later']);
      expect(textsIn(open(killed(last.path)))).toEqual(['in the SQL', 'in the journal', 'later']);
    });

    it('has nothing twice when it is killed before the journal knows that it is in the SQL', async () => {
      write(['a']);
      await file.settled();
      const before = killedCopyOf(dirname(path));
      await file.applied();
      const after = killedCopyOf(dirname(path));
      for (const name of fs.readdirSync(before).filter((each) => each.includes('.journal.'))) {
        fs.cpSync(join(before, name), join(after, name));
      }

      expect(textsIn(open(join(after, 'a.db')))).toEqual(['a']);
    });

    it('loses nothing that comes later when its journal has lost what is in the SQL', async () => {
      await written(['a']);
      await written(['b']);
      const left = killed();
      const segment = `${left}.journal.1`;
      const bytes = fs.readFileSync(segment);
      bytes[bytes.indexOf("('a')")]! ^= 1;
      fs.writeFileSync(segment, bytes);

      expect(() => open(left)).toThrow(expect.objectContaining({ code: 'data-corrupt' }));
    });

    it('begins anew when it is killed while it makes its journal', async () => {
      await close();
      fs.writeFileSync(`${path}.journal.1`, '');
      const next = open();
      write(['a'], next);
      await next.applied();

      const last = open(killed());
      expect(textsIn(last)).toEqual(['a']);
      write(['b'], last);
      await last.settled();
      expect(textsIn(open(killed(last.path)))).toEqual(['a', 'b']);
    });
  });

  describe('whose journal is another one', () => {
    it('has all that is in it, whatever the number up to which it held the one before', async () => {
      for (const text of ['a', 'b', 'c']) write([text]);
      await close();
      expect(Journal.isThere(`${path}.journal`)).toBe(false);

      const next = open();
      write(['d'], next);
      await next.settled();
      expect(textsIn(open(killed()))).toEqual(['a', 'b', 'c', 'd']);
    });

    it('forgets the number once it has written something else', async () => {
      for (const text of ['a', 'b', 'c']) write([text]);
      await close();
      const next = open();
      write(['d'], next);
      await next.applied();
      write(['e'], next);
      await next.settled();

      expect(textsIn(open(killed()))).toEqual(['a', 'b', 'c', 'd', 'e']);
    });
  });

  describe('that is applied', () => {
    it('shows all that was committed before, and not what is only written', async () => {
      write(['a']);
      write(['b']);
      file.change('lines', 'INSERT INTO lines (text) VALUES (?)', 'in hand');
      expect(textsIn(file)).toEqual([]);

      await file.applied();
      expect(textsIn(file)).toEqual(['a', 'b']);
      expect(await file.rows('SELECT text FROM lines WHERE text = ?', 'b')).toEqual([{ text: 'b' }]);
      expect(file.written).toBe(1);
    });

    it('has nothing in its SQL before that is durable in the journal', async () => {
      const disk = holdDisk();
      write(['a']);
      const applied = file.applied();
      await turn();
      await turn();
      expect(textsIn(file)).toEqual([]);

      disk.open();
      await applied;
      expect(textsIn(file)).toEqual(['a']);
      expect(sqlOf(killed())).toEqual(['a']);
    });

    it('has nothing in its SQL that the journal failed to store, and takes nothing any more [S4]', async () => {
      jest
        .spyOn(fs, 'fdatasync')
        .mockImplementationOnce((_, done) => done(Object.assign(new Error('It fails.'), { code: 'EIO' })));
      write(['a']);
      await expect(file.applied()).rejects.toMatchObject({ code: 'storage-failed' });

      expect(sqlOf(killed())).toEqual([]);
      expect(file.failure).toMatchObject({ code: 'storage-failed' });
      expect(file.refusal).toBe(file.failure);
      expect(() => write(['b'])).toThrow(file.failure);
      await expect(file.applied()).rejects.toBe(file.failure);
    });

    it('also has what comes while it is being applied', async () => {
      write(['a']);
      const first = file.applied();
      write(['b']);
      await Promise.all([first, file.applied()]);

      expect(textsIn(file)).toEqual(['a', 'b']);
    });

    it('comes into the SQL by itself after a while', async () => {
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
      write(['a']);
      jest.advanceTimersByTime(499);
      expect(file.idle()).toBeUndefined();
      jest.advanceTimersByTime(1);
      await file.idle();

      expect(textsIn(file)).toEqual(['a']);
    });

    it('comes into the SQL at once when it is much', async () => {
      write([LONG]);
      expect(file.idle()).toBeUndefined();
      write(['x'.repeat(1024 * 1024)]);
      await file.idle();

      expect(textsIn(file)).toHaveLength(2);
    });

    it('does not go on trying all the time when much is to be applied and the journal has failed', async () => {
      jest
        .spyOn(fs, 'fdatasync')
        .mockImplementationOnce((_, done) => done(Object.assign(new Error('It fails.'), { code: 'EIO' })));
      let times = 0;
      file.follow({
        applying: () => {
          // Nothing else would ever run again in this process if it did go on.
          if (++times > 50) throw new Error('It does.');
        },
        applied: () => undefined,
      });
      write(['x'.repeat(1024 * 1024)]);
      await expect(file.settled()).rejects.toMatchObject({ code: 'storage-failed' });
      await turn();

      expect(times).toBeLessThan(10);
    });

    it('tells who keeps what the SQL does not show yet', async () => {
      const calls: string[] = [];
      const overlay = (name: string): Overlay => ({
        applying: () => calls.push(`${name} applying ${textsIn(file).join()}`),
        applied: () => calls.push(`${name} applied ${textsIn(file).join()}`),
      });
      file.follow(overlay('one'));
      file.follow(overlay('two'));
      await written(['a']);

      expect(calls).toEqual(['one applying ', 'two applying ', 'one applied a', 'two applied a']);
    });

    it('tells nobody that it is applied when it is not', async () => {
      const overlay = { applying: jest.fn(), applied: jest.fn() };
      file.follow(overlay);
      failApplying('SQLITE_FULL');
      await expect(written(['a'])).rejects.toMatchObject({ code: 'disk-full' });
      expect(overlay.applied).not.toHaveBeenCalled();

      await file.applied();
      expect(overlay.applied).toHaveBeenCalledTimes(1);
    });

    it('does at once what must be done by itself, when all before it is applied', async () => {
      write(['a']);
      await file.exclusively((direct) => void direct.statement("UPDATE lines SET text = text || '!'").run());

      expect(sqlOf(killed())).toEqual(['a!']);
    });
  });

  describe('whose commit in hand is given up', () => {
    it('forgets its writes, or those behind the first', async () => {
      const insert = (text: string) => file.change('lines', 'INSERT INTO lines (text) VALUES (?)', text);
      insert('a');
      const { written: kept } = file;
      insert('b');
      file.forgetWrites(kept);
      file.commit();
      insert('c');
      file.forgetWrites();
      file.commit();
      await file.settled();

      expect(textsIn(open(killed()))).toEqual(['a']);
      await file.applied();
      expect(textsIn(file)).toEqual(['a']);
    });
  });

  describe('that several commits have written to', () => {
    it('keeps the order of what is written to one table', async () => {
      write(['a', 'b']);
      change("UPDATE lines SET text = text || '!'");
      write(['c']);
      write(['d']);
      change("DELETE FROM lines WHERE text = 'c'");
      write(['c']);
      await file.settled();
      const next = open(killed());
      await file.applied();

      expect(textsIn(file)).toEqual(['a!', 'b!', 'd', 'c']);
      expect(textsIn(next)).toEqual(textsIn(file));
    });

    it('has their rows by as few statements as the order allows', async () => {
      const given = statements();
      write(['a']);
      write(['note'], file, 'notes');
      write(['b']);
      write(['note'], file, 'notes');
      write(['c']);
      await file.applied();

      expect(given()).toHaveLength(2);
      expect(textsIn(file)).toEqual(['a', 'b', 'c']);
      expect(textsIn(file, 'notes')).toEqual(['note', 'note']);
    });

    it('does not bring together rows that are written differently', async () => {
      const given = statements();
      const begin = 'INSERT OR ROLLBACK INTO lines (text) VALUES ';
      write(['a']);
      const other = begin.replace('ROLLBACK', 'REPLACE');
      file.write({ table: 'lines', sql: other, rows: [{ text: "('b')", key: undefined }], end: '' });
      file.write({
        table: 'lines',
        sql: other,
        rows: [{ text: "('c')", key: undefined }],
        end: ' ON CONFLICT DO NOTHING',
      });
      file.write({ table: 'lines', sql: `${begin}('d')` });
      file.write({ table: 'lines', sql: begin, rows: [{ text: "('e')", key: undefined }], end: '' });
      file.commit();
      await file.applied();

      expect(given()).toHaveLength(5);
      expect(textsIn(file)).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    describe('of which one row is all that must be written', () => {
      it('begins to apply them when much is in memory', async () => {
        const applying = jest.fn();
        file.follow({ applying, applied: () => undefined });

        writeOneRow(9);
        expect(applying).not.toHaveBeenCalled();
        writeOneRow(1);
        expect(applying).toHaveBeenCalledTimes(1);
        await file.applied();
        expect(textsIn(file).map((text) => text.slice(0, 2))).toEqual(['1 ']);
      });

      it('takes no more while too much is in memory', async () => {
        writeOneRow(10);
        writeOneRow(74);
        expect(file.refusal).toBeUndefined();
        writeOneRow(1);
        expect(file.refusal).toMatchObject({ code: 'storage-slow', retryable: true });

        expect(await file.tryAgain()).toBeUndefined();
        expect(textsIn(file).map((text) => text.slice(0, 2))).toEqual(['1 ']);
      });
    });

    it('has many characters by several statements, each of a size that is soon parsed', async () => {
      const given = statements();
      const texts = Array.from({ length: 30 }, (_, index) => `${index} ${'가'.repeat(30_000)}`);
      for (const text of texts) write([text]);
      await file.applied();

      expect(textsIn(file)).toEqual(texts);
      expect(given().length).toBeLessThan(10);
      for (const sql of given()) expect(Buffer.byteLength(sql)).toBeLessThan(501_000);
    });
  });

  describe('on a full disk', () => {
    beforeEach(async () => {
      await written(['before']);
      roomFor(1);
    });

    const long = Array.from({ length: 10 }, (_, index) => `${index} ${LONG}`);

    it('says so once it cannot apply, loses nothing, and applies it when there is room', async () => {
      write(long);
      await expect(file.applied()).rejects.toMatchObject({ code: 'disk-full', retryable: true });
      expect(textsIn(file)).toEqual(['before']);
      expect([file.refusal, file.trouble, file.failure]).toMatchObject([
        { code: 'disk-full' },
        { code: 'disk-full' },
        undefined,
      ]);
      expect(await file.tryAgain()).toMatchObject({ code: 'disk-full' });

      makeRoom();
      expect(await file.tryAgain()).toBeUndefined();
      expect([file.refusal, file.trouble]).toEqual([undefined, undefined]);
      expect(textsIn(file)).toEqual(['before', ...long]);
    });

    it('keeps the order when something was committed after what it could not apply', async () => {
      write(long);
      const applied = file.applied();
      change("UPDATE lines SET text = 'changed'");
      write(['last']);
      await expect(applied).rejects.toMatchObject({ code: 'disk-full' });
      makeRoom();
      await file.applied();

      expect(textsIn(file)).toEqual(['before', ...long].map(() => 'changed').concat('last'));
    });

    it('has all that was settled when it is killed meanwhile [S1]', async () => {
      write(long);
      await expect(file.applied()).rejects.toMatchObject({ code: 'disk-full' });

      expect(textsIn(open(killed()))).toEqual(['before', ...long]);
    });

    it('tries again by itself', async () => {
      jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
      // So much that it is tried at once, and must not be all the time.
      const much = 'x'.repeat(1024 * 1024);
      write([much]);
      await expect(file.applied()).rejects.toMatchObject({ code: 'disk-full' });
      expect(file.idle()).toBeUndefined();
      makeRoom();
      jest.advanceTimersByTime(500);
      await file.idle();

      expect(textsIn(file)).toEqual(['before', much]);
      expect(file.refusal).toBeUndefined();
    });

    it('keeps its journal when it is closed, and has all of it when it is opened', async () => {
      write(long);
      await expect(close()).rejects.toMatchObject({ code: 'disk-full' });

      expect(Journal.isThere(`${path}.journal`)).toBe(true);
      expect(textsIn(open())).toEqual(['before', ...long]);
    });
  });

  describe('on a disk that fails', () => {
    it.each([
      ['SQLITE_IOERR_FSYNC', 'storage-failed'],
      ['SQLITE_IOERR_WRITE', 'storage-failed'],
      ['SQLITE_CORRUPT', 'data-corrupt'],
    ])('applies nothing any more after %s, and has it when it is opened anew [S4]', async (code, expected) => {
      await written(['before']);
      const fault = failApplying(code);
      write(['a']);
      await expect(file.applied()).rejects.toBe(fault);

      expect(fault.code).toBe(expected);
      expect([file.failure, file.refusal, await file.tryAgain()]).toEqual([fault, fault, fault]);
      await expect(file.applied()).rejects.toBe(fault);
      await expect(file.still(() => undefined)).rejects.toBe(fault);
      expect(textsIn(file)).toEqual(['before']);
      await expect(close()).rejects.toBe(fault);
      expect(textsIn(open())).toEqual(['before', 'a']);
    });

    it('takes what SQLite refuses for what it is: nothing that waiting would mend', async () => {
      change('INSERT INTO nowhere (text) VALUES (?)', 'a');

      await expect(file.applied()).rejects.toThrow('nowhere');
      expect(file.failure).toMatchObject({ code: 'storage-failed', cause: { cause: { message: /nowhere/u } } });
    });

    it('takes nothing more while somebody keeps it locked, and goes on afterwards', async () => {
      failApplying('SQLITE_BUSY');
      write(['a']);
      await expect(file.applied()).rejects.toMatchObject({ code: 'data-busy' });
      expect(file.refusal).toMatchObject({ code: 'data-busy', retryable: true });

      expect(await file.tryAgain()).toBeUndefined();
      expect(textsIn(file)).toEqual(['a']);
    });
  });

  describe('and without it', () => {
    it('is not opened when its process was killed: what was accepted may be missing', async () => {
      await written(['in the SQL']);
      write(['in the journal']);
      await file.settled();

      const left = withoutJournal(killed());
      expect(() => open(left)).toThrow(expect.objectContaining({ code: 'data-corrupt', retryable: false }));
      expect(sqlOf(left)).toEqual(['in the SQL']);
    });

    it('is opened when an attempt before could not be completed, which leaves no journal', () => {
      const other = join(dataFolder(), 'a.db');
      const fault = storageFault({ code: 'SQLITE_CANTOPEN' }, other)!;
      jest.spyOn(SqlFile, 'openReadOnly').mockImplementationOnce(() => {
        throw fault;
      });
      expect(() => open(other)).toThrow(fault);

      expect(Journal.isThere(`${other}.journal`)).toBe(false);
      expect(textsIn(open(other))).toEqual([]);
    });

    it('is opened when it was closed in order', async () => {
      await written(['a']);
      await close();

      const again = open(withoutJournal(killed()));
      expect(textsIn(again)).toEqual(['a']);
    });

    it('is not taken for another one, whose journal still holds changes for it', async () => {
      await close();
      const whole = fs.readFileSync(path);
      file = open();
      write(['a']);
      await file.settled();

      const exchanged = killed();
      for (const suffix of ['-wal', '-shm']) fs.rmSync(exchanged + suffix, { force: true });
      fs.writeFileSync(exchanged, whole);
      expect(() => open(exchanged)).toThrow(expect.objectContaining({ code: 'data-foreign', retryable: false }));
    });
  });

  describe('and the log beside it', () => {
    it('carries it into the file after much was written', async () => {
      const checkpoint = jest.spyOn(file.direct, 'checkpoint');
      await written(['a']);
      expect(checkpoint).not.toHaveBeenCalled();
      await written([MUCH]);
      await written(['b']);

      expect(checkpoint).toHaveBeenCalledTimes(1);
      expect(fs.statSync(path).size).toBeGreaterThan(5 * 1024 * 1024);
    });

    it('goes on when there was no space for that, and not when the disk failed', async () => {
      failCheckpoint('SQLITE_FULL');
      await written([MUCH]);
      expect(file.refusal).toBeUndefined();

      await written(['a']);
      failCheckpoint('SQLITE_IOERR_FSYNC');
      await written([MUCH]);
      expect(file.failure).toMatchObject({ code: 'storage-failed' });
      expect(textsIn(file)).toHaveLength(3);
    });
  });

  describe('that shares a journal', () => {
    let journal: Journal;
    let one: JournaledFile;
    let other: JournaledFile;

    const openBoth = (folder: string) => {
      journal = keep(Journal.open(join(folder, 'journal')));
      one = open(join(folder, 'a.db'), journal);
      other = open(join(folder, 'b.db'), journal);
    };

    beforeEach(() => openBoth(dataFolder()));

    const killBoth = () => openBoth(killedCopyOf(dirname(one.path)));

    it('has its own writes, and the other has those of the other [S1]', async () => {
      write(['a'], one);
      write(['b'], other);
      await one.applied();
      write(['c'], one);
      write(['d'], other);
      await one.settled();
      expect(other.settled()).toBeUndefined();

      killBoth();
      expect([textsIn(one), textsIn(other)]).toEqual([
        ['a', 'c'],
        ['b', 'd'],
      ]);
      killBoth();
      expect([textsIn(one), textsIn(other)]).toEqual([
        ['a', 'c'],
        ['b', 'd'],
      ]);
    });

    it('keeps nothing of one commit when an earlier one of the other is lost', async () => {
      write(['a'], one);
      await one.settled();
      write(['torn'], other);
      write(['b'], one);
      await one.settled();
      const folder = killedCopyOf(dirname(one.path));
      const segment = join(folder, 'journal.1');
      fs.truncateSync(segment, fs.readFileSync(segment).indexOf('torn') + 1);

      openBoth(folder);
      expect([textsIn(one), textsIn(other)]).toEqual([['a'], []]);
    });

    it('leaves it to its owner, who leaves nothing behind when both hold their share', async () => {
      write(['a'], one);
      write(['b'], other);
      await close(one);
      await close(other);
      expect(Journal.isThere(journal.path)).toBe(true);

      await close(journal);
      expect(Journal.isThere(journal.path)).toBe(false);
    });

    it('is seen with the other as of one moment, with all that was committed', async () => {
      write(['a'], one);
      write(['b'], other);
      const applying = one.applied();
      write(['c'], one);
      const seen = await one.still(() => [textsIn(one), textsIn(other), sqlOf(killed(one.path))]);

      expect(seen).toEqual([['a', 'c'], ['b'], ['a', 'c']]);
      await applying;
      await other.applied();
      expect([textsIn(one), textsIn(other)]).toEqual([['a', 'c'], ['b']]);
    });

    it('is not seen when the other cannot be applied', async () => {
      const look = jest.fn();
      write(['a'], one);
      file = other;
      roomFor(0);
      write([LONG.repeat(10)], other);

      await expect(one.still(look)).rejects.toMatchObject({ code: 'disk-full' });
      expect(look).not.toHaveBeenCalled();
      expect(other.refusal).toMatchObject({ code: 'disk-full' });
      roomFor(1_000_000);
      await one.still(look);
      expect([textsIn(one), textsIn(other)]).toEqual([['a'], [LONG.repeat(10)]]);
      expect(other.refusal).toBeUndefined();
    });

    it('is applied once, by whichever of them it is', async () => {
      write(['a'], one);
      await one.settled();
      one.applyNow();
      one.applyNow();
      await one.applied();
      write(['b'], one);
      await one.applied();

      expect(textsIn(one)).toEqual(['a', 'b']);
    });
  });
});

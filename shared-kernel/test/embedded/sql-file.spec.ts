import { chmodSync, existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { textOfRows, type SqlWrite } from '../../src/embedded/pending-sql';
import { SqlFile } from '../../src/embedded/sql-file';
import type { SqlValue } from '../../src/embedded/sql-value';
import { WideSelect, WideWrite } from '../../src/embedded/wide-statement';
import { dataFolder, removeDataFolders } from './data-folder';

const TABLE = 'CREATE TABLE things (name TEXT PRIMARY KEY, number INTEGER, bytes BLOB)';

const faultOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

/** The superuser may write everywhere, so that the tests of a container would prove nothing. */
const asOrdinaryUser = <Answer>(work: () => Answer): Answer => {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
};

describe('A SQL file', () => {
  let path: string;
  let file: SqlFile;

  beforeEach(() => {
    path = join(dataFolder(), 'deep', 'things.db');
    file = SqlFile.open(path, [TABLE]);
  });

  afterEach(() => file.close());
  afterAll(removeDataFolders);

  const names = (from = file) =>
    from
      .statement<{ name: string }>('SELECT name FROM things ORDER BY name')
      .all()
      .map(({ name }) => name);
  const insert = (name: string, value: SqlValue = null) =>
    file.statement('INSERT INTO things VALUES (?, ?, ?)').run(name, 1, value);

  describe('statements', () => {
    it('bind and answer what a column can hold', () => {
      const bytes = Buffer.from('hello world').subarray(6);
      file.statement('INSERT INTO things VALUES (?, ?, ?)').run("누구 'x'", 2 ** 53 - 1, bytes);
      file.statement('INSERT INTO things VALUES (?, ?, ?)').run('', -1.5, null);

      const [empty, full] = file.statement('SELECT * FROM things ORDER BY name').all();
      expect(empty).toEqual({ name: '', number: -1.5, bytes: null });
      expect(full).toEqual({ name: "누구 'x'", number: 2 ** 53 - 1, bytes });
      expect(full?.['bytes']).toBeInstanceOf(Uint8Array);
    });

    it.each<[unknown, string]>([
      [true, 'boolean'],
      [undefined, 'undefined'],
      [new Date(0), 'Date'],
      [{}, 'object'],
      [['x'], 'object'],
      [1n, 'bigint'],
      [Number.NaN, 'NaN'],
      [Infinity, 'Infinity'],
      [2 ** 53, '2^53'],
      ['a\0b', 'NUL'],
      ['\ud800', 'surrogate'],
    ])('refuse %p before the driver sees it', (value, why) => {
      expect(() => file.statement('INSERT INTO things VALUES (?, 1, NULL)').run(value as SqlValue)).toThrow(why);
      expect(names()).toEqual([]);
    });

    it('refuse a value too few and one too many', () => {
      const one = file.statement('SELECT * FROM things WHERE name = ?');

      expect(() => one.all()).toThrow('1 values are wanted, 0 were given');
      expect(() => one.all('a', 'b')).toThrow('1 values are wanted, 2 were given');
      expect(file.statement('SELECT ?1 AS x, ?2 AS y, ?1 AS z').all('x', 'y')).toEqual([{ x: 'x', y: 'y', z: 'x' }]);
    });

    it('are prepared once', () => {
      expect(file.statement('SELECT 1')).toBe(file.statement('SELECT 1'));
    });

    it('throw the driver’s errors as they are when the disk is not to blame', () => {
      insert('a');

      expect(faultOf(() => insert('a'))).toMatchObject({ code: 'SQLITE_CONSTRAINT_PRIMARYKEY' });
    });

    it.each([0, 1, 3, 4, 5, 63, 64, 65, 149])('take %i rows at a time', async (count) => {
      const rows = Array.from({ length: count }, (_, index) => [`name ${index}`, index]);
      const write = jest.fn(({ sql, rows: written = [], end = '' }: SqlWrite) =>
        file.runAtCommit(sql + textOfRows(written) + end),
      );
      file.begin();
      new WideWrite({ write }, 'things', (places) => `INSERT INTO things (name, number) VALUES ${places}`).run(rows);
      await file.commit();
      expect(write).toHaveBeenCalledTimes(count === 0 ? 0 : 1);
      expect(names()).toHaveLength(count);

      const select = new WideSelect<{ number: number }>(
        file,
        2,
        (places) => `SELECT number FROM things WHERE (name, number) IN (VALUES ${places})`,
      );
      const found = select.all([...rows, ['name 0', -1]]);
      expect(found.map(({ number }) => number).toSorted((one, other) => one - other)).toEqual(
        rows.map(([, number]) => number),
      );
    });
  });

  describe('a transaction', () => {
    it('stores all or nothing', () => {
      const error = new Error('no');

      expect(
        faultOf(() =>
          file.inTransaction(() => {
            insert('a');
            throw error;
          }),
        ),
      ).toBe(error);
      expect(names()).toEqual([]);
      expect(file.inTransaction(() => insert('b'))).toBe(1);
      expect(names()).toEqual(['b']);
    });

    it('is committed in another thread, with what was left to that', async () => {
      file.begin();
      insert('b');
      file.runAtCommit("INSERT INTO things (name) VALUES ('a')");
      expect(names()).toEqual(['b']);

      await file.commit();
      expect(names()).toEqual(['a', 'b']);
    });

    it('forgets what was left to its commit when it is rolled back', async () => {
      file.begin();
      file.runAtCommit("INSERT INTO things (name) VALUES ('a')");
      file.rollBack();
      file.begin();
      insert('b');
      await file.commit();

      expect(names()).toEqual(['b']);
    });

    it('leaves the file as it was when its commit fails, and the next one does not repeat it', async () => {
      insert('a');
      file.begin();
      insert('b');
      file.runAtCommit("INSERT INTO things (name) VALUES ('a')");
      file.runAtCommit("INSERT INTO things (name) VALUES ('c')");
      await expect(file.commit()).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_PRIMARYKEY' });
      expect(names()).toEqual(['a']);

      file.begin();
      insert('d');
      await file.commit();
      expect(names()).toEqual(['a', 'd']);
    });

    it('waits for the commit of the one before', async () => {
      file.begin();
      insert('a');
      const committed = file.commit();
      file.inTransaction(() => {
        insert('b');
        expect(names()).toEqual(['a', 'b']);
      });

      await committed;
      expect(names()).toEqual(['a', 'b']);
    });

    it('is committed before the file is closed', async () => {
      file.begin();
      insert('a');
      file.runAtCommit("INSERT INTO things (name) VALUES ('b')");
      const committed = file.commit();
      file.close();

      await committed;
      const reopened = SqlFile.open(path, [TABLE]);
      expect(names(reopened)).toEqual(['a', 'b']);
      reopened.close();
    });

    it('that outlives its file fails, and takes nobody along', async () => {
      file.begin();
      insert('a');
      expect(faultOf(() => file.close())).toMatchObject({ code: 'data-busy' });

      await expect(file.commit()).rejects.toThrow('closed');
      expect(() => file.rollBack()).not.toThrow();
    });

    it('waits for the disk', () => {
      expect(file.statement('PRAGMA journal_mode').all()).toEqual([{ journal_mode: 'wal' }]);
      expect(file.statement('PRAGMA synchronous').all()).toEqual([{ synchronous: 2 }]);
    });
  });

  describe('opening', () => {
    it('brings an older file up to date, step by step', () => {
      insert('a');
      file.close();
      const newer = SqlFile.open(path, [
        TABLE,
        'ALTER TABLE things ADD COLUMN colour TEXT; UPDATE things SET colour = name',
      ]);

      expect(newer.statement('SELECT colour FROM things').all()).toEqual([{ colour: 'a' }]);
      newer.close();
    });

    it('takes up an interrupted migration where nothing of it was done [O8 C20]', () => {
      insert('a');
      file.close();
      const second = 'ALTER TABLE things ADD COLUMN second INTEGER';
      const interrupted = 'ALTER TABLE things ADD COLUMN third INTEGER; UPDATE things SET third = nonsense';
      expect(() => SqlFile.open(path, [TABLE, second, interrupted])).toThrow('nonsense');

      const resumed = SqlFile.open(path, [TABLE, second, 'ALTER TABLE things ADD COLUMN third INTEGER']);
      expect(resumed.statement('SELECT second, third FROM things').all()).toEqual([{ second: null, third: null }]);
      resumed.close();
    });

    it('refuses what a newer version has written, and leaves it alone', () => {
      file.close();
      const fault = faultOf(() => SqlFile.open(path, []));

      expect(fault).toMatchObject({ code: 'data-too-new', retryable: false });
      expect((fault as Error).message).toContain(path);
      SqlFile.open(path, [TABLE]).close();
    });

    it('refuses a file that is no database, and one that is damaged', () => {
      const other = join(dataFolder(), 'other.db');
      writeFileSync(other, 'This is not a database. '.repeat(100));
      expect(faultOf(() => SqlFile.open(other, [TABLE]))).toMatchObject({ code: 'data-corrupt', retryable: false });

      file.close();
      truncateSync(path, 3_000);
      expect(faultOf(() => SqlFile.open(path, [TABLE]))).toMatchObject({ code: 'data-corrupt' });
    });

    it('refuses to keep what no commit makes durable, and says what is missing', () => {
      expect(() => SqlFile.open(':memory:', [])).toThrow(
        expect.objectContaining({
          code: 'data-not-durable',
          message: expect.stringContaining('SQLite has journal_mode=memory, synchronous=2 there'),
        }),
      );
    });

    it('refuses a folder that it may not write in, in one sentence', () => {
      const folder = dataFolder();
      chmodSync(folder, 0o555);
      const fault = asOrdinaryUser(() => faultOf(() => SqlFile.open(join(folder, 'things.db'), [TABLE])));

      expect(fault).toMatchObject({ code: 'data-read-only', retryable: false });
      expect((fault as Error).message).toContain('cannot be written');
      expect(readdirSync(folder)).toEqual([]);
    });

    it('refuses a folder in the place of the file, and a file in the place of the folder', () => {
      const folder = dataFolder();
      mkdirSync(join(folder, 'things.db'));
      writeFileSync(join(folder, 'file'), '');

      expect(faultOf(() => SqlFile.open(join(folder, 'things.db'), [TABLE]))).toMatchObject({ code: 'data-read-only' });
      expect(faultOf(() => SqlFile.open(join(folder, 'file', 'things.db'), [TABLE]))).toMatchObject({
        code: 'data-read-only',
      });
    });
  });

  describe('opening to read', () => {
    it('sees what the writer has committed, and writes nothing', () => {
      insert('a');
      const reader = SqlFile.openReadOnly(path);
      insert('b');

      expect(names(reader)).toEqual(['a', 'b']);
      expect(faultOf(() => reader.statement('DELETE FROM things').run())).toMatchObject({ code: 'data-read-only' });
      reader.close();
      expect(names()).toEqual(['a', 'b']);
    });

    it('makes no file', () => {
      const missing = join(dataFolder(), 'missing.db');

      expect(faultOf(() => SqlFile.openReadOnly(missing))).toMatchObject({ code: 'data-missing' });
      expect(existsSync(missing)).toBe(false);
    });
  });

  it('does nothing any more once it is closed', () => {
    const insertion = file.statement('INSERT INTO things (name) VALUES (?)');
    file.close();
    file.close();

    expect(() => insertion.run('a')).toThrow('closed');
    expect(() => file.statement('SELECT 1')).toThrow('closed');
  });
});

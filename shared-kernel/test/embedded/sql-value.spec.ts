import { join } from 'node:path';
import * as fc from 'fast-check';
import { SqlFile } from '../../src/embedded/sql-file';
import { literalRow } from '../../src/embedded/sql-value';
import type { SqlValue } from '../../src/embedded/sql-value';
import { WideStatement } from '../../src/embedded/wide-statement';
import { dataFolder, removeDataFolders } from './data-folder';

const TABLE =
  'CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT, number INTEGER, fraction REAL, bytes BLOB) STRICT';
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

type Row = readonly [text: string | null, number: number | null, fraction: number | null, bytes: Uint8Array | null];

interface StoredRow {
  readonly text: string | null;
  readonly number: number | null;
  readonly fraction: number | null;
  readonly bytes: Uint8Array | null;
  readonly types: string;
}

/** SQLite knows no negative zero. */
const plain = (number: number | null) => (number === null ? null : number + 0);

const rowOf = (text: string, number = 1): Row => [text, number, null, null];

describe('Values as literals', () => {
  let file: SqlFile;
  let insert: WideStatement;

  beforeEach(() => {
    file = SqlFile.open(join(dataFolder(), 'things.db'), [TABLE]);
    insert = new WideStatement(file, 4, (rows) => `INSERT INTO things (text, number, fraction, bytes) VALUES ${rows}`);
  });

  afterEach(() => {
    jest.restoreAllMocks();
    file.close();
  });
  afterAll(removeDataFolders);

  /** What the rows are when they are read, with what SQLite holds them for. */
  const stored = () =>
    file
      .statement<StoredRow>(
        'SELECT text, number, fraction, bytes, typeof(text) || typeof(number) || typeof(fraction) || typeof(bytes) AS types FROM things ORDER BY id',
      )
      .all()
      .map(({ bytes, ...row }) => ({ ...row, bytes: bytes && [...bytes] }));
  const write = async (rows: readonly Row[]) => {
    file.begin();
    insert.run(rows);
    await file.commit();
  };
  /** What becomes of rows that are bound, one at a time. */
  const bound = async (rows: readonly Row[]) => {
    for (const row of rows) await write([row]);
    const found = stored();
    file.statement('DELETE FROM things').run();
    return found;
  };
  const together = async (rows: readonly Row[]) => {
    const run = jest.spyOn(file, 'runAtCommit');
    await write(rows);
    expect(run).toHaveBeenCalledTimes(rows.some(([, , fraction]) => fraction !== null && fraction % 1 !== 0) ? 0 : 1);
    const found = stored();
    file.statement('DELETE FROM things').run();
    return found;
  };

  it('are written as SQL writes them', () => {
    expect(literalRow(['', "it's", -7, 0, null, Buffer.from('hello world').subarray(6), Buffer.alloc(0)])).toBe(
      "('','it''s',-7,0,NULL,X'776f726c64',X'')",
    );
  });

  it.each<[string, readonly Row[]]>([
    [
      'quotes',
      [
        ["'", null, null, null],
        ["''", null, null, null],
        [`'); DROP TABLE things; --"`, null, null, null],
      ],
    ],
    [
      'places and comments',
      [
        ['?', null, null, null],
        ['?1 :x @y $z', null, null, null],
        ['/* -- ;', null, null, null],
      ],
    ],
    [
      'unicode',
      [
        ['누구를 위하여', null, null, null],
        ['😀é\u{10FFFF}\uFFFE', null, null, null],
        ['\uFEFF', null, null, null],
      ],
    ],
    [
      'nothing',
      [
        ['', null, null, Buffer.alloc(0)],
        [null, null, null, null],
      ],
    ],
    [
      'line breaks',
      [
        ['a\nb\r\nc\rd\te\\n\u2028', null, null, null],
        ['\u0001\u001A\u007F', null, null, null],
      ],
    ],
    [
      'all bytes',
      [
        [null, null, null, ALL_BYTES],
        [null, null, null, ALL_BYTES.subarray(100, 103)],
      ],
    ],
    ['integers', [0, -0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, 1 - 2 ** 53].map((n): Row => [null, n, n, null])],
    ['fractions', [0.1, -1.5, 1e-7, 5e-324, 0.1 + 0.2, -7.2114629269075e-204].map((n): Row => [null, null, n, null])],
  ])('are stored as if they were bound: %s', async (_, rows) => {
    // More than a few, so that they are written as literals.
    const all: Row[] = [...rows, ...rows, ...rows, ['last', 1, 1, null]];

    const expected = await bound(all);
    expect(await together(all)).toEqual(expected);
    expect(expected.map(({ text, number, fraction, bytes }) => [text, number, fraction, bytes])).toEqual(
      all.map(([text, number, fraction, bytes]) => [text, plain(number), plain(fraction), bytes && [...bytes]]),
    );
  });

  const anyText = fc.string({ unit: 'binary' }).filter((each) => !each.includes('\0'));
  const anyFraction = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((each) => Math.abs(each) < 2 ** 53);

  it.each([
    ['written as literals', fc.constant(null)],
    ['bound', fc.option(anyFraction)],
  ])('come back as they were, whatever they are: %s', async (_, fractions) => {
    const row = fc.tuple(fc.option(anyText), fc.option(fc.maxSafeInteger()), fractions, fc.option(fc.uint8Array()));

    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 5, maxLength: 40 }), async (rows) => {
        await write(rows);
        const found = stored();
        file.statement('DELETE FROM things').run();
        expect(found.map((each) => [each.text, each.number, each.fraction, each.bytes])).toEqual(
          rows.map(([name, count, part, bytes]) => [name, plain(count), plain(part), bytes && [...bytes]]),
        );
      }),
      { numRuns: 100 },
    );
  });

  it.each<[unknown, string]>([
    [true, 'boolean'],
    [undefined, 'undefined'],
    [new Date(0), 'Date'],
    [{}, 'object'],
    [1n, 'bigint'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [2 ** 53, '2^53'],
    ['a\0b', 'NUL'],
    ['a\ud800', 'surrogate'],
    ['\udc00b', 'surrogate'],
  ])('are refused where they would become something else: %p', (value, why) => {
    expect(() => literalRow(['fine', value as SqlValue])).toThrow(TypeError);
    expect(() => literalRow(['fine', value as SqlValue])).toThrow(why);
  });

  it('leave fractions to be bound, whose decimals SQLite may misread', () => {
    expect(literalRow([1, 0.5])).toBeUndefined();
  });

  describe('of many characters', () => {
    it('are written by several texts, each of a size that is soon parsed', async () => {
      const run = jest.spyOn(file, 'runAtCommit');
      const rows = Array.from({ length: 30 }, (_, index) => rowOf(`${index} ${'가'.repeat(100_000)}`));
      await write(rows);

      expect(stored().map(({ text }) => text)).toEqual(rows.map(([text]) => text));
      expect(run.mock.calls.length).toBe(8);
      for (const [sql] of run.mock.calls) expect(sql.length).toBeLessThan(501_000);
    });

    it('are all bound where one row alone is longer than that', async () => {
      const rows = [1, 2, 3, 4, 5, 6].map((index) => rowOf(`${index} ${(index % 2 ? "'" : '가').repeat(600_000)}`));
      const all = [rowOf('first'), ...rows, rowOf('last')];
      const run = jest.spyOn(file, 'runAtCommit');
      await write(all);

      expect(run).not.toHaveBeenCalled();
      expect(stored().map(({ text }) => text)).toEqual(all.map(([text]) => text));
    });

    it('take thousands of rows at once', async () => {
      const rows = Array.from({ length: 5_000 }, (_, index) => rowOf(`row ${index}`, index));
      await write(rows);

      expect(stored().map(({ text, number }) => [text, number])).toEqual(rows.map(([text, number]) => [text, number]));
    });
  });
});

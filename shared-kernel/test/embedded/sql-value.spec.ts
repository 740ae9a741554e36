import { join } from 'node:path';
import * as fc from 'fast-check';
import { textOfRows } from '../../src/embedded/pending-sql';
import { SqlFile } from '../../src/embedded/sql-file';
import { jsonLiteral, literalRow, literalsIn } from '../../src/embedded/sql-value';
import type { SqlValue } from '../../src/embedded/sql-value';
import { WideWrite } from '../../src/embedded/wide-statement';
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

/** Of any size between these powers of two, and of any digits; the same at every run. */
const fractions = (least: number, most: number) => {
  let state = 0x2545f491;
  const random = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const view = new DataView(new ArrayBuffer(8));
  const found: number[] = [];
  while (found.length < 5_000) {
    const exponent = least + (random() % (most - least + 1)) + 1023;
    view.setUint32(0, (((random() & 1) << 31) | (exponent << 20) | (random() & 0xfffff)) >>> 0);
    view.setUint32(4, random());
    const number = view.getFloat64(0);
    if (!Number.isInteger(number)) found.push(number);
  }
  return found;
};

describe('Values as literals', () => {
  let file: SqlFile;
  let insert: WideWrite;

  beforeEach(() => {
    file = SqlFile.open(join(dataFolder(), 'things.db'), [TABLE]);
    insert = new WideWrite(
      { write: ({ sql, rows = [], end = '' }) => file.runAtCommit(sql + textOfRows(rows) + end) },
      'things',
      (rows) => `INSERT INTO things (text, number, fraction, bytes) VALUES ${rows}`,
    );
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
  /** What is stored once `work` is done, which is forgotten then. */
  const storedBy = async (work: () => unknown) => {
    await work();
    const found = stored();
    file.statement('DELETE FROM things').run();
    return found;
  };
  const bind = (rows: readonly Row[]) => {
    for (const row of rows) {
      file.statement('INSERT INTO things (text, number, fraction, bytes) VALUES (?, ?, ?, ?)').run(...row);
    }
  };

  /** Those that do not. */
  const changed = async (numbers: readonly number[]) => {
    const found = await storedBy(() => write(numbers.map((number): Row => [null, null, number, null])));
    return numbers.filter((number, index) => !Object.is(found[index]?.fraction, number));
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
    const expected = await storedBy(() => bind(rows));

    expect(await storedBy(() => write(rows))).toEqual(expected);
    expect(expected.map(({ text, number, fraction, bytes }) => [text, number, fraction, bytes])).toEqual(
      rows.map(([text, number, fraction, bytes]) => [text, plain(number), plain(fraction), bytes && [...bytes]]),
    );
  });

  it('are put in the place of each question mark, whatever they are', () => {
    expect(literalsIn('UPDATE things SET text = ?, number = ? WHERE text = ?', ["it's?", 1, '?'])).toBe(
      "UPDATE things SET text = 'it''s?', number = 1 WHERE text = '?'",
    );
    expect(literalsIn('DELETE FROM things', [])).toBe('DELETE FROM things');
    expect(() => literalsIn('SELECT ?, ?', [1])).toThrow('2 values are wanted, 1 were given: SELECT ?, ?');
    expect(() => literalsIn('SELECT ?', [1, 2])).toThrow('1 values are wanted, 2 were given');
    expect(() => literalsIn('SELECT ?', ['a\0b'])).toThrow('NUL');
  });

  const anyText = fc.string({ unit: 'binary' }).filter((each) => !each.includes('\0'));
  const anyFraction = fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((each) => !Number.isInteger(each) || Number.isSafeInteger(each));

  it('come back as they were, whatever they are', async () => {
    const row = fc.tuple(
      fc.option(anyText),
      fc.option(fc.maxSafeInteger()),
      fc.option(anyFraction),
      fc.option(fc.uint8Array()),
    );

    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
        const found = await storedBy(() => write(rows));
        expect(found.map((each) => [each.text, each.number, each.fraction, each.bytes])).toEqual(
          rows.map(([name, count, part, bytes]) => [name, plain(count), plain(part), bytes && [...bytes]]),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('come back as they were also as JSON, which has a way to write what a text cannot hold', async () => {
    const anyJson = fc.jsonValue({ stringUnit: 'binary' });

    await fc.assert(
      fc.asyncProperty(fc.array(anyJson, { minLength: 1, maxLength: 40 }), async (values) => {
        const found = await storedBy(async () => {
          file.begin();
          insert.run([...values, "it's", '\0 \uD800'].map((value) => [jsonLiteral(value), null, null, null]));
          await file.commit();
        });
        expect(found.map(({ text }) => text)).toEqual(
          [...values, "it's", '\0 \uD800'].map((value) => JSON.stringify(value)),
        );
      }),
      { numRuns: 100 },
    );
  });

  describe('of fractions', () => {
    it.each([
      ['of every size', -1023, 51],
      ['as small as they get', -1023, -1000],
      ['around one', -4, 4],
      ['of prices and shares', -20, 30],
      ['almost too large to have a fraction', 30, 51],
    ])('are exact: %s', async (_, least, most) => {
      expect(await changed(fractions(least, most))).toEqual([]);
    });

    it('are exact at the ends of what there is', async () => {
      const ends = [
        Number.MIN_VALUE,
        2 ** -1022,
        2 ** -1022 - Number.MIN_VALUE,
        Number.EPSILON,
        1 - Number.EPSILON / 2,
        1 + Number.EPSILON,
        2 ** 52 - 0.5,
        2 ** 38 + 2 ** -14,
        300_000_000_000.5,
      ];

      expect(await changed([...ends, ...ends.map((number) => -number)])).toEqual([]);
    });
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

  describe('of many characters', () => {
    it('are stored however long they are', async () => {
      const rows = [1, 2, 3].map((index) => rowOf(`${index} ${(index % 2 ? "'" : '가').repeat(600_000)}`));
      await write(rows);

      // Not compared as a whole: what differs would be printed.
      expect(stored().map(({ text }, index) => text === rows[index]![0])).toEqual(rows.map(() => true));
    });

    it('take thousands of rows at once', async () => {
      const rows = Array.from({ length: 5_000 }, (_, index) => rowOf(`row ${index}`, index));
      await write(rows);

      expect(stored().map(({ text, number }) => [text, number])).toEqual(rows.map(([text, number]) => [text, number]));
    });
  });
});

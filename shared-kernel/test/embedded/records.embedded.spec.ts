import { closeSync, openSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { Journal } from '../../src/embedded/journal';
import { SERVICE_SCHEMA, ServiceFile } from '../../src/embedded/service-file';
import { SqlFile } from '../../src/embedded/sql-file';
import type { Records } from '../../src/store/records';
import { withChange } from '../../src/store/with-change';
import { describeArchive } from '../../src/testing/archive.contract';
import { describeNumbers } from '../../src/testing/numbers.contract';
import { describeRecords } from '../../src/testing/records.contract';
import { messageOf, tallies } from '../../src/testing/tally';
import type { Tally } from '../../src/testing/tally';
import type { Clock } from '../../src/time/clock';
import { dataFolder, killedCopyOf, removeDataFolders } from './data-folder';
import {
  failNextApplication,
  failNextSync,
  fillDisk,
  holdNextApplication,
  frameEndsOf,
  framesOf,
} from './failing-disk';

const CLOCK: Clock = { now: () => 1_000, after: () => () => undefined };

const open = (folder: string, clock = CLOCK) => ServiceFile.open(join(folder, 'tally.db'), clock);

const openRecords =
  (cached: number, records: (file: ServiceFile) => Records<Tally> = (file) => file.records(tallies, { cached })) =>
  async (clock: Clock) => {
    const file = open(dataFolder(), clock);
    const opened = records(file);
    return {
      records: () => opened,
      archive: file.archive,
      stored: async (id: string) => {
        const [row] = await file.rows<{ version: number; count: number; colour: string | null }>(
          'SELECT version, count, colour FROM tallies WHERE id = ?',
          id,
        );
        return row && { version: row.version, columns: { count: row.count, colour: row.colour } };
      },
      close: () => file.close(),
    };
  };

/** Records of which everything is in the SQL when it is answered. */
const applied = (file: ServiceFile): Records<Tally> => {
  const records = file.records(tallies, { cached: 0 });
  return withChange(records, async (id, about, decide) => {
    const answer = await records.change(id, about, decide);
    await file.rows('SELECT 1');
    return answer;
  });
};

afterAll(removeDataFolders);

describeRecords('embedded', openRecords(10_000));
describeRecords('embedded, remembering nothing', openRecords(0));
describeRecords('embedded, remembering nothing, and applied at once', openRecords(0, applied));

describeArchive('embedded', async () => {
  const file = open(dataFolder());
  const records = file.records(tallies);
  return {
    archive: file.archive,
    put: (record, documents) => records.change(record, [], (tally) => tally.outbox.archive(...documents)),
    close: () => file.close(),
  };
});

describeNumbers('embedded', async () => {
  const file = open(dataFolder());
  const numbers = file.numbers('tallies');
  return { numbers: () => numbers, close: () => file.close() };
});

const journalOf = (folder: string) => join(folder, 'tally.db.journal.1');

const changeEverything = (tally: Tally) => {
  tally.add();
  tally.nickname('nick');
  tally.dueAt(500);
  tally.entries.set('key', 'value', 500);
  tally.outbox.add(messageOf('m'));
  tally.outbox.archive({ kind: 'line', id: 'l', document: 'archived' });
};

describe('Embedded records', () => {
  let folder: string;
  let file: ServiceFile;

  beforeEach(() => {
    folder = dataFolder();
    file = open(folder);
  });

  afterEach(() => file.close());

  it('are all there after a kill, with everything that was settled', async () => {
    await file.records(tallies).change('a', ['key'], changeEverything);
    await file.settled();

    const reopened = open(killedCopyOf(folder));
    const records = reopened.records(tallies);
    const found = await records.read('a', ['key']);
    expect(found?.count).toBe(1);
    expect(found?.entries.get('key')).toBe('value');
    expect(found?.entries.until('key')).toBe(500);
    expect(found?.outbox.waiting).toEqual([messageOf('m')]);
    expect(await records.findByAlias('nick')).toBe('a');
    expect(await records.findDue(500, 900, 1)).toEqual(['a']);
    expect(await records.findExpiredEntries(500, 1)).toEqual([{ id: 'a', keys: ['key'] }]);
    expect(await records.findWaiting(1_001, 1)).toEqual([{ id: 'a', waiting: [messageOf('m')] }]);
    expect(await reopened.archive.find('line', 'l')).toBe('archived');
    expect(await records.change('a', [], (tally) => tally.add())).toBe(2);
    await reopened.close();
  });

  it('whose messages cannot be read hold up no other, and say so to whoever changes them', async () => {
    const before = file.records(tallies);
    for (const id of ['damaged', 'sound']) await before.change(id, [], (tally) => tally.outbox.add(messageOf('m')));
    await file.close();
    const damaging = SqlFile.open(join(folder, 'tally.db'), SERVICE_SCHEMA);
    damaging.statement("UPDATE tallies SET outbox = '[[' WHERE id = 'damaged'").run();
    damaging.close();
    file = open(folder);
    const records = file.records(tallies);

    expect((await records.findWaiting(Infinity, 10)).map(({ id }) => id)).toEqual(['sound']);
    await expect(records.change('damaged', [], (tally) => tally.add())).rejects.toThrow(SyntaxError);
  });

  it('are all there whenever the kill comes, up to the last settled answer at least', async () => {
    const records = file.records(tallies);
    const settled = new Map<string, number>();
    const copies: { readonly folder: string; readonly settled: ReadonlyMap<string, number> }[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        const id = `tally ${writer}`;
        for (let change = 0; change < 40; change++) {
          const count = await records.change(id, [], (tally) => tally.add());
          await file.settled();
          settled.set(id, count);
          if (change % 20 === writer) copies.push({ folder: killedCopyOf(folder), settled: new Map(settled) });
          if (change % 10 === writer) await file.rows('SELECT 1');
        }
      }),
    );

    expect(copies).toHaveLength(16);
    for (const copy of copies) {
      const reopened = open(copy.folder);
      const left = reopened.records(tallies);
      for (const [id, count] of copy.settled) expect((await left.read(id))?.count).toBeGreaterThanOrEqual(count);
      await reopened.close();
    }
  });

  it('lose half a commit at the end of the journal, and nothing before it', async () => {
    const records = file.records(tallies);
    await records.change('a', [], (tally) => tally.note('settled'));
    await file.settled();
    const whole = frameEndsOf(journalOf(folder)).at(-1)!;
    await records.change('a', [], (tally) => tally.note('x'.repeat(10_000)));
    await file.settled();
    const longer = frameEndsOf(journalOf(folder)).at(-1)!;
    expect(longer).toBeGreaterThan(whole + 10_000);

    for (const size of [whole, whole + 1, whole + 24, Math.floor((whole + longer) / 2), longer - 1, longer]) {
      const copy = killedCopyOf(folder);
      truncateSync(journalOf(copy), size);
      const reopened = open(copy);
      expect((await reopened.records(tallies).read('a'))?.notes).toHaveLength(size === longer ? 2 : 1);
      await reopened.close();
    }
  });

  it('lose nothing to rubbish at the end of the journal', async () => {
    await file.records(tallies).change('a', [], (tally) => tally.note('settled'));
    await file.settled();
    const copy = killedCopyOf(folder);
    // A torn write: a frame that begins like one, and whose checksum does not fit.
    const journal = openSync(journalOf(copy), 'r+');
    writeSync(
      journal,
      Buffer.from([7, 0, 0, 0, ...Buffer.alloc(2_048, 7)]),
      0,
      2_052,
      frameEndsOf(journalOf(copy)).at(-1),
    );
    closeSync(journal);

    const reopened = open(copy);
    const records = reopened.records(tallies);
    expect((await records.read('a'))?.notes).toEqual(['settled']);
    await records.change('a', [], (tally) => tally.note('and on'));
    await reopened.settled();
    const next = open(killedCopyOf(copy));
    expect((await next.records(tallies).read('a'))?.notes).toEqual(['settled', 'and on']);
    await next.close();
    await reopened.close();
  });

  it('are settled for nobody when the disk fails, and refused from then on until they are opened anew [S4]', async () => {
    const records = file.records(tallies);
    await records.change('a', [], (tally) => tally.add());
    await file.settled();
    const sound = killedCopyOf(folder);
    failNextSync();

    await Promise.all([
      records.change('a', [], (tally) => tally.add()),
      records.change('b', [], (tally) => tally.add()),
    ]);
    const settling = await Promise.allSettled([file.settled(), file.settled()]);
    expect(settling).toMatchObject([{ reason: { code: 'storage-failed' } }, { reason: { code: 'storage-failed' } }]);
    await expect(file.settled()).rejects.toMatchObject({ code: 'storage-failed' });

    // The disk cannot be trusted any more, though it would take the next one.
    await expect(records.change('a', ['key'], changeEverything)).rejects.toMatchObject({ code: 'storage-failed' });
    expect(file.commits.failure).toMatchObject({ code: 'storage-failed' });
    const read = await records.read('a', ['key']);
    expect([read?.count, read?.entries.get('key')]).toEqual([2, undefined]);
    expect(await records.findByAlias('nick')).toBeUndefined();
    await expect(records.findDue(500, 900, 1)).rejects.toMatchObject({ code: 'storage-failed' });
    await expect(file.close()).rejects.toMatchObject({ code: 'storage-failed' });

    const reopened = open(sound);
    expect(await reopened.records(tallies).change('a', [], (tally) => tally.add())).toBe(2);
    await reopened.close();
    file = open(folder);
  });

  it('are read with the entries that belong to them while a commit is under way', async () => {
    const turns: (() => void)[] = [];
    const other = ServiceFile.open(join(dataFolder(), 'tally.db'), CLOCK, { schedule: (turn) => turns.push(turn) });
    const records = other.records(tallies);
    const countTo = async (count: number) => {
      const changing = records.change('a', ['key'], (tally) => {
        tally.add();
        tally.entries.set('key', count);
      });
      turns.shift()?.();
      const read = await records.read('a', ['key']);
      expect([read?.count, read?.entries.get('key')]).toEqual([count, count]);
      await changing;
    };

    await countTo(1);
    await countTo(2);
    expect((await records.read('a'))?.count).toBe(2);
    await other.close();
  });

  it('store nothing on a full disk, and go on when there is space again', async () => {
    const records = file.records(tallies);
    await records.change('a', [], (tally) => tally.add());
    const makeRoom = fillDisk();

    const failed = await Promise.allSettled([
      records.change('a', ['key'], changeEverything),
      records.change('b', [], (tally) => tally.note('x'.repeat(100_000))),
    ]);
    expect(failed).toMatchObject([
      { reason: { code: 'disk-full', retryable: true } },
      { reason: { code: 'disk-full', retryable: true } },
    ]);
    expect((await records.read('a', ['key']))?.entries.get('key')).toBeUndefined();
    expect((await records.read('a'))?.count).toBe(1);
    expect(await records.read('b')).toBeUndefined();

    makeRoom();
    expect(await records.change('a', ['key'], (tally) => [tally.entries.get('key'), tally.add()])).toEqual([
      undefined,
      2,
    ]);
    expect(await file.rows('SELECT id, count FROM tallies')).toEqual([{ id: 'a', count: 2 }]);
  });

  it('keep what was answered when the SQL has no room for it, take nothing more, and go on when it has', async () => {
    const records = file.records(tallies);
    await records.change('a', [], (tally) => tally.add());
    await file.rows('SELECT 1');
    const [{ page_count: pages } = { page_count: 0 }] = file.direct
      .statement<{ page_count: number }>('PRAGMA page_count')
      .all();
    file.direct.statement(`PRAGMA max_page_count = ${pages}`).all();

    const text = 'x'.repeat(100_000);
    await records.change('a', [], (tally) => tally.note(text));
    await expect(records.findDue(0, 0, 1)).rejects.toMatchObject({ code: 'disk-full', retryable: true });
    await expect(records.change('a', [], (tally) => tally.add())).rejects.toMatchObject({ code: 'disk-full' });
    await file.settled();
    expect((await records.read('a'))?.notes).toEqual([text]);

    const killed = open(killedCopyOf(folder));
    expect((await killed.records(tallies).read('a'))?.notes).toEqual([text]);
    await killed.close();

    file.direct.statement('PRAGMA max_page_count = 1000000').all();
    expect(await records.change('a', [], (tally) => tally.add())).toBe(2);
    expect(await file.rows('SELECT count FROM tallies')).toEqual([{ count: 2 }]);
    expect(file.direct.statement('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  });

  it('stay right when one commit changes more of them than are remembered', async () => {
    const records = file.records(tallies, { cached: 4 });
    const ids = Array.from({ length: 50 }, (_, index) => `tally ${index}`);
    const round = () => Promise.all(ids.map((id) => records.change(id, [], (tally) => tally.add())));

    await round();
    await Promise.all(ids.slice(40).map((id) => records.read(id)));
    expect(new Set(await round())).toEqual(new Set([2]));
  });

  it('write a row once for all changes of a commit', async () => {
    const records = file.records(tallies);
    await records.change('a', [], (tally) => tally.add());
    await Promise.all(Array.from({ length: 10 }, () => records.change('a', [], (tally) => tally.add())));
    await file.settled();

    expect(framesOf(journalOf(folder)).map(({ sql }) => sql.split("('a',").length - 1)).toEqual([1, 1]);
  });

  it('fill a column that their kind has come to declare, and refuse to lose one that it has not heard of', async () => {
    await file.records(tallies).change('a', [], (tally) => tally.paint('red'));
    await file.close();

    const older = open(folder);
    expect(() => older.records({ ...tallies, columns: {}, columnsOf: () => ({}) })).toThrow(
      expect.objectContaining({ code: 'data-too-new', retryable: false }),
    );
    await older.close();

    const newer = open(folder);
    newer.records(
      {
        ...tallies,
        columns: { ...tallies.columns, paint: 'text' },
        columnsOf: (tally) => ({ count: tally.count, colour: tally.body().colour, paint: tally.body().colour }),
      },
      { indexes: [['paint', 'count']] },
    );
    expect(await newer.rows('SELECT id, paint FROM tallies WHERE paint = ?', 'red')).toEqual([
      { id: 'a', paint: 'red' },
    ]);
    await newer.close();
  });

  it('are handed out once for a file, for they remember', () => {
    file.records(tallies);

    expect(() => file.records(tallies)).toThrow('in use already');
  });

  it('refuse an id that the file could not tell from another, and only that change', async () => {
    const records = file.records(tallies);
    const [odd, other] = await Promise.allSettled([
      records.change('a\0b', [], (tally) => tally.add()),
      records.change('c', [], (tally) => tally.add()),
    ]);

    expect(odd).toMatchObject({ reason: { message: expect.stringContaining('NUL') as string } });
    expect(other).toEqual({ status: 'fulfilled', value: 1 });
  });

  it('suffer nothing when another file is closed that was closed before', async () => {
    const other = open(dataFolder());
    await other.records(tallies).change('a', [], (tally) => tally.add());
    await other.close();
    const third = open(dataFolder());
    await expect(other.close()).resolves.toBeUndefined();

    await third.records(tallies).change('a', [], (tally) => tally.add());
    await third.settled();
    expect(await third.rows('SELECT count FROM tallies')).toEqual([{ count: 1 }]);
    await third.close();
  });

  it('are refused when their file is being closed, after what came before', async () => {
    const records = file.records(tallies);
    const before = records.change('a', [], (tally) => tally.add());
    const closing = file.close();

    expect(await before).toBe(1);
    await expect(records.change('a', [], (tally) => tally.add())).rejects.toMatchObject({ code: 'store-closed' });
    await closing;
    await expect(records.read('unknown')).rejects.toThrow('closed');
  });
});

/** In the SQL, whatever memory says. */
const inSql = async (file: ServiceFile) => {
  const [record] = await file.rows<{ count: number }>("SELECT count FROM tallies WHERE id = 'a'");
  const [entry] = await file.rows<{ value: string }>("SELECT value FROM tallies_entry WHERE key = 'key'");
  return [record?.count, entry && (JSON.parse(entry.value) as unknown)];
};

const bothFind = (count: number) => [
  [count, `entry ${count}`],
  [count, `entry ${count}`],
];

describe.each([10_000, 0])('Embedded records that come into the SQL later, of which %i are remembered', (cached) => {
  let file: ServiceFile;
  let records: Records<Tally>;

  beforeEach(() => {
    file = open(dataFolder());
    records = file.records(tallies, { cached });
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await file.close();
  });

  const countTo = (count: number) =>
    records.change('a', ['key'], (tally) => {
      while (tally.count < count) tally.add();
      tally.entries.set('key', `entry ${count}`);
    });

  /** Count and entry, as a reader and a change find them. */
  const found = async () => {
    const read = await records.read('a', ['key']);
    const changed = await records.change('a', ['key'], (tally) => [tally.count, tally.entries.get('key')]);
    return [[read?.count, read?.entries.get('key')], changed];
  };
  it('are found with their entries before they are applied, and after that', async () => {
    await countTo(1);
    expect(await found()).toEqual(bothFind(1));
    await file.rows('SELECT 1');
    expect(await found()).toEqual(bothFind(1));
    await countTo(2);

    expect(await found()).toEqual(bothFind(2));
    expect(await inSql(file)).toEqual([2, 'entry 2']);
    expect(await found()).toEqual(bothFind(2));
  });

  it('are found while they are being applied, and so is what comes meanwhile', async () => {
    await countTo(1);
    await file.rows('SELECT 1');
    await countTo(2);
    const release = holdNextApplication();
    const applying = file.rows('SELECT 1');
    expect(await found()).toEqual(bothFind(2));
    await countTo(3);
    expect(await found()).toEqual(bothFind(3));

    release();
    await applying;
    expect(await found()).toEqual(bothFind(3));
    expect(await inSql(file)).toEqual([3, 'entry 3']);
  });

  it('are found when applying failed, with what comes after that, until it succeeds', async () => {
    await countTo(1);
    await file.rows('SELECT 1');
    await countTo(2);
    failNextApplication('SQLITE_BUSY');
    await expect(file.rows('SELECT 1')).rejects.toMatchObject({ code: 'data-busy' });
    expect(await found()).toEqual(bothFind(2));
    await countTo(3);
    expect(await found()).toEqual(bothFind(3));

    expect(await inSql(file)).toEqual([3, 'entry 3']);
    expect(await found()).toEqual(bothFind(3));
  });

  it('are found when one among them could be applied only at the second attempt, whoever changed it last', async () => {
    await countTo(1);
    await records.change('b', [], (tally) => tally.add());
    failNextApplication('SQLITE_BUSY');
    await expect(file.rows('SELECT 1')).rejects.toMatchObject({ code: 'data-busy' });
    await countTo(2);
    const release = holdNextApplication();
    const applying = file.rows('SELECT 1');

    expect(await found()).toEqual(bothFind(2));
    expect((await records.read('b'))?.count).toBe(1);
    release();
    await applying;
    expect((await records.read('b'))?.count).toBe(1);
  });

  it('have no entry that was deleted: not before that is applied, nor during, nor after', async () => {
    await countTo(1);
    await file.rows('SELECT 1');
    await records.change('a', ['key'], (tally) => tally.entries.delete('key'));
    const neitherFinds = [
      [1, undefined],
      [1, undefined],
    ];
    expect(await found()).toEqual(neitherFinds);
    const release = holdNextApplication();
    const applying = file.rows('SELECT 1');
    expect(await found()).toEqual(neitherFinds);
    release();
    await applying;

    expect(await found()).toEqual(neitherFinds);
    expect(await inSql(file)).toEqual([1, undefined]);
    await countTo(3);
    expect(await found()).toEqual(bothFind(3));
  });

  it('are found by everything that was answered, also while something older is being applied', async () => {
    await countTo(1);
    const release = holdNextApplication();
    const applying = file.rows('SELECT 1');
    await records.change('a', ['key'], changeEverything);
    const finding = Promise.all([
      records.findByAlias('nick'),
      records.findDue(500, 900, 9),
      records.findExpiredEntries(500, 9),
      records.findWaiting(1_001, 9),
      file.archive.find('line', 'l'),
      file.archive.list('line', 'a', { limit: 9 }),
      file.archive.listAll('line', { limit: 9 }),
      file.rows('SELECT count FROM tallies'),
    ]);
    release();
    await applying;

    expect(await finding).toEqual([
      'a',
      ['a'],
      [{ id: 'a', keys: ['key'] }],
      [{ id: 'a', waiting: [messageOf('m')] }],
      'archived',
      ['archived'],
      [{ id: 'l', record: 'a', document: 'archived' }],
      [{ count: 2 }],
    ]);
  });

  it.each(['', '🔔', ' ', '~', 'é', '\uFFFF', '\u{10FFFF}'])(
    'keep an entry under any key, also under "%s"',
    async (key) => {
      await records.change('a', [key], (tally) => tally.entries.set(key, 'first'));
      expect((await records.read('a', [key]))?.entries.get(key)).toBe('first');
      await file.rows('SELECT 1');

      const changing = records.change('a', [key], (tally) => {
        const before = tally.entries.get(key);
        tally.entries.set(key, 'second');
        return before;
      });
      expect(await changing).toBe('first');
      expect((await records.read('a', [key]))?.entries.get(key)).toBe('second');
    },
  );

  it('have the entries that were there when the file was opened, and those that nobody has asked for in a while', async () => {
    const folder = dataFolder();
    const before = open(folder);
    const keys = ['a1', 'a2', 'a2é', 'b1', 'é'];
    const first = before.records(tallies);
    await first.change('a', keys, (tally) => keys.forEach((key) => tally.entries.set(key, key)));
    await before.close();

    const again = open(folder);
    const later = again.records(tallies, { cached });
    for (const added of ['a3', 'a0', 'b2', 'é2', 'a4']) {
      await later.change('a', [added], (tally) => tally.entries.set(added, added));
      await again.rows('SELECT 1');
      keys.push(added);
      const read = await later.read('a', keys);
      expect(keys.filter((key) => read?.entries.get(key) !== key)).toEqual([]);
    }
    await later.change('a', ['a4'], (tally) => tally.entries.delete('a4'));
    expect((await later.read('a', ['a4']))?.entries.get('a4')).toBeUndefined();
    expect((await later.read('b', ['a3']))?.entries.get('a3')).toBeUndefined();
    await again.close();
  });

  it('keep entries apart whose keys and records are one text when they are written in a row', async () => {
    await records.change('b\nc', ['a'], (tally) => tally.entries.set('a', 'of b, c'));
    await records.change('c', ['a\nb'], (tally) => tally.entries.set('a\nb', 'of c'));

    expect((await records.read('b\nc', ['a']))?.entries.get('a')).toBe('of b, c');
    expect((await records.read('c', ['a\nb']))?.entries.get('a\nb')).toBe('of c');
  });
});

/** The files of one process, in this folder. */
const openBoth = (where: string) => {
  const journal = Journal.open(join(where, 'journal'));
  const [first, second] = ['first.db', 'second.db'].map((name) =>
    ServiceFile.open(join(where, name), CLOCK, { journal }),
  ) as [ServiceFile, ServiceFile];
  const of = [first.records(tallies), second.records(tallies)] as const;
  return {
    first,
    second,
    /** As a saga does it: the second goes on from what the first has answered. */
    addInTurn: async () => {
      await of[0].change('a', [], (tally) => tally.add());
      await of[1].change('a', [], (tally) => tally.add());
    },
    counts: async () => Promise.all(of.map(async (each) => (await each.read('a'))?.count ?? 0)),
    close: async () => {
      await Promise.all([first.close(), second.close()]);
      await journal.close();
    },
  };
};

const countsAfterKill = async (copy: string) => {
  const reopened = openBoth(copy);
  const counts = await reopened.counts();
  await reopened.close();
  return counts as [number, number];
};

describe('Files that share a journal', () => {
  let folder: string;

  beforeEach(() => {
    folder = dataFolder();
  });

  it('have nothing of what came after without what came before, wherever the journal is torn', async () => {
    const both = openBoth(folder);
    for (let round = 0; round < 3; round++) await both.addInTurn();
    await both.first.settled();
    const ends = frameEndsOf(join(folder, 'journal.1'));
    expect(ends).toHaveLength(7);

    const found: (readonly [number, number])[] = [];
    for (const [done, end] of ends.entries()) {
      for (const torn of [0, 1, 30].filter(() => done < 6)) {
        const copy = killedCopyOf(folder);
        truncateSync(join(copy, 'journal.1'), end + torn);
        found.push(await countsAfterKill(copy));
      }
    }
    await both.close();
    expect(found).toEqual(
      [0, 1, 2, 3, 4, 5].flatMap((done) =>
        Array.from({ length: 3 }, () => [Math.ceil(done / 2), Math.floor(done / 2)]),
      ),
    );
  });

  it('have nothing of what was damaged in the journal, nor of what came after it', async () => {
    const both = openBoth(folder);
    for (let round = 0; round < 3; round++) await both.addInTurn();
    await both.first.settled();
    const third = frameEndsOf(join(folder, 'journal.1'))[2]!;
    const copy = killedCopyOf(folder);
    await both.close();
    const journal = openSync(join(copy, 'journal.1'), 'r+');
    writeSync(journal, Buffer.alloc(8, 0xff), 0, 8, third + 40);
    closeSync(journal);

    expect(await countsAfterKill(copy)).toEqual([1, 1]);
  });

  it('have in no SQL what could get lost in the journal with what it came from', async () => {
    const both = openBoth(folder);
    await both.addInTurn();
    await both.second.rows('SELECT 1');
    const copy = killedCopyOf(folder);
    await both.close();

    expect(await countsAfterKill(copy)).toEqual([1, 1]);
  });

  it('are settled together', async () => {
    const both = openBoth(folder);
    await both.addInTurn();
    await both.first.settled();
    expect(both.second.settled()).toBeUndefined();
    const copy = killedCopyOf(folder);
    await both.close();

    expect(await countsAfterKill(copy)).toEqual([1, 1]);
  });

  it('are seen as of one moment, with everything that was answered', async () => {
    const both = openBoth(folder);
    await both.addInTurn();
    const release = holdNextApplication();
    const applying = both.first.rows('SELECT 1');
    await both.addInTurn();
    const looking = both.second.still(() =>
      [both.first, both.second].map((file) => file.direct.statement('SELECT count FROM tallies').all()),
    );
    await both.addInTurn();
    release();
    await applying;

    expect(await looking).toEqual([[{ count: 3 }], [{ count: 3 }]]);
    expect(await both.counts()).toEqual([3, 3]);
    await both.close();
  });
});

describe('A service’s own tables', () => {
  it('are durable when they are written, with all that was answered before', async () => {
    const folder = dataFolder();
    const file = open(folder);
    file.createMissing('CREATE TABLE mine (text TEXT NOT NULL)');
    await file.records(tallies).change('a', [], (tally) => tally.add());
    await file.exclusively((mine) => mine.statement('INSERT INTO mine (text) VALUES (?)').run("it's"));

    const killed = open(killedCopyOf(folder));
    expect(await killed.rows('SELECT text FROM mine')).toEqual([{ text: "it's" }]);
    expect((await killed.records(tallies).read('a'))?.count).toBe(1);
    await Promise.all([killed.close(), file.close()]);
  });
});

describe('Records that are dropped', () => {
  it('are gone after their last change, and take no more, also in the same turn', async () => {
    const folder = dataFolder();
    const file = open(folder);
    const records = file.records(tallies);
    await records.change('a', [], (tally) => tally.add());
    const dropped = file.drop('tallies');
    await expect(records.change('a', [], (tally) => tally.add())).rejects.toMatchObject({ code: 'store-closed' });
    await dropped;
    await expect(records.change('b', [], (tally) => tally.add())).rejects.toMatchObject({ code: 'store-closed' });
    await file.numbers('books').next();
    await file.settled();

    const killed = open(killedCopyOf(folder));
    expect(await killed.numbers('books').next()).toBe(2);
    expect(await killed.rows("SELECT name FROM sqlite_schema WHERE name LIKE 'tallies%'")).toEqual([]);
    await Promise.all([killed.close(), file.close()]);
  });
});

it('The zone of a service’s file is that of the first start since it is kept, and no other', async () => {
  const folder = dataFolder();
  SqlFile.open(join(folder, 'tally.db'), SERVICE_SCHEMA.slice(0, 2)).close();
  const first = open(folder);
  first.keepZone('Asia/Seoul');
  await first.close();

  const second = open(folder);
  expect(() => second.keepZone('Asia/Seoul')).not.toThrow();
  expect(() => second.keepZone('Europe/Berlin')).toThrow(expect.objectContaining({ code: 'zone-changed' }));
  await second.close();
});

describe('The embedded archive', () => {
  it('keeps what a file of the first version holds, whose pages are smaller', async () => {
    const folder = dataFolder();
    const path = join(folder, 'tally.db');
    const made = new Database(path);
    made.exec('PRAGMA page_size = 2048; PRAGMA journal_mode = WAL; VACUUM');
    made.close();
    const first = SqlFile.open(path, SERVICE_SCHEMA.slice(0, 1));
    const insert = first.statement('INSERT INTO archive (kind, id, record, document) VALUES (?, ?, ?, ?)');
    for (const id of ['b', 'a']) insert.run('sum', id, 'tally-1', JSON.stringify({ id, text: 'x'.repeat(900) }));
    first.close();

    const file = open(folder);

    expect(await file.archive.find('sum', 'a')).toMatchObject({ id: 'a' });
    expect(await file.archive.list('sum', 'tally-1', { limit: 9 })).toMatchObject([{ id: 'b' }, { id: 'a' }]);
    expect(file.direct.statement('PRAGMA page_size').all()).toEqual([{ page_size: 2048 }]);
    await file.close();
  });

  it('wastes no more than a third of its pages on documents of a saga’s size', async () => {
    const folder = dataFolder();
    const file = open(folder);
    const records = file.records(tallies);
    const text = 'x'.repeat(900);
    await Promise.all(
      Array.from({ length: 1_000 }, async (_, at) =>
        records.change('tally-1', [], (tally) => {
          tally.outbox.archive({ kind: 'sum', id: String(at).padStart(9, '0'), document: text });
        }),
      ),
    );
    await file.close();

    expect(statSync(join(folder, 'tally.db')).size).toBeLessThan(1_000 * 900 * 1.5);
  });
});

describe('Embedded numbers', () => {
  it('leave none out: not at a restart, not on a full disk, not in a commit that is done again', async () => {
    const folder = dataFolder();
    const file = open(folder);
    const [books, members] = [file.numbers('books'), file.numbers('members')];
    expect(await Promise.all([books.next(), books.next(), members.next()])).toEqual([1, 2, 1]);
    const makeRoom = fillDisk();
    await expect(books.next()).rejects.toMatchObject({ code: 'disk-full' });
    makeRoom();
    const records = file.records(tallies);
    const unstorable = records.change('a', [], (tally) => tally.paint('a\0b'));
    const together = await Promise.allSettled([books.next(), unstorable]);
    expect(together).toMatchObject([{ value: 3 }, { status: 'rejected' }]);
    await file.close();

    const reopened = open(folder);
    expect(await reopened.numbers('books').next()).toBe(4);
    expect(await reopened.numbers('members').next()).toBe(2);
    await reopened.close();
  });
});

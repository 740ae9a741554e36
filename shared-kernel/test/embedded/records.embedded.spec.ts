import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICE_SCHEMA, ServiceFile } from '../../src/embedded/service-file';
import { SqlFile } from '../../src/embedded/sql-file';
import type { SqlStatement } from '../../src/embedded/sql-file';
import { storageFault } from '../../src/embedded/storage-fault';
import { describeArchive } from '../../src/testing/archive.contract';
import { describeNumbers } from '../../src/testing/numbers.contract';
import { describeRecords } from '../../src/testing/records.contract';
import { messageOf, tallies } from '../../src/testing/tally';
import type { Tally } from '../../src/testing/tally';
import type { Clock } from '../../src/time/clock';
import { dataFolder, killedCopyOf, removeDataFolders } from './data-folder';

const CLOCK: Clock = { now: () => 1_000, after: () => () => undefined };

const open = (folder: string, clock = CLOCK) => ServiceFile.open(join(folder, 'tally.db'), clock);

/** The disk fails in the next COMMIT, of whichever file. */
const failNextCommit = (code: string) =>
  jest.spyOn(SqlFile.prototype, 'commit').mockImplementationOnce(async function (this: SqlFile) {
    this.rollBack();
    throw storageFault({ code }, 'tally.db')!;
  });

const openRecords = (cached: number) => async (clock: Clock) => {
  const file = open(dataFolder(), clock);
  const records = file.records(tallies, { cached });
  const select = file.statement<{ version: number; count: number; colour: string | null }>(
    'SELECT version, count, colour FROM tallies WHERE id = ?',
  );
  return {
    records: () => records,
    archive: file.archive,
    stored: async (id: string) => {
      const [row] = select.all(id);
      return row && { version: row.version, columns: { count: row.count, colour: row.colour } };
    },
    close: () => file.close(),
  };
};

afterAll(removeDataFolders);

describeRecords('embedded', openRecords(10_000));
describeRecords('embedded, remembering nothing', openRecords(0));

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

  const wal = () => join(folder, 'tally.db-wal');

  it('are all there after a kill, with everything that was answered', async () => {
    await file.records(tallies).change('a', ['key'], changeEverything);

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

  it('are all there whenever the kill comes, up to the last answer at least', async () => {
    const records = file.records(tallies);
    const answered = new Map<string, number>();
    const copies: { readonly folder: string; readonly answered: ReadonlyMap<string, number> }[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        const id = `tally ${writer}`;
        for (let change = 0; change < 40; change++) {
          answered.set(id, await records.change(id, [], (tally) => tally.add()));
          if (change % 20 === writer) copies.push({ folder: killedCopyOf(folder), answered: new Map(answered) });
        }
      }),
    );

    expect(copies).toHaveLength(16);
    for (const copy of copies) {
      const reopened = open(copy.folder);
      const left = reopened.records(tallies);
      for (const [id, count] of copy.answered) expect((await left.read(id))?.count).toBeGreaterThanOrEqual(count);
      await reopened.close();
    }
  });

  it('lose half a commit at the end of the log, and nothing before it', async () => {
    const records = file.records(tallies);
    await records.change('a', [], (tally) => tally.note('answered'));
    const whole = statSync(wal()).size;
    await records.change('a', [], (tally) => tally.note('x'.repeat(10_000)));
    const longer = statSync(wal()).size;
    expect(longer).toBeGreaterThan(whole + 10_000);

    for (const size of [whole, whole + 1, whole + 24, Math.floor((whole + longer) / 2), longer - 1]) {
      const copy = killedCopyOf(folder);
      truncateSync(join(copy, 'tally.db-wal'), size);
      const reopened = open(copy);
      expect((await reopened.records(tallies).read('a'))?.notes).toEqual(['answered']);
      await reopened.close();
    }
  });

  it('lose nothing to rubbish at the end of the log', async () => {
    await file.records(tallies).change('a', [], (tally) => tally.note('answered'));
    const copy = killedCopyOf(folder);
    const log = join(copy, 'tally.db-wal');
    const written = readFileSync(log);
    // A torn write: a frame that looks like one, and whose checksum does not fit.
    const rubbish = Buffer.concat([written.subarray(32, 56), Buffer.alloc(2_048, 7)]);
    writeFileSync(log, Buffer.concat([written, rubbish, rubbish]));

    const reopened = open(copy);
    expect((await reopened.records(tallies).read('a'))?.notes).toEqual(['answered']);
    await reopened.close();
  });

  it('answer nothing and remember nothing when the disk fails in the commit [S4]', async () => {
    const records = file.records(tallies);
    await records.change('a', [], (tally) => tally.add());
    failNextCommit('SQLITE_IOERR_FSYNC');

    const failed = await Promise.allSettled([
      records.change('a', ['key'], changeEverything),
      records.change('b', [], (tally) => tally.add()),
    ]);
    expect(failed).toMatchObject([{ reason: { code: 'storage-failed' } }, { reason: { code: 'storage-failed' } }]);
    expect((await records.read('a', ['key']))?.count).toBe(1);
    expect((await records.read('a', ['key']))?.entries.get('key')).toBeUndefined();
    expect(await records.read('b')).toBeUndefined();
    expect(await records.findByAlias('nick')).toBeUndefined();

    // The disk cannot be trusted any more, until the file is opened anew.
    await expect(records.change('a', [], (tally) => tally.add())).rejects.toMatchObject({ code: 'storage-failed' });
    expect(file.commits.failure).toMatchObject({ code: 'storage-failed' });
    const reopened = open(killedCopyOf(folder));
    expect(await reopened.records(tallies).change('a', [], (tally) => tally.add())).toBe(2);
    await reopened.close();
  });

  it('are read with the entries that belong to them while a commit is under way', async () => {
    const turns: (() => void)[] = [];
    const other = ServiceFile.open(join(dataFolder(), 'tally.db'), CLOCK, (turn) => turns.push(turn));
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
    const [{ page_count: pages } = { page_count: 0 }] = file
      .statement<{ page_count: number }>('PRAGMA page_count')
      .all();
    file.statement(`PRAGMA max_page_count = ${pages}`).all();

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

    file.statement('PRAGMA max_page_count = 1000000').all();
    expect(await records.change('a', ['key'], (tally) => [tally.entries.get('key'), tally.add()])).toEqual([
      undefined,
      2,
    ]);
    expect(file.statement<{ integrity_check: string }>('PRAGMA integrity_check').all()).toEqual([
      { integrity_check: 'ok' },
    ]);
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
    const before = file.commits.counters;
    const statements = Object.getPrototypeOf(file.statement('COMMIT')) as SqlStatement;
    const run = jest.spyOn(statements, 'run');
    await Promise.all(Array.from({ length: 10 }, () => records.change('a', [], (tally) => tally.add())));

    expect((run.mock.calls as unknown[][]).filter(([id]) => id === 'a')).toHaveLength(1);
    expect(file.commits.counters).toMatchObject({ commits: before.commits + 1, changes: before.changes + 10 });
    run.mockRestore();
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
    expect(newer.statement('SELECT id, paint FROM tallies WHERE paint = ?').all('red')).toEqual([
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

it('The zone of a service’s file is that of the first start since it is kept, and no other', async () => {
  const folder = dataFolder();
  SqlFile.open(join(folder, 'tally.db'), SERVICE_SCHEMA.slice(0, 2), 2048).close();
  const first = open(folder);
  first.keepZone('Asia/Seoul');
  await first.close();

  const second = open(folder);
  expect(() => second.keepZone('Asia/Seoul')).not.toThrow();
  expect(() => second.keepZone('Europe/Berlin')).toThrow(expect.objectContaining({ code: 'zone-changed' }));
  await second.close();
});

describe('The embedded archive', () => {
  it('keeps what a file of the first version holds', async () => {
    const folder = dataFolder();
    const first = SqlFile.open(join(folder, 'tally.db'), SERVICE_SCHEMA.slice(0, 1), 2048);
    const insert = first.statement('INSERT INTO archive (kind, id, record, document) VALUES (?, ?, ?, ?)');
    for (const id of ['b', 'a']) insert.run('sum', id, 'tally-1', JSON.stringify({ id, text: 'x'.repeat(900) }));
    first.close();

    const file = open(folder);

    expect(await file.archive.find('sum', 'a')).toMatchObject({ id: 'a' });
    expect(await file.archive.list('sum', 'tally-1', { limit: 9 })).toMatchObject([{ id: 'b' }, { id: 'a' }]);
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
  it('leave none out: not at a restart, not in a commit that failed', async () => {
    const folder = dataFolder();
    const file = open(folder);
    const [books, members] = [file.numbers('books'), file.numbers('members')];
    expect(await Promise.all([books.next(), books.next(), members.next()])).toEqual([1, 2, 1]);
    failNextCommit('SQLITE_FULL');
    await expect(books.next()).rejects.toMatchObject({ code: 'disk-full' });
    expect(await books.next()).toBe(3);
    await file.close();

    const reopened = open(folder);
    expect(await reopened.numbers('books').next()).toBe(4);
    expect(await reopened.numbers('members').next()).toBe(2);
    await reopened.close();
  });
});

import { TcpProxy } from '@library/infra/tcp-proxy';
import type { Collection } from 'mongodb';
import { EntryCollection } from '../../src/mongodb/entry-collection';
import type { EntryDocument } from '../../src/mongodb/entry-collection';
import type { MongoRecords } from '../../src/mongodb/records.mongo';
import { ServiceDatabase } from '../../src/mongodb/service-database';
import type { DatabaseSettings } from '../../src/mongodb/service-database';
import { Databases, describeWithMongo } from '../../src/testing/mongo-databases';
import { tallies } from '../../src/testing/tally';
import type { Tally } from '../../src/testing/tally';
import { SystemClock } from '../../src/time/system-clock';
import { until } from './until';

const clock = new SystemClock();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const add = (tally: Tally) => tally.add();
const inTurn = (count: number) => Array.from({ length: count }, (_, index) => index);

const changeMuch = (tally: Tally) => {
  tally.entries.set('key', 'value');
  tally.outbox.archive({ kind: 'line', id: 'l', document: 'archived' });
  return tally.add();
};

describeWithMongo('MongoDB that fails', (url) => {
  let databases: Databases;
  let proxy: TcpProxy;
  /** Reached through the proxy. */
  let far: ServiceDatabase;
  let records: MongoRecords<Tally>;
  /** Reached directly, as by another process. */
  let near: ServiceDatabase;
  let others: MongoRecords<Tally>;

  const openFar = (settings: Partial<DatabaseSettings> = {}) =>
    databases.open({ clock, ...settings }, `mongodb://${proxy.address}/?directConnection=true`);
  const countOf = async (id: string) => (await others.read(id))?.count;
  const documentOf = (id: string) =>
    near
      .collection<{ readonly _id: string; readonly entries?: unknown; readonly leaving?: unknown }>('tallies')
      .findOne({
        _id: id,
      });

  /** The write arrives, and its answer does not. */
  const addUnanswered = (id: string, decided: number[] = []) =>
    records.change(id, [], (tally) => {
      decided.push(tally.add());
      if (decided.length === 1) proxy.swallowAnswers();
      return decided.length;
    });

  beforeEach(async () => {
    const [host = '', port = ''] = new URL(url).host.split(':');
    databases = new Databases(url);
    proxy = await TcpProxy.to(host, Number(port));
    far = openFar();
    records = far.records(tallies);
    near = databases.open({ clock });
    others = near.records(tallies);
    await Promise.all([far.start(), near.start()]);
  });

  afterEach(async () => {
    await proxy.restore();
    await databases.remove();
    await proxy.close();
  });

  describe('an outcome that nobody knows [I1, I2]', () => {
    it.each([0, 1, 31])('is found out from the record, when %d others have changed it since', async (changes) => {
      await others.change('a', [], add);
      const decided: number[] = [];
      const change = addUnanswered('a', decided);
      await pause(200);
      for (const _ of inTurn(changes)) await others.change('a', [], add);
      await proxy.restore();

      expect(await change).toBe(1);
      expect(decided).toEqual([2]);
      expect(await countOf('a')).toBe(2 + changes);
    });

    it('is found out too when the change made the record', async () => {
      const change = addUnanswered('a');
      await pause(200);
      await proxy.restore();

      expect(await change).toBe(1);
      expect(await countOf('a')).toBe(1);
    });

    it('is a Fault when the record cannot remember it any more, and is never decided again', async () => {
      await others.change('a', [], add);
      const decided: number[] = [];
      const change = addUnanswered('a', decided);
      await pause(200);
      for (const _ of inTurn(33)) await others.change('a', [], add);
      await proxy.restore();

      await expect(change).rejects.toMatchObject({ code: 'outcome-unknown', retryable: true });
      expect(decided).toEqual([2]);
      expect(await countOf('a')).toBe(35);
    });

    it('of many records is found out for each', async () => {
      await others.change('10', [], add);
      const changes = inTurn(20).map((id) => addUnanswered(String(id), id === 0 ? [] : [0]));
      await pause(200);
      await others.change('11', [], add);
      await proxy.restore();

      await Promise.all(changes);
      expect(await Promise.all(inTurn(20).map((id) => countOf(String(id))))).toEqual(
        inTurn(20).map((id) => (id === 10 || id === 11 ? 2 : 1)),
      );
    });

    it('is settled when the write did not even arrive', async () => {
      let decided = 0;
      const change = records.change('a', [], (tally) => {
        decided += 1;
        if (decided === 1) proxy.cut();
        return tally.add();
      });
      await pause(200);
      await proxy.restore();

      expect(await change).toBe(1);
      expect(await countOf('a')).toBe(1);
    });
  });

  it('loses and doubles nothing while connections are cut again and again', async () => {
    const answers: number[] = [];
    const over = new AbortController();
    const cutting = (async () => {
      for (let seen = 0; !over.signal.aborted;) {
        await pause(60);
        // A driver takes half a second to find a server again: without a pause nothing would ever get through.
        if (answers.length < seen + 8) continue;
        seen = answers.length;
        proxy.cut();
        await pause(10);
        await proxy.restore();
      }
    })();
    const writing = inTurn(8).map(async (writer) => {
      for (const _ of inTurn(25)) answers.push(await records.change(`tally ${writer % 4}`, [], add));
    });
    await Promise.all(writing).finally(() => over.abort());
    await cutting;

    expect(answers).toHaveLength(200);
    expect(await Promise.all(inTurn(4).map((id) => countOf(`tally ${id}`)))).toEqual([50, 50, 50, 50]);
  });

  it('refuses for a while, when too many writers change one record, with a Fault and no half change [I4]', async () => {
    const writers = inTurn(16).map(() => databases.open({ clock, patience: { giveUpAfterMs: 0 } }).records(tallies));
    const changes = await Promise.allSettled(writers.map((writer) => writer.change('hot', [], add)));
    const stored = changes.filter(({ status }) => status === 'fulfilled').length;
    const refusals = changes.flatMap((change) => (change.status === 'rejected' ? [change.reason as unknown] : []));

    expect(refusals).toEqual(
      refusals.map(() => expect.objectContaining({ code: 'store-contended', retryable: true }) as unknown),
    );
    expect(stored).toBeGreaterThan(0);
    expect(await countOf('hot')).toBe(stored);
  });

  it('finds out which of many writes came too late, when several processes change the same records', async () => {
    const ids = inTurn(20).map(String);
    await Promise.all(
      [records, others, near.records(tallies)].map(async (writer) => {
        for (const _ of inTurn(5)) await Promise.all(ids.map((id) => writer.change(id, [], add)));
      }),
    );

    expect(await Promise.all(ids.map(countOf))).toEqual(ids.map(() => 15));
  });

  it('is a Fault while it is down, and goes on when it is up again [I6]', async () => {
    const impatient = openFar({ patience: { giveUpAfterMs: 300 } }).records(tallies);
    await impatient.change('a', [], add);
    proxy.cut();

    await expect(impatient.change('a', [], add)).rejects.toMatchObject({ code: 'store-unreachable', retryable: true });
    await expect(impatient.read('a')).rejects.toMatchObject({ code: 'store-unreachable' });
    await expect(far.numbers('books').next()).rejects.toMatchObject({ code: 'store-unreachable' });
    await expect(far.archive.find('line', 'l')).rejects.toMatchObject({ code: 'store-unreachable' });
    await proxy.restore();
    expect(await impatient.change('a', [], add)).toBe(2);
  });

  it('is waited for at the start, and says what for [I6]', async () => {
    proxy.cut();
    const told: string[] = [];
    const late = openFar({ waiting: ({ message }) => void told.push(message) });
    const started = late.start();
    await until('it says what it waits for', () => told.length > 0);
    expect(told).toEqual([expect.stringContaining('cannot be reached')]);
    await proxy.restore();

    await started;
    expect(await late.records(tallies).change('a', [], add)).toBe(1);
  });

  it.each([
    ['is gone', /ECONNREFUSED/, () => proxy.cut()],
    ['answers nothing', /no answer within|Timed out/, () => proxy.partition('to-client')],
  ])(
    'is said to be out of reach in time for whoever asks for its health, for as long as it %s [I6]',
    async (_how, why, fail) => {
      expect(await far.health()).toBe('ok');
      fail();

      const said: string[] = [];
      for (const _ of inTurn(3)) said.push(await Promise.race([far.health(), pause(1_900).then(() => 'too late')]));
      for (const sentence of said) expect(sentence).toMatch(/^MongoDB cannot be reached: ./);
      expect(said.at(-1)).toMatch(why);
      await proxy.restore();
      await until('it is well', async () => (await far.health()) === 'ok');
    },
  );

  it('is only slow when it is slow [I7]', async () => {
    proxy.delay(150);
    const counts = await Promise.all(inTurn(20).map(() => records.change('a', [], add)));

    expect(counts.toSorted((one, other) => one - other)).toEqual(inTurn(20).map((index) => index + 1));
  });

  it('gets many records in several writes, none of which is giant [I8]', async () => {
    const observed = databases.open({ clock, driver: { monitorCommands: true } });
    const sizes: number[] = [];
    observed.client.on('commandStarted', ({ command }) => {
      if (command['insert'] === 'tallies') sizes.push((command['documents'] as unknown[]).length);
    });
    const many = observed.records(tallies);
    await Promise.all(inTurn(1_200).map((id) => many.change(String(id), [], add)));

    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1_200);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(500);
  });

  it('gets all but the record that is too large for it [I8]', async () => {
    const [large, small] = await Promise.allSettled([
      records.change('large', [], (tally) => tally.note('x'.repeat(17 * 1024 * 1024))),
      records.change('small', [], add),
    ]);

    expect(large.status).toBe('rejected');
    expect(small).toEqual({ status: 'fulfilled', value: 1 });
    expect(await others.read('large')).toBeUndefined();
  });

  it.each([
    ['read', () => near.collection<{ _id: string }>('tallies').updateOne({ _id: 'bad' }, { $set: { body: '{' } }), add],
    ['stored', () => undefined, (tally: Tally) => tally.note(1n)],
  ])('gets all but the record that cannot be %s', async (_, spoil, change) => {
    await Promise.all(['bad', 'old'].map((id) => records.change(id, [], add)));
    await spoil();
    const good = ['old', 'new', 'another'].map((id) => others.change(id, [], add));

    await expect(others.change<unknown>('bad', [], change)).rejects.toThrow(/JSON|BigInt/u);
    expect(await Promise.all(good)).toEqual([2, 1, 1]);
    expect(await Promise.all(['old', 'new', 'another'].map(countOf))).toEqual([2, 1, 1]);
  });

  it('is refused when it is no replica set, and when the URL asks for too little [I3, I9, I12]', async () => {
    const strict = databases.open({ clock, allowStandalone: false });
    await expect(strict.start()).rejects.toMatchObject({
      code: 'store-unsuitable',
      retryable: false,
      message: expect.stringContaining('replica set') as string,
    });
    for (const setting of ['w=1', 'journal=false', 'readConcernLevel=local', 'readPreference=secondary'])
      expect(() => ServiceDatabase.open(`${url}/?${setting}`, 'x', { clock })).toThrow(setting);
  });

  it('is refused when a unique index cannot be made [I11]', async () => {
    await near.collection('parked').insertMany([{ number: 1 }, { number: 1 }]);
    const late = databases.open({ clock });
    late.parking({ publish: async () => undefined });

    await expect(late.start()).rejects.toMatchObject({ code: 'store-unsuitable' });
  });

  describe('what moves out of a record', () => {
    it('is carried on with by another process when its own dies at once', async () => {
      await records.change('a', ['key'], changeMuch);
      proxy.cut();
      expect(await near.archive.find('line', 'l')).toBeUndefined();
      expect((await others.read('a', ['key']))?.entries.get('key')).toBe('value');
      expect((await others.read('a'))?.outbox.leaving).toHaveLength(1);

      expect(await others.findWaiting(clock.now() + 1, 10)).toEqual([{ id: 'a', waiting: [] }]);
      expect(await near.archive.find('line', 'l')).toBe('archived');
      expect(await documentOf('a')).not.toHaveProperty('entries');
      expect(await documentOf('a')).not.toHaveProperty('leaving');
      expect((await others.read('a', ['key']))?.entries.get('key')).toBe('value');
      expect(await others.findWaiting(Infinity, 10)).toEqual([]);
    });

    it('is dropped alone when the record does not change again', async () => {
      await records.change('a', ['key'], changeMuch);
      await until('what has moved is dropped', async () => !(await documentOf('a'))?.leaving);

      expect(await documentOf('a')).toMatchObject({ version: 1, count: 1 });
      expect(await documentOf('a')).not.toHaveProperty('entries');
      expect(await documentOf('a')).not.toHaveProperty('leaving');
    });

    it('leaves a record of the same size, whatever happened on it [I13]', async () => {
      for (const index of inTurn(300))
        await records.change('a', [`key ${index}`], (tally) => {
          tally.entries.set(`key ${index}`, 'value');
          tally.outbox.archive({ kind: 'line', id: `l${index}`, document: 'archived' });
          return tally.add();
        });

      expect(JSON.stringify(await documentOf('a')).length).toBeLessThan(6_000);
      expect((await others.read('a', ['key 0', 'key 299']))?.entries.get('key 0')).toBe('value');
    });

    it('is told when the server refuses it for its own sake, and does not hold up the rest', async () => {
      const told: string[] = [];
      const picky = openFar({ refuse: async ({ entry }) => void told.push(entry.id) });
      const insert = picky.archive.insert.bind(picky.archive);
      jest.spyOn(picky.archive, 'insert').mockImplementation(async (entries) => {
        await insert(entries.filter(({ entry }) => entry.id !== 'bad'));
        return entries.filter(({ entry }) => entry.id === 'bad').map((each) => ({ ...each, error: new Error('no') }));
      });
      const some = picky.records(tallies);
      await some.change('a', [], (tally) =>
        tally.outbox.archive({ kind: 'line', id: 'bad', document: 1 }, { kind: 'line', id: 'good', document: 2 }),
      );
      await some.findWaiting(Infinity, 10);

      expect(told).toEqual(['bad']);
      expect(await near.archive.find('line', 'good')).toBe(2);
      expect(await documentOf('a')).not.toHaveProperty('leaving');
    });

    it('stays in its record as an entry that the server refuses for its own sake, is told once, and holds nothing else up', async () => {
      // A document of its own says its key twice.
      const large = 'x'.repeat(9_000_000);
      const told: string[] = [];
      const some = openFar({ stays: ({ entry }) => told.push(entry.key) }).records(tallies);
      await some.change('a', [large, 'small'], (tally) => {
        for (const key of [large, 'small']) tally.entries.set(key, 'value');
      });
      for (const _ of inTurn(2)) await some.findWaiting(Infinity, 10);

      expect(told.map((key) => key.length)).toEqual([large.length]);
      expect(await documentOf('a')).toMatchObject({ entries: [{ value: '"value"' }] });
      expect((await others.read('a', ['small']))?.entries.get('small')).toBe('value');
      expect((await others.read('a', [large]))?.entries.get(large)).toBe('value');
    });
  });

  it('keeps the newest of an entry, whoever comes late with an older one', async () => {
    const documents: Collection<EntryDocument> = near.collection('tallies_entries');
    const entries = new EntryCollection(documents, () => clock.now());
    const moved = async (version: number, value: string | undefined) => {
      const kept = value === undefined ? undefined : { value };
      await entries.move([{ record: 'a', entry: { key: 'k', version, since: 0, kept } }]);
      return (await entries.load([['a', 'k']]))[0]?.entry.kept?.value;
    };

    expect(await moved(5, 'five')).toBe('five');
    expect(await moved(9, 'nine')).toBe('nine');
    expect(await moved(5, 'five')).toBe('nine');
    expect(await moved(10, undefined)).toBeUndefined();
    expect(await moved(9, 'nine')).toBeUndefined();
    expect(await moved(11, 'eleven')).toBe('eleven');
  });
});

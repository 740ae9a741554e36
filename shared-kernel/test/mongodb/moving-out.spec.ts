import { MongoServerError } from 'mongodb';
import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { MongoArchive } from '../../src/mongodb/archive.mongo';
import type { ArchiveDocument } from '../../src/mongodb/archive.mongo';
import { EntryCollection } from '../../src/mongodb/entry-collection';
import type { EntryDocument } from '../../src/mongodb/entry-collection';
import { KnownRecords } from '../../src/mongodb/known-records';
import { MovingOut } from '../../src/mongodb/moving-out';
import { RecordCollection } from '../../src/mongodb/record-collection';
import { idOf, RecordDocuments } from '../../src/mongodb/record-document';
import type { RecordDocument } from '../../src/mongodb/record-document';
import { MongoRecords } from '../../src/mongodb/records.mongo';
import { tallies } from '../../src/testing/tally';
import type { Tally } from '../../src/testing/tally';
import { TestClock } from '../../src/testing/test-clock';
import { until } from './until';

type Filter = Readonly<Record<string, { readonly $in?: readonly string[]; readonly $lt?: number }>>;

/** A collection in memory that knows as much of MongoDB as is asked of it here. */
class Stored {
  readonly documents = new Map<string, RecordDocument>();
  /** What a search fails with. */
  failure: Error | undefined;
  searches = 0;

  constructor(...documents: readonly RecordDocument[]) {
    for (const document of documents) this.documents.set(idOf(document), document);
  }

  find(filter: Filter) {
    this.searches++;
    const [[field, { $in, $lt = 0 }] = ['', {}]] = Object.entries(filter);
    const valueOf = (document: RecordDocument) => (document as unknown as Record<string, number | string>)[field];
    let found = [...this.documents.values()].filter((document) =>
      $in ? $in.includes(String(valueOf(document))) : Number(valueOf(document)) < $lt,
    );
    const cursor = {
      sort: () => {
        found.sort((one, other) => Number(valueOf(one)) - Number(valueOf(other)));
        return cursor;
      },
      limit: (limit: number) => {
        found = found.slice(0, limit);
        return cursor;
      },
      toArray: () => (this.failure ? Promise.reject(this.failure) : Promise.resolve(found)),
    };
    return cursor;
  }

  async bulkWrite(writes: readonly AnyBulkWriteOperation<RecordDocument>[]) {
    let matchedCount = 0;
    for (const write of writes) {
      if ('insertOne' in write) {
        const { document } = write.insertOne as { readonly document: RecordDocument };
        this.documents.set(idOf(document), document);
      }
      if (!('replaceOne' in write)) continue;
      const { filter, replacement } = write.replaceOne;
      const { _id: id, version } = filter as Pick<RecordDocument, '_id' | 'version'>;
      if (this.documents.get(id)?.version !== version) continue;
      matchedCount++;
      this.documents.set(id, { _id: id, ...replacement });
    }
    return { matchedCount };
  }
}

/** Takes all entries but those of keys that it refuses. */
class Entries {
  readonly taken = new Set<string>();
  readonly refused = new Set<string>();

  async insertMany(documents: readonly EntryDocument[]) {
    // As the driver throws what it would not even send.
    if (documents.some(({ key }) => this.refused.has(key))) throw new Error('too large');
    for (const { _id } of documents) this.taken.add(_id);
  }
}

const left = (id: string, key: string, since: number): RecordDocument => ({
  _id: id,
  version: 1,
  commits: [],
  entries: [{ key, version: 1, since, value: '"value"' }],
  movingSince: since,
});
const damaged = (id: string, since: number): RecordDocument => ({
  ...left(id, 'k', since),
  body: '{',
  waiting: [{ since, text: '{' }],
  waitingSince: since,
});

const leave = (records: MongoRecords<Tally>) =>
  records.change('a', ['k'], (tally) => {
    tally.entries.set('k', 'value');
    tally.add();
  });

describe('MovingOut', () => {
  let clock: TestClock;
  let entries: Entries;
  let told: string[];

  beforeEach(() => {
    clock = new TestClock();
    entries = new Entries();
    told = [];
  });

  function open(stored: Stored) {
    const now = () => clock.now();
    const records = new RecordCollection(stored as unknown as Collection<RecordDocument>);
    const moved = new EntryCollection(entries as unknown as Collection<EntryDocument>, now);
    const translation = new RecordDocuments(tallies, now);
    const known = new KnownRecords();
    const archive = new MongoArchive({} as Collection<ArchiveDocument>);
    const moving = new MovingOut(records, moved, archive, translation, known, clock, {
      refuse: () => Promise.resolve(),
      stays: ({ entry }) => void told.push(entry.key),
    });
    const opened = new MongoRecords({ kind: tallies, records, entries: moved, translation, moving, known, now });
    return { moving, records: opened, translation };
  }

  it('leaves a record behind that cannot be read, and carries on with the others', async () => {
    const stored = new Stored(damaged('damaged', 1), left('sound', 'k', 2));
    const { moving } = open(stored);
    await moving.carryOn(Infinity, 10);

    expect(stored.documents.get('damaged')).toEqual(damaged('damaged', 1));
    expect(stored.documents.get('sound')).not.toHaveProperty('entries');
    expect([...entries.taken]).toEqual(['["sound","k"]']);
  });

  it('leaves a record behind that cannot be composed, and carries on with the others', async () => {
    const stored = new Stored(left('odd', 'k', 1), left('sound', 'k', 2));
    const { moving, translation } = open(stored);
    const compose = translation.compose.bind(translation);
    jest.spyOn(translation, 'compose').mockImplementation((id, ...of) => {
      if (id === 'odd') throw new Error('odd');
      return compose(id, ...of);
    });
    await moving.carryOn(Infinity, 10);

    expect(stored.documents.get('odd')).toEqual(left('odd', 'k', 1));
    expect(stored.documents.get('sound')).not.toHaveProperty('entries');
  });

  it('finds the messages of the other records when those of one cannot be read', async () => {
    const message = { id: 'm', topic: 't' };
    const waiting = { _id: 'sound', version: 1, commits: [], waiting: [{ since: 2, text: JSON.stringify(message) }] };
    const { records } = open(new Stored(damaged('damaged', 1), { ...waiting, waitingSince: 2 }));

    expect(await records.findWaiting(Infinity, 10)).toEqual([{ id: 'sound', waiting: [message] }]);
  });

  it('goes on when a drop of its own fails with what nobody recognises', async () => {
    const stored = new Stored(left('a', 'k', 1));
    const { moving, translation } = open(stored);
    moving.take('a', translation.parse(left('a', 'k', 1)));
    await until('the entry has moved', () => entries.taken.size > 0);

    stored.failure = new MongoServerError({ ok: 0, code: 11_601, message: 'Interrupted' });
    await clock.advance(1_500);
    expect(stored.documents.get('a')).toHaveProperty('entries');

    stored.failure = undefined;
    await clock.advance(1_500);
    expect(stored.documents.get('a')).not.toHaveProperty('entries');
  });

  describe('of a record that is known', () => {
    it('is dropped without reading it', async () => {
      const stored = new Stored();
      const { records } = open(stored);
      await leave(records);
      await until('the entry has moved', () => entries.taken.size > 0);
      expect(stored.documents.get('a')).toHaveProperty('entries');
      stored.searches = 0;
      await clock.advance(1_500);

      expect(stored.documents.get('a')).not.toHaveProperty('entries');
      expect(stored.searches).toBe(0);
    });

    it('is dropped from what another process has made of it meanwhile', async () => {
      const stored = new Stored();
      const { records } = open(stored);
      await leave(records);
      await until('the entry has moved', () => entries.taken.size > 0);
      const changed = { ...stored.documents.get('a')!, version: 2, body: '{"count":7,"notes":[],"nicknames":[]}' };
      stored.documents.set('a', changed);

      await clock.advance(1_500);
      expect(stored.documents.get('a')).toBe(changed);
      await clock.advance(1_500);
      expect(stored.documents.get('a')).toMatchObject({ version: 2, body: changed.body });
      expect(stored.documents.get('a')).not.toHaveProperty('entries');
    });
  });

  it('moves what another process has left in a record that is known without it', async () => {
    const stored = new Stored();
    const { moving, records } = open(stored);
    await leave(records);
    await until('the entry has moved', () => entries.taken.size > 0);
    await clock.advance(1_500);
    stored.documents.set('a', { ...left('a', 'another', 1), version: 2 });
    await moving.carryOn(Infinity, 10);

    expect(entries.taken).toContain('["a","another"]');
    expect(stored.documents.get('a')).not.toHaveProperty('entries');
  });

  it('reaches other records though those that come first cannot be moved', async () => {
    const first = [left('a', 'large', 1), left('b', 'large', 2), damaged('c', 3), damaged('d', 4)];
    const stored = new Stored(...first, left('e', 'k', 5), left('f', 'k', 6));
    const { moving } = open(stored);
    entries.refused.add('large');
    for (let sweep = 0; sweep < 4; sweep++) await moving.carryOn(Infinity, 2);

    expect([...entries.taken]).toEqual(['["e","k"]', '["f","k"]']);
    expect(told).toEqual(['large', 'large']);
  });

  it('tells again of an entry that stays when it had left its record in between', async () => {
    const stored = new Stored(left('a', 'large', 1));
    const { moving } = open(stored);
    entries.refused.add('large');
    for (let sweep = 0; sweep < 2; sweep++) await moving.carryOn(Infinity, 10);
    expect(told).toEqual(['large']);

    // As another process would replace it.
    for (const key of ['small', 'large']) {
      stored.documents.set('a', left('a', key, 1));
      await moving.carryOn(Infinity, 10);
    }
    expect(told).toEqual(['large', 'large']);
  });
});

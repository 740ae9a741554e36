import type { Archive, Records } from '../store/records';
import type { Clock } from '../time/clock';
import { messageOf, tallies } from './tally';
import type { Tally } from './tally';

/** An adapter's storage, empty at first. */
export interface RecordsUnderTest {
  /** The tallies as one more instance of a service sees them. */
  records(): Records<Tally>;
  /** Where the entries arrive that leave the tallies. */
  readonly archive: Archive;
  /** What the storage itself holds of a tally: undefined when there is none. */
  stored(id: string): Promise<StoredTally | undefined>;
  close(): Promise<void>;
}

export interface StoredTally {
  readonly version: number;
  /** By the names of `tallies.columns`; what has no value is null. */
  readonly columns: Readonly<Record<string, string | number | null>>;
}

const WRITERS = 16;
const CHANGES = 400;
const MANY_ENTRIES = 100_000;
const NAMES = [
  "O'Hara",
  'say "yes"',
  '누구를 위하여 🔔',
  '__proto__',
  'constructor',
  '$set',
  'a.b.c',
  '%_\\',
  ' ',
  'x'.repeat(300),
];

const inTurn = (count: number) => Array.from({ length: count }, (_, index) => index);

/** All that a change can do at once. */
const everything = (tally: Tally) => {
  tally.add();
  tally.nickname('nick');
  tally.dueAt(5);
  tally.paint('red');
  tally.entries.set('key', 'value', 7);
  tally.outbox.add(messageOf('m'));
  tally.outbox.archive({ kind: 'line', id: 'l', document: {} });
};

const later = async (tally: Tally) => {
  tally.add();
  await Promise.resolve();
  tally.add();
  throw new Error('heard by nobody');
};

const due = (records: Records<Tally>, id: string, at: number | undefined) =>
  records.change(id, [], (tally) => tally.dueAt(at));

const nickname = (records: Records<Tally>, id: string, ...names: readonly string[]) =>
  records.change(id, [], (tally) => tally.nickname(...names));

/** Proves every promise of `Records`, sentence for sentence. */
export function describeRecords(name: string, open: (clock: Clock) => Promise<RecordsUnderTest>): void {
  describe(`Records: ${name}`, () => {
    let now: number;
    let storage: RecordsUnderTest;
    let records: Records<Tally>;

    beforeEach(async () => {
      now = 1_000_000;
      storage = await open({ now: () => now, after: () => () => undefined });
      records = storage.records();
    });

    afterEach(() => storage.close());

    const countOf = async (id: string) => (await storage.records().read(id))?.count;
    const idsWaiting = async (before: number, limit = 10) =>
      (await storage.records().findWaiting(before, limit)).map(({ id }) => id);
    const findArchived = async (record: string, kind: string, id: string) => {
      const found = await storage.records().read(record);
      const leaving = found?.outbox.leaving.find((entry) => entry.kind === kind && entry.id === id);
      return leaving?.document ?? (await storage.archive.find(kind, id));
    };
    const waitingIn = async (id: string) =>
      (await storage.records().read(id))?.outbox.waiting.map((message) => message.id);

    describe('a change', () => {
      it('makes the record when there is none, and answers what was decided', async () => {
        const answer = await records.change('a', [], (tally) => ({ count: tally.add() }));

        expect(answer).toEqual({ count: 1 });
        expect(await countOf('a')).toBe(1);
        expect((await storage.stored('a'))?.version).toBe(1);
      });

      it('sees what the changes before it have left', async () => {
        await records.change('a', [], (tally) => tally.add());
        await storage.records().change('a', [], (tally) => tally.add());

        expect(await records.change('a', [], (tally) => tally.add())).toBe(3);
        expect((await storage.stored('a'))?.version).toBe(3);
      });

      it(`loses none of ${CHANGES} changes by ${WRITERS} writers: of two from one version one is first, and the other sees it`, async () => {
        const writers = inTurn(WRITERS).map(() => storage.records());
        const counts = await Promise.all(
          writers.map(async (writer) => {
            const seen: number[] = [];
            while (seen.length < CHANGES / WRITERS) seen.push(await writer.change('a', [], (tally) => tally.add()));
            return seen;
          }),
        );

        expect(counts.flat().toSorted((one, other) => one - other)).toEqual(inTurn(CHANGES).map((index) => index + 1));
        expect(await countOf('a')).toBe(CHANGES);
        expect((await storage.stored('a'))?.version).toBe(CHANGES);
      });

      it('is decided on what the other one left when two make the record at once [I5]', async () => {
        const counts = await Promise.all(
          inTurn(8).map(() => storage.records().change('a', [], (tally) => tally.add())),
        );

        expect(new Set(counts)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]));
      });

      it('takes effect in the order of the calls', async () => {
        await Promise.all(
          inTurn(60).map((index) => records.change(index % 3 === 0 ? 'b' : 'a', [], (tally) => tally.note(index))),
        );

        expect((await records.read('a'))?.notes).toEqual(inTurn(60).filter((index) => index % 3 !== 0));
        expect((await records.read('b'))?.notes).toEqual(inTurn(60).filter((index) => index % 3 === 0));
      });

      it('can be seen by everybody when it is answered', async () => {
        for (const expected of inTurn(20).map((index) => index + 1)) {
          await records.change('a', [], (tally) => tally.add());

          expect(await countOf('a')).toBe(expected);
        }
      });

      it('keeps any JSON as it is', async () => {
        const note = {
          text: 'tab\t nul\0 quote" 제니 🔔',
          deep: [{ nothing: null, yes: true, half: 0.5 }],
          long: 'x'.repeat(100_000),
        };
        await records.change('a', [], (tally) => tally.note(note));

        expect((await storage.records().read('a'))?.notes).toEqual([note]);
      });
    });

    describe('a change that comes to nothing', () => {
      it('stores nothing of what it did when it throws, and rejects with that error', async () => {
        const error = new Error('no');
        const change = records.change('a', ['key'], (tally) => {
          everything(tally);
          throw error;
        });

        await expect(change).rejects.toBe(error);
        expect(await storage.stored('a')).toBeUndefined();
        expect(await records.read('a', ['key'])).toBeUndefined();
        expect(await records.findByAlias('nick')).toBeUndefined();
        expect(await records.findDue(10, 100, 10)).toEqual([]);
        expect(await records.findWaiting(Infinity, 10)).toEqual([]);
        expect(await records.findExpiredEntries(10, 10)).toEqual([]);
        expect(await storage.archive.find('line', 'l')).toBeUndefined();
      });

      it('leaves a record as it was when it throws, to those that come with it and after it too', async () => {
        await records.change('a', [], (tally) => tally.add());
        const [before, thrown, after, elsewhere] = await Promise.allSettled([
          records.change('a', [], (tally) => tally.add()),
          records.change('a', ['key'], (tally) => {
            everything(tally);
            throw new Error('no');
          }),
          records.change('a', ['key'], (tally) => [tally.add(), tally.entries.get('key'), tally.outbox.waiting.length]),
          records.change('b', [], (tally) => tally.add()),
        ]);

        expect(before).toEqual({ status: 'fulfilled', value: 2 });
        expect(thrown.status).toBe('rejected');
        expect(after).toEqual({ status: 'fulfilled', value: [3, undefined, 0] });
        expect(elsewhere).toEqual({ status: 'fulfilled', value: 1 });
        expect(await countOf('a')).toBe(3);
        expect((await storage.stored('a'))?.version).toBe(3);
        expect(await records.findByAlias('nick')).toBeUndefined();
      });

      it('refuses a decision that is not made at once, and stores nothing of it', async () => {
        // The type refuses it already; a program may have gone around the type.
        const change = records.change('a', [], later as unknown as (tally: Tally) => number);

        await expect(change).rejects.toThrow();
        expect(await storage.stored('a')).toBeUndefined();
      });

      it('stores nothing when it changes nothing', async () => {
        expect(await records.change('a', ['key'], (tally) => tally.entries.get('key') ?? tally.count)).toBe(0);
        expect(await storage.stored('a')).toBeUndefined();
        expect(await records.read('a')).toBeUndefined();

        await records.change('a', ['key'], everything);
        await records.change('a', ['key', 'other'], (tally) => {
          tally.entries.delete('other');
          tally.outbox.add(messageOf('m'));
          tally.outbox.drop(new Set(['unknown']));
          return tally.count;
        });

        expect((await storage.stored('a'))?.version).toBe(1);
      });

      it.each<[string, (tally: Tally) => void]>([
        ['its body', (tally) => tally.paint('blue')],
        ['an entry', (tally) => tally.entries.set('key', 2)],
        ['a message', (tally) => tally.outbox.add(messageOf('m2'))],
        ['an archive entry', (tally) => tally.outbox.archive({ kind: 'line', id: 'l2', document: {} })],
      ])('is not one that changes only %s', async (_what, decide) => {
        await records.change('a', ['key'], everything);
        await records.change('a', ['key'], decide);

        expect((await storage.stored('a'))?.version).toBe(2);
        expect(await countOf('a')).toBe(1);
      });
    });

    describe('a read', () => {
      it('finds nothing where nothing was ever stored', async () => {
        expect(await records.read('nobody')).toBeUndefined();
      });

      it('changes nothing, whatever is done to what it found', async () => {
        await records.change('a', ['key'], (tally) => tally.add());
        (await records.read('a', ['key']))?.add();
        (await records.read('a', ['key']))?.entries.set('key', 1);

        const found = await records.read('a', ['key']);
        expect(found?.count).toBe(1);
        expect(found?.entries.get('key')).toBeUndefined();
      });

      it.each(NAMES.map((text) => [text.slice(0, 20), text]))(
        'finds what is called %j: record, entry and alias',
        async (_title, text) => {
          await records.change('neighbour', [text], (tally) => {
            tally.add();
            tally.entries.set(text, 'of the neighbour');
          });
          await records.change(text, [text, `${text}2`], (tally) => {
            tally.add();
            tally.entries.set(text, text);
            tally.nickname(text, `${text}2`);
          });
          await records.change(text, [], (tally) => tally.note(text));

          const found = await storage.records().read(text, [text, `${text}2`]);
          expect(found?.notes).toEqual([text]);
          expect(found?.entries.get(text)).toBe(text);
          expect(found?.entries.get(`${text}2`)).toBeUndefined();
          expect(await records.findByAlias(text)).toBe(text);
          expect(await records.findByAlias(`${text}2`)).toBe(text);
        },
      );
    });

    describe('entries', () => {
      it('are kept beside the record, each until its time', async () => {
        await records.change('a', ['k1', 'k2'], (tally) => {
          tally.entries.set('k1', { answer: ['yes', null] }, 5_000);
          tally.entries.set('k2', 'for ever');
        });

        const found = await storage.records().read('a', ['k1', 'k2', 'k3']);
        expect(found?.entries.get('k1')).toEqual({ answer: ['yes', null] });
        expect(found?.entries.until('k1')).toBe(5_000);
        expect(found?.entries.get('k2')).toBe('for ever');
        expect(found?.entries.until('k2')).toBeUndefined();
        expect(found?.entries.get('k3')).toBeUndefined();
      });

      it('are enough to make a record', async () => {
        await records.change('a', ['key'], (tally) => tally.entries.set('key', 1));

        expect((await records.read('a', ['key']))?.entries.get('key')).toBe(1);
        expect(await countOf('a')).toBe(0);
      });

      it('are replaced and deleted', async () => {
        await records.change('a', ['k1', 'k2'], (tally) => {
          tally.entries.set('k1', 1, 5_000);
          tally.entries.set('k2', 1, 5_000);
        });
        await records.change('a', ['k1', 'k2'], (tally) => {
          tally.entries.set('k1', 2);
          tally.entries.delete('k2');
        });

        const found = await storage.records().read('a', ['k1', 'k2']);
        expect(found?.entries.get('k1')).toBe(2);
        expect(found?.entries.until('k1')).toBeUndefined();
        expect(found?.entries.get('k2')).toBeUndefined();
      });

      it('are seen by the changes that come with them', async () => {
        await records.change('a', ['k1'], (tally) => tally.entries.set('k1', 1));
        const seen = await Promise.all([
          records.change('a', ['k1', 'k2'], (tally) => {
            tally.entries.delete('k1');
            tally.entries.set('k2', 1, 9_000);
          }),
          records.change('a', ['k1', 'k2'], (tally) => [
            tally.entries.get('k1'),
            tally.entries.get('k2'),
            tally.entries.until('k2'),
          ]),
          records.change('a', ['k1', 'k2'], (tally) => {
            tally.entries.set('k1', 3);
            tally.entries.delete('k2');
          }),
        ]);

        expect(seen[1]).toEqual([undefined, 1, 9_000]);
        const found = await storage.records().read('a', ['k1', 'k2']);
        expect(found?.entries.get('k1')).toBe(3);
        expect(found?.entries.get('k2')).toBeUndefined();
      });

      it('are hidden from whoever did not name them: what was not loaded must not look absent', async () => {
        await records.change('a', ['key'], (tally) => tally.entries.set('key', 1));

        await expect(records.change('a', [], (tally) => tally.entries.get('key') ?? 0)).rejects.toThrow('"key"');
        await expect(records.change('a', ['other'], (tally) => tally.entries.set('key', 2))).rejects.toThrow('"key"');
        await expect(records.change('a', [], (tally) => tally.entries.delete('key'))).rejects.toThrow('"key"');
        const found = await records.read('a');
        expect(() => found?.entries.get('key')).toThrow('"key"');
      });

      it('are listed by record when they need not be kept any longer', async () => {
        await records.change('a', ['k1', 'k2', 'k3', 'k4'], (tally) => {
          tally.entries.set('k1', 1, 999);
          tally.entries.set('k2', 1, 1_000);
          tally.entries.set('k3', 1, 1_001);
          tally.entries.set('k4', 1);
        });
        await records.change('b', ['k1', 'k3'], (tally) => {
          tally.entries.set('k1', 1, 500);
          tally.entries.set('k3', 1, 5_000);
        });
        const listed = async (at: number, limit: number) =>
          (await records.findExpiredEntries(at, limit)).flatMap(({ id, keys }) => keys.map((key) => `${id} ${key}`));

        expect((await listed(1_000, 10)).toSorted()).toEqual(['a k1', 'a k2', 'b k1']);
        expect(await listed(499, 10)).toEqual([]);
        expect(await listed(1_000, 2)).toHaveLength(2);
        const found = await records.findExpiredEntries(1_000, 10);
        expect(found.map(({ id }) => id).toSorted()).toEqual(['a', 'b']);

        await records.change('a', ['k1', 'k2'], (tally) => {
          tally.entries.delete('k1');
          tally.entries.set('k2', 1, 2_000);
        });
        expect(await listed(1_000, 10)).toEqual(['b k1']);
      });

      it('are listed up to the limit while there are as many, however many were deleted just before', async () => {
        const left = new Set(inTurn(40).map(String));
        await records.change('a', [...left], ({ entries }) => left.forEach((key) => entries.set(key, 1, 1_000)));
        // From here on they lie where this storage keeps them in the long run.
        await records.findWaiting(Infinity, 10);

        while (left.size > 0) {
          const found = await records.findExpiredEntries(1_000, 10);
          const keys = found.flatMap((expired) => expired.keys);
          expect(new Set(keys).size).toBe(Math.min(10, left.size));
          expect(keys.filter((key) => !left.has(key))).toEqual([]);

          const some = keys.slice(0, 7);
          await records.change('a', some, ({ entries }) => some.forEach((key) => entries.delete(key)));
          some.forEach((key) => left.delete(key));
        }
        expect(await records.findExpiredEntries(1_000, 10)).toEqual([]);
      });

      it(`do not make a change dearer, were there ${MANY_ENTRIES} of them`, async () => {
        const costOf = async (round: string) => {
          const took: number[] = [];
          for (const index of inTurn(60)) {
            const key = `${round}-${index}`;
            const begun = performance.now();
            await records.change('a', [key], (tally) => tally.entries.set(key, tally.add()));
            took.push(performance.now() - begun);
          }
          return took.toSorted((one, other) => one - other)[30] ?? 0;
        };
        await costOf('warming up');
        const before = await costOf('before');
        for (const block of inTurn(100)) {
          const keys = inTurn(MANY_ENTRIES / 100).map((index) => `${block}/${index}`);
          await records.change('a', keys, (tally) => {
            for (const key of keys) tally.entries.set(key, { answer: 'ok' }, 5_000);
          });
        }
        const after = await costOf('after');

        // Generous: loading them all would cost a hundred times as much.
        expect(after).toBeLessThan(before * 8 + 2);
        expect((await records.read('a', ['99/999']))?.entries.get('99/999')).toEqual({ answer: 'ok' });
      }, 60_000);
    });

    describe('messages', () => {
      it('travel with the record, whole and in their order', async () => {
        await records.change('a', [], (tally) => tally.outbox.add(messageOf('m2'), messageOf('m1')));
        await records.change('a', [], (tally) => tally.outbox.add(messageOf('m3'), messageOf('m1')));

        const found = await storage.records().read('a');
        expect(found?.outbox.waiting).toEqual([messageOf('m2'), messageOf('m1'), messageOf('m3')]);
      });

      it('are dropped once, whatever else changes meanwhile, and never come back', async () => {
        const [writer, relay] = [storage.records(), storage.records()];
        const ids = inTurn(100).map((index) => `m${index}`);
        await Promise.all(
          ids.map(async (id) => {
            await writer.change('a', [], (tally) => {
              tally.add();
              tally.outbox.add(messageOf(id));
            });
            if (id.endsWith('7')) return;
            await Promise.all([
              relay.change('a', [], (tally) => tally.published([{ id }])),
              writer.change('a', [], (tally) => tally.add()),
            ]);
          }),
        );

        expect((await waitingIn('a'))?.toSorted()).toEqual(ids.filter((id) => id.endsWith('7')).toSorted());
        expect(await countOf('a')).toBe(190);
      });

      it('are listed when they have waited since before a time, the longest waiting first', async () => {
        for (const id of ['late', 'early', 'second']) {
          now = { early: 1_000, second: 2_000, late: 3_000 }[id] ?? 0;
          await records.change(id, [], (tally) => tally.outbox.add(messageOf(`${id} 1`), messageOf(`${id} 2`)));
        }
        await records.change('silent', [], (tally) => tally.add());

        expect(await idsWaiting(1_000)).toEqual([]);
        expect(await idsWaiting(1_001)).toEqual(['early']);
        expect(await idsWaiting(3_001)).toEqual(['early', 'second', 'late']);
        expect(await idsWaiting(Infinity, 2)).toEqual(['early', 'second']);
        expect(await records.findWaiting(1_001, 10)).toEqual([
          { id: 'early', waiting: [messageOf('early 1'), messageOf('early 2')] },
        ]);

        await records.change('early', [], (tally) => tally.published([{ id: 'early 1' }, { id: 'early 2' }]));
        expect(await idsWaiting(Infinity)).toEqual(['second', 'late']);
      });

      it('are not taken for old ones because others of their record were', async () => {
        now = 1_000;
        await records.change('a', [], (tally) => tally.outbox.add(messageOf('old')));
        now = 2_000;
        await records.change('a', [], (tally) => tally.outbox.add(messageOf('young')));
        expect(await records.findWaiting(1_500, 10)).toHaveLength(1);

        now = 3_000;
        await records.change('a', [], (tally) => tally.published([{ id: 'old' }]));

        expect(await records.findWaiting(1_500, 10)).toEqual([]);
        expect(await records.findWaiting(2_001, 10)).toEqual([{ id: 'a', waiting: [messageOf('young')] }]);
      });
    });

    describe('archive entries', () => {
      it('are in the record or in the archive from the moment the change is answered', async () => {
        const document = { text: '제니', list: [1, null] };
        await Promise.all([
          records.change('a', [], (tally) => tally.outbox.archive({ kind: 'line', id: 'l1', document })),
          records.change('a', [], (tally) => tally.outbox.archive({ kind: 'line', id: 'l2', document: 2 })),
          records.change('b', [], (tally) => tally.outbox.archive({ kind: 'point', id: 'l1', document: 3 })),
        ]);

        expect(await findArchived('a', 'line', 'l1')).toEqual(document);
        expect(await findArchived('a', 'line', 'l2')).toBe(2);
        expect(await findArchived('b', 'point', 'l1')).toBe(3);
        expect(await findArchived('b', 'line', 'l3')).toBeUndefined();
      });
    });

    describe('due records', () => {
      it('are listed from their time on, the longest overdue first', async () => {
        await due(records, 'a third', 3_000);
        await due(records, 'c first', 1_000);
        await due(records, 'b second', 2_000);
        await due(records, 'never', undefined);
        await records.change('never', [], (tally) => tally.add());

        expect(await storage.records().findDue(999, 9_000, 10)).toEqual([]);
        expect(await storage.records().findDue(1_000, 9_000, 10)).toEqual(['c first']);
        expect(await storage.records().findDue(5_000, 9_000, 10)).toEqual(['c first', 'b second', 'a third']);
        expect(await storage.records().findDue(5_000, 9_000, 2)).toEqual(['c first', 'b second']);
      });

      it('are listed too when they are due later than anything can be', async () => {
        await due(records, 'soon', 9_000);
        await due(records, 'misled', 9_001);
        await due(records, 'lost', 99_000);
        await due(records, 'overdue', 1_000);

        expect(await records.findDue(5_000, 9_000, 10)).toEqual(['overdue', 'misled', 'lost']);
        expect(await records.findDue(5_000, 9_000, 2)).toEqual(['overdue', 'misled']);
        expect(await records.findDue(5_000, 9_000, 1)).toEqual(['overdue']);
        expect(await records.findDue(5_000, Infinity, 10)).toEqual(['overdue']);
      });

      it('are listed by the time that they were given last', async () => {
        await due(records, 'a', 1_000);
        await due(records, 'b', 1_000);
        await Promise.all([due(records, 'a', 500), due(records, 'a', 7_000), due(records, 'b', undefined)]);

        expect(await records.findDue(5_000, 9_000, 10)).toEqual([]);
        expect(await records.findDue(7_000, 9_000, 10)).toEqual(['a']);
      });
    });

    describe('aliases', () => {
      it('lead to the record that carries them now', async () => {
        await nickname(records, 'a', 'n1', 'n2');
        await nickname(records, 'b', 'n3');
        expect(await storage.records().findByAlias('n1')).toBe('a');
        expect(await storage.records().findByAlias('n2')).toBe('a');
        expect(await storage.records().findByAlias('n3')).toBe('b');
        expect(await storage.records().findByAlias('a')).toBeUndefined();

        await nickname(records, 'a', 'n2');
        expect(await storage.records().findByAlias('n1')).toBeUndefined();
        expect(await storage.records().findByAlias('n2')).toBe('a');
      });

      it('move from record to record, whichever of the two changes first', async () => {
        await nickname(records, 'a', 'n1', 'n2');
        await nickname(records, 'a', 'n2');
        await nickname(records, 'b', 'n1');
        expect(await storage.records().findByAlias('n1')).toBe('b');

        await Promise.all([nickname(records, 'b', 'n1', 'n2'), nickname(records, 'a')]);
        expect(await storage.records().findByAlias('n2')).toBe('b');
      });
    });

    describe('columns', () => {
      it('are kept beside the body, as of the last change', async () => {
        await records.change('a', [], (tally) => tally.paint('red'));
        expect((await storage.stored('a'))?.columns).toEqual({ count: 0, colour: 'red' });

        await Promise.all([
          records.change('a', [], (tally) => tally.add()),
          records.change('a', [], (tally) => tally.paint(undefined)),
        ]);
        expect((await storage.stored('a'))?.columns).toEqual({ count: 1, colour: null });
        expect(Object.keys(tallies.columns ?? {})).toEqual(['count', 'colour']);
      });
    });
  });
}

import type { Archive } from '../store/records';

/** An archive, empty at first. */
export interface ArchiveUnderTest {
  readonly archive: Archive;
  /** Puts documents into it the way those of a record come there; resolves when they can be read. */
  put(
    record: string,
    documents: readonly { readonly kind: string; readonly id: string; readonly document: unknown }[],
  ): Promise<void>;
  close(): Promise<void>;
}

const line = (id: string, document: unknown = { id }) => ({ kind: 'line', id, document });

/** Proves every promise of `Archive`. */
export function describeArchive(name: string, open: () => Promise<ArchiveUnderTest>): void {
  describe(`Archive: ${name}`, () => {
    let storage: ArchiveUnderTest;
    let archive: Archive;

    beforeEach(async () => {
      storage = await open();
      ({ archive } = storage);
    });

    afterEach(() => storage.close());

    it('finds a document by its kind and id, as it was put', async () => {
      const document = { text: `제니's "누구" nul\0`, list: [1, null, { deep: true }] };
      await storage.put('a', [line('l1', document), { kind: 'point', id: 'l1', document: 7 }]);

      expect(await archive.find('line', 'l1')).toEqual(document);
      expect(await archive.find('point', 'l1')).toBe(7);
      expect(await archive.find('line', 'l2')).toBeUndefined();
      expect(await archive.find('nothing', 'l1')).toBeUndefined();
    });

    it('keeps the first document of an id, however often it comes', async () => {
      await storage.put('a', [line('l1', 'first'), line('l1', 'second')]);
      await storage.put('b', [line('l1', 'third'), line('l2')]);

      expect(await archive.find('line', 'l1')).toBe('first');
      expect(await archive.listAll('line', { limit: 10 })).toEqual([
        { id: 'l2', record: 'b', document: { id: 'l2' } },
        { id: 'l1', record: 'a', document: 'first' },
      ]);
    });

    it('lists the documents of a record, and of one kind only, by descending id', async () => {
      await storage.put('a', [line('l2'), line('l4'), line('l1'), { kind: 'point', id: 'l3', document: 0 }]);
      await storage.put('b', [line('l3')]);

      expect(await archive.list('line', 'a', { limit: 10 })).toEqual([{ id: 'l4' }, { id: 'l2' }, { id: 'l1' }]);
      expect(await archive.list('line', 'a', { limit: 2 })).toEqual([{ id: 'l4' }, { id: 'l2' }]);
      expect(await archive.list('line', 'a', { limit: 2, before: 'l2' })).toEqual([{ id: 'l1' }]);
      expect(await archive.list('line', 'a', { limit: 2, before: 'l1' })).toEqual([]);
      expect(await archive.list('line', 'nobody', { limit: 2 })).toEqual([]);
    });

    it('lists the documents of all records by descending id, page by page', async () => {
      await storage.put('a', [line('l2'), line('l4'), { kind: 'point', id: 'l5', document: 0 }]);
      await storage.put('b', [line('l3')]);

      expect(await archive.listAll('line', { limit: 2 })).toEqual([
        { id: 'l4', record: 'a', document: { id: 'l4' } },
        { id: 'l3', record: 'b', document: { id: 'l3' } },
      ]);
      expect(await archive.listAll('line', { limit: 2, before: 'l3' })).toEqual([
        { id: 'l2', record: 'a', document: { id: 'l2' } },
      ]);
    });

    it.each(["O'Hara", '누구 🔔', '__proto__', '$a.b', '%'])(
      'takes %j for a kind, an id and a record',
      async (text) => {
        await storage.put(text, [{ kind: text, id: text, document: text }]);

        expect(await archive.find(text, text)).toBe(text);
        expect(await archive.list(text, text, { limit: 1 })).toEqual([text]);
        expect(await archive.listAll(text, { limit: 1 })).toEqual([{ id: text, record: text, document: text }]);
      },
    );
  });
}

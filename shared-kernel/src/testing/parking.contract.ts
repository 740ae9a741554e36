import { randomUUID } from 'node:crypto';
import type { LogMessage, MessageLog } from '../messaging/message-log';
import type { Parking, ParkNote } from '../messaging/parking';

/** A parking to be tested, the log in whose topics its messages lie too, and what only its own side can do with them. */
export interface ParkingUnderTest {
  readonly parking: Parking;
  readonly log: MessageLog;
  /** Ends their process in order, and answers them as the next process opens them. */
  restart(): Promise<{ readonly parking: Parking; readonly log: MessageLog }>;
  close(): Promise<void>;
}

/** Comparable whatever kind of byte array the adapter uses. */
const plain = ({ value, headers, ...rest }: LogMessage) => ({
  ...rest,
  value: value && Buffer.from(value).toString('hex'),
  headers: { ...headers },
});

/** What every Parking promises. */
export function describeParking(name: string, open: () => Promise<ParkingUnderTest>): void {
  describe(`${name}, as a Parking`, () => {
    let under: ParkingUnderTest;
    let parking: Parking;
    let group: string;
    let topic: string;
    let offset: number;

    beforeEach(async () => {
      under = await open();
      parking = under.parking;
      group = `book-service-${randomUUID()}`;
      topic = `rental_rent-${randomUUID()}`;
      offset = 0;
    });

    afterEach(async () => {
      await under.close();
    });

    const AT = Date.parse('2026-11-21T10:15:30.123Z');

    const message = (id: string | undefined, more: Partial<LogMessage> = {}): LogMessage => ({
      topic,
      partition: 2,
      offset: offset++,
      key: 'jenny',
      value: Buffer.from('{not JSON'),
      headers: id === undefined ? {} : { ce_id: id, ce_type: 'ItemRented' },
      time: AT - 5_000,
      ...more,
    });

    const ids = async (filter: Parameters<Parking['list']>[0]) => (await parking.list(filter)).map(({ id }) => id);

    const park = async (id: string | undefined, more: Partial<LogMessage> = {}, of = group) =>
      parking.park(of, message(id, more), 'invalid-body', 'The body has no item.', AT);

    /** The group's only entry, or the newest one. */
    async function newest(of = group) {
      const [entry] = await parking.list({ group: of, limit: 1 });
      if (!entry) throw new Error('Nothing is parked.');
      return entry;
    }

    const note = (did: ParkNote['did'], at = AT + 1_000): ParkNote => ({
      at,
      actor: 'librarian',
      did,
      reason: 'repaired',
    });

    it('keeps the message with its bytes, its headers, and where it came from', async () => {
      const binary = message('saga-1:book:do', {
        key: '제니',
        value: Uint8Array.from({ length: 256 }, (_, byte) => byte),
        headers: { ce_id: 'saga-1:book:do', 'of ours 책': '🔔', empty: '' },
      });
      await parking.park(group, binary, 'unreadable', 'The body is not JSON.', AT);
      const entry = await newest();

      expect(plain(entry.message)).toEqual(plain(binary));
      expect(entry).toMatchObject({
        group,
        reason: 'unreadable',
        detail: 'The body is not JSON.',
        firstParkedAt: AT,
        lastParkedAt: AT,
        count: 1,
        state: 'parked',
        notes: [],
      });
      expect(await parking.find(entry.id)).toEqual(entry);
    });

    it('keeps a tombstone without a key, and tells it from empty bytes and an empty key', async () => {
      const tombstone = message(undefined, { key: undefined, value: undefined });
      const empty = message(undefined, { key: '', value: Buffer.alloc(0) });
      await parking.park(group, tombstone, 'unreadable', 'No body.', AT);
      await parking.park(group, empty, 'unreadable', 'No body.', AT);

      const kept = await parking.list({ group, limit: 10 });
      expect(kept.map((entry) => plain(entry.message))).toEqual([plain(empty), plain(tombstone)]);
    });

    it('keeps a message that the log refused, because it is too large or for whatever reason', async () => {
      const refused = message('saga-1:book:do', { partition: -1, offset: -1, value: Buffer.alloc(2_000_000, 'x') });
      await parking.park(group, refused, 'rejected', 'The message is too large.', AT);

      expect(plain((await newest()).message)).toEqual(plain(refused));
    });

    it('finds nothing under an id that it never gave', async () => {
      expect(await parking.find(`no-such-${randomUUID()}`)).toBeUndefined();
      expect(await parking.note(`no-such-${randomUUID()}`, 'released', note('released'))).toBeUndefined();
    });

    it('only counts a message that is parked already, and tells why it came last', async () => {
      const first = message('saga-1:book:do');
      await parking.park(group, first, 'invalid-body', 'The body has no item.', AT);
      await parking.park(group, message('saga-1:book:do', { partition: 3 }), 'bug', 'TypeError', AT + 60_000);
      const entry = await newest();

      expect(await parking.list({ group, limit: 10 })).toHaveLength(1);
      expect(entry).toMatchObject({
        count: 2,
        firstParkedAt: AT,
        lastParkedAt: AT + 60_000,
        reason: 'bug',
        detail: 'TypeError',
      });
      expect(plain(entry.message)).toEqual(plain(first));
    });

    it('counts every time when one message is parked many times at once', async () => {
      await Promise.all(Array.from({ length: 20 }, async () => park('saga-1:book:do')));

      expect(await parking.list({ group, limit: 10 })).toHaveLength(1);
      expect((await newest()).count).toBe(20);
    });

    it('knows a message without ce_id by its place', async () => {
      const one = message(undefined);
      await parking.park(group, one, 'missing-header', 'No ce_id.', AT);
      await parking.park(group, one, 'missing-header', 'No ce_id.', AT);
      await parking.park(group, message(undefined), 'missing-header', 'No ce_id.', AT);

      expect((await parking.list({ group, limit: 10 })).map(({ count }) => count)).toEqual([1, 2]);
    });

    it('parks for each group by itself', async () => {
      const other = `member-service-${randomUUID()}`;
      await park('saga-1:do');
      await park('saga-1:do', {}, other);
      await parking.note((await newest(other)).id, 'discarded', note('discarded'));

      expect(await newest()).toMatchObject({ group, count: 1, state: 'parked' });
      expect(await newest(other)).toMatchObject({ group: other, count: 1, state: 'discarded' });
    });

    it('remembers what people did about a message, oldest first', async () => {
      await park('saga-1:book:do');
      const { id } = await newest();
      await parking.note(id, 'released', note('released', AT + 1_000));
      await parking.note(id, 'parked', note('failed-again', AT + 2_000));
      const changed = await parking.note(id, 'discarded', { at: AT + 3_000, actor: '사서', did: 'discarded' });

      expect(changed).toMatchObject({
        id,
        state: 'discarded',
        notes: [
          note('released', AT + 1_000),
          note('failed-again', AT + 2_000),
          { at: AT + 3_000, actor: '사서', did: 'discarded' },
        ],
      });
      expect(await parking.find(id)).toEqual(changed);
    });

    it('loses no note when two people write at once', async () => {
      await park('saga-1:book:do');
      const { id } = await newest();
      await Promise.all(
        Array.from({ length: 10 }, async (_, n) => parking.note(id, 'parked', note('failed-again', AT + n))),
      );

      expect((await parking.find(id))?.notes.map(({ at }) => at).toSorted()).toEqual(
        Array.from({ length: 10 }, (_, n) => AT + n),
      );
    });

    it('parks a released message again when it fails again, with its history', async () => {
      await park('saga-1:book:do');
      const { id } = await newest();
      await parking.note(id, 'released', note('released'));
      await park('saga-1:book:do');

      expect(await parking.find(id)).toMatchObject({ state: 'parked', count: 2, notes: [note('released')] });
    });

    it('parks an obsolete message again when it fails again', async () => {
      await park('saga-1:book:do');
      const { id } = await newest();
      await parking.note(id, 'obsolete', note('obsolete'));
      await park('saga-1:book:do');

      expect(await parking.find(id)).toMatchObject({ state: 'parked', count: 2 });
    });

    it('leaves a discarded message discarded when another copy of it comes, and counts it', async () => {
      await park('saga-1:book:do');
      const { id } = await newest();
      await parking.note(id, 'discarded', note('discarded'));
      await park('saga-1:book:do');

      expect(await parking.find(id)).toMatchObject({ state: 'discarded', count: 2 });
    });

    describe('lists', () => {
      it('the newest first, page by page', async () => {
        for (let n = 0; n < 5; n++) await park(`saga-${n}`);
        const all = await parking.list({ group, limit: 10 });
        const [first, second, third] = [
          await parking.list({ group, limit: 2 }),
          await parking.list({ group, limit: 2, before: all[1]?.id ?? '' }),
          await parking.list({ group, limit: 2, before: all[3]?.id ?? '' }),
        ];

        expect(all.map(({ message: { headers } }) => headers['ce_id'])).toEqual([
          'saga-4',
          'saga-3',
          'saga-2',
          'saga-1',
          'saga-0',
        ]);
        expect([...first, ...second, ...third]).toEqual(all);
        expect(first).toHaveLength(2);
      });

      it('the same page while messages are parked again and noted', async () => {
        for (let n = 0; n < 4; n++) await park(`saga-${n}`);
        const all = await ids({ group, limit: 10 });
        await park('saga-0');
        await parking.note(all[2] ?? '', 'released', note('released'));

        expect(await ids({ group, limit: 10 })).toEqual(all);
      });

      it('those of one group, those in one state, and those of all groups', async () => {
        const other = `member-service-${randomUUID()}`;
        await park('saga-1');
        await park('saga-2');
        await park('saga-3', {}, other);
        const [second, first] = await ids({ group, limit: 10 });
        await parking.note(first ?? '', 'released', note('released'));

        expect(await ids({ group, state: 'parked', limit: 10 })).toEqual([second]);
        expect(await ids({ group, state: 'released', limit: 10 })).toEqual([first]);
        expect(await ids({ group, state: 'obsolete', limit: 10 })).toEqual([]);
        expect(await ids({ group: other, limit: 10 })).toHaveLength(1);
        expect((await ids({ limit: 3 })).slice(0, 3)).toEqual([
          ...(await ids({ group: other, limit: 1 })),
          second,
          first,
        ]);
      });
    });

    it('keeps entries, counts and notes over a restart', async () => {
      await park('saga-1');
      await park('saga-1');
      await park('saga-2');
      const { id } = await newest();
      await parking.note(id, 'released', note('released'));
      const before = await parking.list({ group, limit: 10 });
      ({ parking } = await under.restart());

      expect(await parking.list({ group, limit: 10 })).toEqual(before);
      await park('saga-1');
      expect((await parking.list({ group, limit: 10 })).map(({ count }) => count)).toEqual([1, 3]);
    });

    it('lays a copy into the topic of the parked, with headers saying where from, why, when and how often', async () => {
      const binary = message('saga-1:book:do', { value: Uint8Array.from([0xff, 0x00, 0xfe]) });
      await parking.park(group, binary, 'unreadable', 'The body is not JSON.', AT);
      await parking.park(group, binary, 'bug', 'TypeError', AT + 60_000);
      const { log } = await under.restart();
      const parked = `${topic}.parked.${group}`;
      const copies = (
        await Promise.all((await log.ends(parked)).map(async (_, partition) => log.read(parked, partition, 0, 10)))
      ).flat();

      expect(copies.map(({ key, value, headers }) => ({ key, value: Buffer.from(value ?? []), headers }))).toEqual([
        {
          key: 'jenny',
          value: Buffer.from([0xff, 0x00, 0xfe]),
          headers: {
            ce_id: 'saga-1:book:do',
            ce_type: 'ItemRented',
            parked_group: group,
            parked_topic: topic,
            parked_partition: '2',
            parked_offset: `${binary.offset}`,
            parked_time: '2026-11-21T10:15:25.123Z',
            parked_reason: 'unreadable',
            parked_detail: 'The body is not JSON.',
            parked_at: '2026-11-21T10:15:30.123Z',
            parked_count: '1',
          },
        },
        {
          key: 'jenny',
          value: Buffer.from([0xff, 0x00, 0xfe]),
          headers: expect.objectContaining({
            parked_reason: 'bug',
            parked_at: '2026-11-21T10:16:30.123Z',
            parked_count: '2',
          }) as unknown,
        },
      ]);
    });
  });
}

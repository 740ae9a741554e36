import { describeMessageLog } from '@library/shared-kernel/testing/message-log.contract';
import { TestClock } from '@library/shared-kernel/testing/test-clock';
import fs, { closeSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Journal } from '../../src/embedded/journal';
import { EmbeddedMessageLog } from '../../src/embedded/message-log.embedded';
import { ServiceFile } from '../../src/embedded/service-file';
import { StorageFault } from '../../src/embedded/storage-fault';
import type { BatchHandler, LogMessage } from '../../src/messaging/message-log';
import { tallies } from '../../src/testing/tally';
import { SystemClock } from '../../src/time/system-clock';
import { dataFolder, killedCopyOf, removeDataFolders } from './data-folder';
import { failNextApplication, failNextSync, fillDisk, holdNextApplication, frameEndsOf } from './failing-disk';
import { CountingClock, Gate, Logs, publication, textOf, until, type OpenLog } from './logs';

// A busy machine may take its time; what passes takes milliseconds.
jest.setTimeout(30_000);

describeMessageLog('EmbeddedMessageLog', async () => {
  const logs = new Logs();
  let open = logs.open();
  return {
    log: open.log,
    createTopics: async (names, partitions) => open.log.createTopics(names, partitions),
    restart: async () => {
      await open.log.close();
      open = logs.open();
      return open.log;
    },
    kill: async () => {
      await open.log.store.file.settled();
      open = logs.open({}, logs.crashCopy(open));
      return open.log;
    },
    close: async () => logs.remove(),
  };
});

const rent = (text: string, more: Parameters<typeof publication>[2] = {}) => publication('rental_rent', text, more);
const rents = (count: number) => Array.from({ length: count }, (_, n) => rent(`${n}`));
const texts = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `${from + n}`);
const settings = { group: 'book', topics: ['rental_rent'], from: 'earliest', batchSize: 100 } as const;
const readAll = async ({ log }: OpenLog) => (await log.read('rental_rent', 0, 0, 10_000)).map(textOf);

/** Where the group is in the first partition, as it was committed. */
const committedOffset = ({ log }: OpenLog) =>
  log.store.read(() => {
    const sql = 'SELECT offset FROM offsets WHERE consumer_group = ? AND partition = 0';
    return log.store.file.statement<{ offset: number }>(sql).all('book')[0]?.offset;
  });

/** As many messages of the first partition are in the SQL. */
const appliedIn = ({ log }: OpenLog) => {
  const sql = 'SELECT COUNT(*) AS count FROM messages WHERE partition = 0';
  return log.store.file.statement<{ count: number }>(sql).all()[0]?.count;
};

/** What a crash leaves that comes when everything is settled. */
async function settledCopy(logs: Logs, open: OpenLog): Promise<string> {
  await open.log.store.file.settled();
  return logs.crashCopy(open);
}

const journalOf = (path: string) => `${path}.journal.1`;
/** Where the last frame of the journal ends. */
const endOf = (journal: string) => frameEndsOf(journal).at(-1) ?? 0;

/** Lets the SQL grow by so many pages more; for ever when absent. */
const roomFor = ({ log }: OpenLog, pages?: number) => {
  const { direct } = log.store.file;
  const [row] = direct.statement<{ page_count: number }>('PRAGMA page_count').all();
  direct.statement(`PRAGMA max_page_count = ${pages === undefined ? 1_000_000 : (row?.page_count ?? 0) + pages}`).all();
};

/** Consumes into a list. */
async function listen({ log }: OpenLog, handle: BatchHandler = async () => {}, group = 'book') {
  const heard: LogMessage[] = [];
  const consumption = await log.consume({ ...settings, group }, async (batch) => {
    await handle(batch);
    heard.push(...batch);
  });
  return { heard, consumption, texts: () => heard.map(textOf) };
}

describe('EmbeddedMessageLog', () => {
  let logs: Logs;
  let open: OpenLog;

  beforeEach(async () => {
    logs = new Logs();
    open = logs.open();
    await open.log.createTopics(['rental_rent']);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await logs.remove();
  });

  afterAll(removeDataFolders);

  describe('on the way that messages take when nothing is wrong', () => {
    it('waits for the disk once for everything that is published in one turn', async () => {
      await open.log.store.file.settled();
      const syncs = jest.spyOn(fs, 'fdatasync');
      await Promise.all(
        rents(50).map(async (each) => {
          await open.log.publish([each]);
          await open.log.store.file.settled();
        }),
      );

      expect(syncs).toHaveBeenCalledTimes(1);
      expect(await readAll(open)).toEqual(texts(50));
    });

    it('hands out what was published before it is durable', async () => {
      const syncs = jest.spyOn(fs, 'fdatasync');
      const { heard } = await listen(open);
      for (const each of rents(3)) await open.log.publish([each]);
      await until('all are heard', () => heard.length === 3);

      expect(syncs).not.toHaveBeenCalled();
    });

    it('gives a consumer that keeps up its messages from memory', async () => {
      const reads = jest.spyOn(open.log.store.topics, 'read');
      const { heard } = await listen(open);
      for (const each of rents(20)) await open.log.publish([each]);
      await until('all are heard', () => heard.length === 20);

      expect(reads).not.toHaveBeenCalled();
    });

    it('gives a consumer that fell behind the same messages from the disk', async () => {
      const held = new Gate();
      const { texts: heard } = await listen(open, async () => held.opened);
      for (let n = 0; n < 5_000; n += 500) await open.log.publish(rents(5_000).slice(n, n + 500));
      held.open();

      await until('all are heard', () => heard().length === 5_000);
      expect(heard()).toEqual(texts(5_000));
    });

    it('gives a consumer that fell behind what is not in the SQL yet, whatever is being written there', async () => {
      const held = new Gate();
      const { texts: heard } = await listen(open, async () => held.opened);
      await open.log.publish(rents(1));
      const release = holdNextApplication();
      const reading = readAll(open);
      await open.log.publish(rents(1_500).slice(1));
      expect(appliedIn(open)).toBe(0);
      held.open();
      await pause(20);
      release();

      expect(await reading).toEqual(['0']);
      await until('all are heard', () => heard().length === 1_500);
      expect(heard()).toEqual(texts(1_500));
    });

    it('has a consumer that fell behind wait when what it wants does not come into the SQL', async () => {
      const held = new Gate();
      const { texts: heard, consumption } = await listen(open, async () => held.opened);
      await open.log.publish(rents(1));
      await open.log.publish(rents(1_500).slice(1));
      failNextApplication('SQLITE_BUSY');
      held.open();
      await until('it could not be read', () => logs.failures.length === 1);
      expect(logs.failures).toMatchObject([{ code: 'data-busy' }]);
      expect(consumption.healthy).toBe(false);

      await until('all are heard', () => heard().length === 1_500);
      expect(heard()).toEqual(texts(1_500));
    });

    it('keeps what was published when the publisher uses its bytes again', async () => {
      const value = Buffer.from('before');
      const headers = { ce_type: 'before' };
      const { heard } = await listen(open);
      const publishing = open.log.publish([rent('', { value, headers })]);
      value.write('AFTER!');
      headers.ce_type = 'AFTER!';
      await publishing;
      await until('it is heard', () => heard.length === 1);

      for (const message of [...heard, ...(await open.log.read('rental_rent', 0, 0, 1))]) {
        expect([textOf(message), message.headers['ce_type']]).toEqual(['before', 'before']);
      }
    });

    it('does nothing while it is idle: no timer waits, and nothing is written', async () => {
      const clock = new CountingClock();
      await open.log.close();
      open = logs.open({ clock });
      const { heard } = await listen(open);
      await open.log.publish(rents(10));
      await until('all are heard', () => heard.length === 10);
      await until('the offset is committed', async () => (await committedOffset(open)) === 10);
      // Whatever was to be applied later has been applied by now: that finds out.
      await pause(600);

      const { writes } = open.log.store.file.direct;
      const appends = jest.spyOn(Journal.prototype, 'append');
      const timers = jest.spyOn(globalThis, 'setTimeout');
      await pause(600);
      expect(clock.waiting).toBe(0);
      expect(timers).not.toHaveBeenCalled();
      expect(appends).not.toHaveBeenCalled();
      expect(open.log.store.file.direct.writes).toBe(writes);
    });

    it('leaves no timer behind when it is closed', async () => {
      const clock = new CountingClock();
      await open.log.close();
      open = logs.open({ clock });
      await listen(open, async () => Promise.reject(new Error('fails')));
      await open.log.publish(rents(1));
      await until('it has failed', () => logs.failures.length > 0);
      await open.log.close();

      expect(clock.waiting).toBe(0);
    });

    it('weighs at most 450 bytes on disk for a saga message', async () => {
      const saga = '0190f6c2-5f7e-7d53-9b4e-5a4f7c1e2d';
      const body =
        '{"idName":{"id":"jenny","name":"제니"},"item":{"no":1,"title":"누구를 위하여 종을 울리나?"},"point":10,"eventType":"RENT","success":true}';
      for (let round = 0; round < 10; round++) {
        await open.log.publish(
          Array.from({ length: 300 }, (_, n) => {
            const id = `${saga}${(n % 256).toString(16).padStart(2, '0')}`;
            return rent(body, {
              key: `member-${n}`,
              headers: {
                ce_specversion: '1.0',
                ce_id: `${id}:book:do:done`,
                ce_source: '/book-service',
                ce_type: 'EventResult',
                ce_time: new Date(Date.now()).toISOString(),
                ce_subject: `rental-cards/member-${n}`,
                'content-type': 'application/json',
                ce_sagaid: id,
                ce_correlationid: id.replace('0190', '0191'),
                ce_causationid: `${id}:rental:do`,
                ce_awaits: 'book,member,bestbook',
                ce_expirytime: new Date(Date.now() + 120_000).toISOString(),
                ce_participant: 'book',
                traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
              },
            });
          }),
        );
      }
      await readAll(open);
      await open.log.store.file.direct.checkpoint();

      expect(statSync(open.path).size / 3_000).toBeLessThan(450);
    });
  });

  describe('in a commit that comes to nothing', () => {
    it('keeps no topic, whatever is created with it, and acknowledges nothing that is published there', async () => {
      const makeRoom = fillDisk();
      const creating = open.log.createTopics(['new']);
      const [created, published] = await Promise.allSettled([creating, open.log.publish([publication('new', 'lost')])]);
      expect([created, published]).toMatchObject([
        { reason: { code: 'disk-full' } },
        { reason: { code: 'topic-missing' } },
      ]);
      makeRoom();
      await expect(open.log.createTopics(['new', 'a\0b'])).rejects.toThrow('NUL');
      expect(open.log.topics().map(({ topic }) => topic)).toEqual(['rental_rent']);

      await open.log.createTopics(['new']);
      await open.log.publish([publication('new', 'kept')]);
      expect((await Promise.all([0, 1, 2, 3].map((n) => open.log.read('new', n, 0, 9)))).flat().map(textOf)).toEqual([
        'kept',
      ]);
    });

    it('gives what is published with it the offsets that it would have had alone', async () => {
      const [first, bad, second] = await Promise.allSettled([
        open.log.publish(rents(2)),
        open.log.createTopics(['a\0b']),
        open.log.publish([rent('2')]),
      ]);
      expect([first.status, bad.status, second.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);

      expect(await readAll(open)).toEqual(texts(3));
      expect(open.log.topics()).toMatchObject([{ messages: 3, partitions: [{ first: 0, end: 3 }, {}, {}, {}] }]);
    });
  });

  describe('offsets', () => {
    it('are committed by themselves after a moment, and not with what is published meanwhile', async () => {
      const { heard } = await listen(open);
      await open.log.publish(rents(5));
      await until('all are heard', () => heard.length === 5);
      await open.log.publish([rent('elsewhere', { key: 'tom' })]);
      expect(await committedOffset(open)).toBe(0);
      await until('the offset is committed', async () => (await committedOffset(open)) === 5);
      const next = logs.open({}, await settledCopy(logs, open));

      expect(next.log.offsets('book').map(({ offset }) => offset)).toEqual([5, 1, 0, 0]);
    });

    it('are committed when the consumer stops, and when the log is closed', async () => {
      const { heard, consumption } = await listen(open);
      await open.log.publish(rents(5));
      await until('all are heard', () => heard.length === 5);
      await consumption.stop();
      expect(await committedOffset(open)).toBe(5);
      const { heard: more } = await listen(open);
      await open.log.publish(rents(2));
      await until('all are heard', () => more.length === 2);
      await open.log.close();
      open = logs.open();

      expect(open.log.offsets('book').map(({ offset }) => offset)).toEqual([7, 0, 0, 0]);
    });

    it('lose at most a moment in a crash, and then the messages come again', async () => {
      const { heard } = await listen(open);
      await open.log.publish(rents(5));
      await until('all are heard', () => heard.length === 5);
      const next = logs.open({}, await settledCopy(logs, open));
      const again = await listen(next);

      await until('they come again', () => again.heard.length === 5);
      expect(again.texts()).toEqual(texts(5));
    });

    it('never survive a crash without what was done up to there, nor that without the message', async () => {
      const folder = dataFolder();
      const journal = Journal.open(join(folder, 'journal'));
      const running = logs.open({ journal }, join(folder, 'log.db'));
      const file = ServiceFile.open(join(folder, 'tally.db'), new SystemClock(), { journal });
      const records = file.records(tallies);
      await running.log.createTopics(['rental_rent'], 1);
      let done = 0;
      await running.log.consume(settings, async (batch) => {
        for (const { offset } of batch) await records.change('a', [], (tally) => tally.note(offset));
        done += batch.length;
      });
      const copies: string[] = [];
      for (let n = 0; n < 40; n++) {
        await running.log.publish([rent(`${n}`)]);
        // Everything comes into one SQL file or the other at times of its own, and into the journal now and then.
        if (n % 3 === 0) await running.log.store.offsets.flush();
        if (n % 5 === 1) await running.log.read('rental_rent', 0, 0, 1);
        if (n % 5 === 3) await file.rows('SELECT 1');
        if (n % 4 === 2) await file.settled();
        copies.push(killedCopyOf(folder));
      }
      await until('all are done', () => done === 40);
      await running.log.close();
      await file.close();
      await journal.close();

      const found: { messages: number; handled: number; offset: number }[] = [];
      for (const copy of copies) {
        const left = Journal.open(join(copy, 'journal'));
        const log = logs.open({ journal: left }, join(copy, 'log.db'));
        const service = ServiceFile.open(join(copy, 'tally.db'), new SystemClock(), { journal: left });
        const [messages = 0] = await log.log.ends('rental_rent').catch(() => []);
        const handled = (await service.records(tallies).read('a'))?.notes.length ?? 0;
        found.push({ messages, handled, offset: log.log.offsets('book')[0]?.offset ?? 0 });
        await log.log.close();
        await service.close();
        await left.close();
      }
      expect(found.filter(({ messages, handled, offset }) => offset > handled || handled > messages)).toEqual([]);
      expect(found.at(-1)?.offset).toBeGreaterThan(30);
      expect(found.some(({ messages, handled }) => handled < messages)).toBe(true);
    });

    it('are set to the earliest, the latest or any other message, also while the group runs', async () => {
      const { texts: heard } = await listen(open);
      await open.log.publish(rents(5));
      await until('all are heard', () => heard().length === 5);

      await open.log.resetOffsets('book', 'rental_rent', 'earliest');
      await until('all come again', () => heard().length === 10);
      await open.log.resetOffsets('book', 'rental_rent', [3, 0, 0, 0]);
      await until('two come again', () => heard().length === 12);
      expect(heard()).toEqual([...texts(5), ...texts(5), '3', '4']);
    });

    it('are where they were set to, whatever became of the batch in hand', async () => {
      const held = new Gate();
      const { texts: heard } = await listen(open, async () => held.opened);
      await open.log.publish(rents(5));
      await open.log.resetOffsets('book', 'rental_rent', 'earliest');
      held.open();

      await until('all come again', () => heard().length === 10);
      expect(heard()).toEqual([...texts(5), ...texts(5)]);
    });

    it('that are set past what fails leave nothing failing', async () => {
      const { consumption } = await listen(open, async () => {
        throw new Error('Never.');
      });
      await open.log.publish(rents(1));
      await until('it fails', () => !consumption.healthy);

      await open.log.resetOffsets('book', 'rental_rent', 'latest');

      expect(consumption.healthy).toBe(true);
    });

    it('that are set past what fails only later leave nothing failing either', async () => {
      const held = new Gate();
      const { consumption } = await listen(open, async () => {
        await held.opened;
        throw new Error('Too late.');
      });
      await open.log.publish(rents(1));

      await open.log.resetOffsets('book', 'rental_rent', 'latest');
      held.open();

      await until('it has failed', () => logs.failures.length === 1);
      expect(consumption.healthy).toBe(true);
    });

    it('stay where they were set to over a restart, for a group that does not run', async () => {
      await open.log.publish(rents(5));
      await open.log.resetOffsets('book', 'rental_rent', 'latest');
      await open.log.close();
      open = logs.open();

      expect(open.log.offsets('book')).toEqual(
        [5, 0, 0, 0].map((offset, partition) => ({ topic: 'rental_rent', partition, offset, end: offset })),
      );
      expect(open.log.groups()).toEqual(['book']);
    });

    it.each([[[1, 0, 0]], [[1, 0, 0, 0, 0]], [[6, 0, 0, 0]], [[-1, 0, 0, 0]], [[0.5, 0, 0, 0]]])(
      'cannot be set to %j in a topic of four partitions with five messages',
      async (offsets) => {
        await open.log.publish(rents(5));

        await expect(open.log.resetOffsets('book', 'rental_rent', offsets)).rejects.toThrow(RangeError);
      },
    );
  });

  describe('topics', () => {
    it('tell their messages and their weight, after a crash too', async () => {
      await open.log.publish([rent('12345'), rent('12345'), rent('123', { key: 'tom' })]);
      const states = [open, logs.open({}, await settledCopy(logs, open))].map(({ log }) => log.topics());
      await open.log.close();
      states.push(logs.open().log.topics());

      for (const state of states) {
        expect(state).toEqual([
          {
            topic: 'rental_rent',
            messages: 3,
            bytes: 26,
            partitions: [
              { partition: 0, first: 0, end: 2, messages: 2, bytes: 20 },
              { partition: 1, first: 0, end: 1, messages: 1, bytes: 6 },
              { partition: 2, first: 0, end: 0, messages: 0, bytes: 0 },
              { partition: 3, first: 0, end: 0, messages: 0, bytes: 0 },
            ],
          },
        ]);
      }
    });

    it('get more partitions, and running groups hear of those too', async () => {
      const { heard } = await listen(open);
      await open.log.createTopics(['rental_rent'], 12);
      await open.log.publish([rent('in the new one', { key: 'member-1' })]);

      await until('it is heard', () => heard.length === 1);
      expect(heard[0]?.partition).toBe(6);
      await open.log.close();
      expect((await logs.open().log.ends('rental_rent')).length).toBe(12);
    });

    it('never lose a partition', async () => {
      await open.log.createTopics(['rental_rent'], 1);

      expect(await open.log.ends('rental_rent')).toEqual([0, 0, 0, 0]);
    });

    it('refuse a time that is none', async () => {
      await expect(open.log.publish([rent('ok'), rent('no', { time: Number.NaN })])).rejects.toMatchObject({
        index: 1,
      });
    });
  });

  describe('retention', () => {
    it('keeps everything for ever unless a time is set', async () => {
      await open.log.publish(rents(3));

      expect(await open.log.deleteOld()).toBe(0);
      expect(await readAll(open)).toEqual(texts(3));
    });

    it('deletes what has lain longer than that, and nothing else', async () => {
      const clock = new CountingClock(-10_000);
      await open.log.close();
      open = logs.open({ clock, retentionMs: 5_000 });
      await open.log.publish(rents(3));
      clock.shiftBy(10_000);
      await open.log.publish([rent('young, though it happened long ago', { time: 0 })]);

      expect(await open.log.deleteOld()).toBe(3);
      expect((await open.log.read('rental_rent', 0, 0, 10)).map(({ offset }) => offset)).toEqual([3]);
      expect(open.log.topics()[0]).toMatchObject({ messages: 1, partitions: [{ first: 3, end: 4 }, {}, {}, {}] });
    });

    it('deletes nothing that is young, though the SQL does not show it yet', async () => {
      const clock = new CountingClock(-10_000);
      await open.log.close();
      open = logs.open({ clock, retentionMs: 5_000 });
      await open.log.publish([...rents(3), rent('old', { key: 'tom' })]);
      clock.shiftBy(10_000);
      const deleting = open.log.deleteOld();
      for (let n = 0; n < 20; n++) await open.log.publish([rent(`young ${n}`), rent(`young ${n}`, { key: 'tom' })]);

      expect(await deleting).toBe(4);
      for (const [partition, first] of [3, 1].entries()) {
        expect((await open.log.read('rental_rent', partition, 0, 100)).map(({ offset }) => offset)).toEqual(
          Array.from({ length: 20 }, (_, n) => first + n),
        );
      }
      expect(await open.log.deleteOld()).toBe(0);
      expect(open.log.topics()).toMatchObject([
        { messages: 40, bytes: 20 * ('jenny'.length + 'tom'.length) + 2 * 150 },
      ]);
    });

    it('gives no offset twice when all was deleted', async () => {
      const clock = new CountingClock(-10_000);
      await open.log.close();
      open = logs.open({ clock, retentionMs: 5_000 });
      await open.log.publish(rents(3));
      clock.shiftBy(10_000);
      await open.log.deleteOld();
      const next = logs.open({}, await settledCopy(logs, open));
      await next.log.publish([rent('next')]);

      expect((await next.log.read('rental_rent', 0, 0, 10)).map(({ offset }) => offset)).toEqual([3]);
      expect(next.log.topics()[0]).toMatchObject({ messages: 1, bytes: 'jenny'.length + 'next'.length });
    });

    it('lets a group that was away go on with what is left', async () => {
      const clock = new CountingClock(-10_000);
      await open.log.close();
      open = logs.open({ clock, retentionMs: 5_000 });
      await (await listen(open)).consumption.stop();
      await open.log.publish(rents(3));
      clock.shiftBy(10_000);
      await open.log.deleteOld();
      expect(await open.log.backlog('book', ['rental_rent'])).toEqual({ messages: 0, oldestMs: 0 });
      const { heard, texts: later } = await listen(open);
      await open.log.publish([rent('next')]);

      await until('it is heard', () => heard.length === 1);
      expect(later()).toEqual(['next']);
    });

    it('tells what the log weighs', async () => {
      const before = open.log.bytes();
      await open.log.publish([rent('x'.repeat(100_000))]);
      await readAll(open);

      expect(open.log.bytes() - before).toBeGreaterThan(100_000);
    });
  });

  describe('when the disk fails', () => {
    it('rejects with a fault when it is full, and goes on without a gap when there is room again', async () => {
      const { texts: heard } = await listen(open);
      await open.log.publish([rent('before')]);
      const makeRoom = fillDisk();
      const full = open.log.publish([rent('x'.repeat(50_000))]);

      await expect(full).rejects.toThrow(StorageFault);
      await expect(full).rejects.toMatchObject({ code: 'disk-full', retryable: true });
      expect(open.log.reachable).toBe(false);
      makeRoom();
      await open.log.publish([rent('after')]);
      expect(open.log.reachable).toBe(true);
      await until('all are heard', () => heard().length === 2);
      expect(heard()).toEqual(['before', 'after']);
      expect((await open.log.read('rental_rent', 0, 0, 10)).map(({ offset }) => offset)).toEqual([0, 1]);
    });

    it('hands out and keeps what was published when the SQL is full, takes nothing more, and goes on when it has room', async () => {
      const { texts: heard } = await listen(open);
      await readAll(open);
      roomFor(open, 2);
      await open.log.publish([rent('x'.repeat(50_000))]);
      await until('it is heard', () => heard().length === 1);
      await expect(readAll(open)).rejects.toMatchObject({ code: 'disk-full' });
      await expect(open.log.publish([rent('refused')])).rejects.toMatchObject({ code: 'disk-full', retryable: true });
      expect(open.log.reachable).toBe(false);
      const next = logs.open({}, await settledCopy(logs, open));
      expect(await readAll(next)).toHaveLength(1);

      roomFor(open);
      await open.log.publish([rent('after')]);
      await until('it is heard', () => heard().length === 2);
      expect(await readAll(open)).toEqual(['x'.repeat(50_000), 'after']);
      expect(open.log.reachable).toBe(true);
    });

    it('takes nothing any more when it cannot be told what is durable, until it is opened anew [S4]', async () => {
      await open.log.publish([rent('durable')]);
      const sound = await settledCopy(logs, open);
      failNextSync();
      await open.log.publish([rent('who knows')]);
      await expect(open.log.store.file.settled()).rejects.toMatchObject({ code: 'storage-failed' });

      await expect(open.log.publish([rent('refused')])).rejects.toMatchObject({ code: 'storage-failed' });
      expect(open.log.reachable).toBe(false);
      const next = logs.open({}, sound);
      await next.log.publish([rent('and on')]);
      expect(await readAll(next)).toEqual(['durable', 'and on']);
    });

    it('finds out by itself that there is room again, when nobody writes any more', async () => {
      const clock = new TestClock();
      const idle = logs.open({ clock }, `${open.path}-idle`);
      await idle.log.createTopics(['rental_rent'], 1);
      const makeRoom = fillDisk();
      await expect(idle.log.publish([rent('x'.repeat(50_000))])).rejects.toMatchObject({ code: 'disk-full' });
      makeRoom();
      await clock.advance(5_000);

      await until('it can be written again', () => idle.log.reachable);
    });

    it('creates no topic by halves when it is full', async () => {
      const makeRoom = fillDisk();
      const names = Array.from({ length: 200 }, (_, n) => `topic-${n}-${'x'.repeat(100)}`);
      await expect(open.log.createTopics(names)).rejects.toThrow(StorageFault);
      expect(open.log.topics().map(({ topic }) => topic)).toEqual(['rental_rent']);

      makeRoom();
      await open.log.createTopics(names);
      expect(open.log.topics()).toHaveLength(201);
    });

    it('parks nothing by halves when it is full: the partition stops, and goes on when there is room again', async () => {
      const held = new Gate();
      const { texts: heard } = await listen(open, async (batch) => {
        if (batch.some((message) => textOf(message) === 'large')) await held.opened;
        for (const message of batch) await open.parking.park('book', message, 'unreadable', 'No JSON.', Date.now());
      });
      await open.log.publish([rent('small')]);
      await until('it is parked', () => heard().length === 1);
      await open.log.publish([rent('large')]);
      const makeRoom = fillDisk();
      held.open();
      await until('parking has failed', () => logs.failures.length > 0);

      expect(logs.failures[0]).toMatchObject({ code: 'disk-full' });
      expect(heard()).toHaveLength(1);
      expect(await open.parking.list({ limit: 10 })).toMatchObject([{ count: 1 }]);
      expect(await open.log.ends('rental_rent.parked.book')).toEqual([1]);
      makeRoom();
      await until('the partition goes on', () => heard().length === 2);
      expect(await open.parking.list({ limit: 10 })).toMatchObject([{ count: 1 }, { count: 1 }]);
      expect(await open.log.ends('rental_rent.parked.book')).toEqual([2]);
    });

    it('cuts off what was torn in the middle of a write, and keeps everything before it', async () => {
      await open.log.publish(rents(10));
      await open.log.store.file.settled();
      const whole = endOf(journalOf(open.path));
      await open.log.publish([rent('torn')]);
      const copy = await settledCopy(logs, open);
      const longer = endOf(journalOf(copy));
      truncateSync(journalOf(copy), Math.floor((whole + longer) / 2));
      const next = logs.open({}, copy);

      expect(await readAll(next)).toEqual(texts(10));
      await next.log.publish([rent('and on')]);
      expect(await readAll(next)).toEqual([...texts(10), 'and on']);
    });

    it('cuts off a write of which some bytes are wrong', async () => {
      await open.log.publish(rents(10));
      await open.log.store.file.settled();
      const whole = endOf(journalOf(open.path));
      await open.log.publish([rent('torn')]);
      const copy = await settledCopy(logs, open);
      const journal = openSync(journalOf(copy), 'r+');
      writeSync(journal, Buffer.alloc(20, 0xff), 0, 20, whole + 60);
      closeSync(journal);

      expect(await readAll(logs.open({}, copy))).toEqual(texts(10));
    });

    it('finds after a crash what is in the SQL and what is only in the journal, each of them once', async () => {
      await open.log.publish(rents(3));
      expect(await readAll(open)).toEqual(texts(3));
      await open.log.publish(rents(5).slice(3));
      const copy = await settledCopy(logs, open);
      const next = logs.open({}, copy);

      expect(appliedIn(next)).toBe(5);
      expect(await readAll(next)).toEqual(texts(5));
    });
  });

  describe('opened read-only', () => {
    it('shows topics, messages, offsets and what is parked, and changes nothing', async () => {
      const { heard, consumption } = await listen(open);
      await open.log.publish([...rents(3), rent('조각', { key: '제니', headers: { ce_id: 'saga-1' } })]);
      await until('all are heard', () => heard.length === 4);
      await consumption.stop();
      const [message] = await open.log.read('rental_rent', 3, 0, 1);
      if (message) await open.parking.park('book', message, 'bug', 'TypeError', Date.now());
      const running = {
        topics: open.log.topics(),
        groups: open.log.groups(),
        offsets: open.log.offsets('book'),
        ends: await open.log.ends('rental_rent'),
        read: await open.log.read('rental_rent', 3, 0, 10),
        parked: await open.parking.list({ limit: 10 }),
      };
      await open.log.close();
      const before = readFileSync(open.path);
      const reader = EmbeddedMessageLog.openReadOnly(open.path);

      expect({
        topics: reader.topics(),
        groups: reader.groups(),
        offsets: reader.offsets('book'),
        ends: await reader.ends('rental_rent'),
        read: await reader.read('rental_rent', 3, 0, 10),
        parked: await reader.parked.list({ limit: 10 }),
      }).toEqual(running);
      expect(await reader.parked.find('1')).toEqual(running.parked[0]);
      expect(readFileSync(open.path).equals(before)).toBe(true);
    });

    it('shows what a killed process has left in the SQL', async () => {
      await open.log.publish(rents(3));
      await readAll(open);
      const reader = EmbeddedMessageLog.openReadOnly(logs.crashCopy(open));

      expect((await reader.read('rental_rent', 0, 0, 10)).map(textOf)).toEqual(texts(3));
    });

    it('says so when there is no log', () => {
      expect(() => EmbeddedMessageLog.openReadOnly(`${open.path}.nowhere`)).toThrow(
        expect.objectContaining({ code: 'data-missing' }) as Error,
      );
    });
  });
});

import { describeMessageLog } from '@library/shared-kernel/testing/message-log.contract';
import { TestClock } from '@library/shared-kernel/testing/test-clock';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { LogReader } from '../../src/embedded/log-reader';
import { EmbeddedMessageLog } from '../../src/embedded/message-log.embedded';
import { StorageFault } from '../../src/embedded/storage-fault';
import type { BatchHandler, LogMessage } from '../../src/messaging/message-log';
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

/** Where the group is in the first partition, for whoever reads the file beside the log. */
const durableOffset = ({ path }: OpenLog) => LogReader.open(path).offsets('book')[0]?.offset;

/** Lets the file grow by so many pages more; for ever when absent. */
const roomFor = ({ log }: OpenLog, pages?: number) => {
  const { file } = log.store;
  const [row] = file.statement<{ page_count: number }>('PRAGMA page_count').all();
  file.statement(`PRAGMA max_page_count = ${pages === undefined ? 1_000_000 : (row?.page_count ?? 0) + pages}`).all();
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
    await logs.remove();
  });

  /** What happens when the next commit is under way. */
  const duringCommit = (happens: () => void, fault?: StorageFault) => {
    const { file } = open.log.store;
    const commit = file.commit.bind(file);
    jest.spyOn(file, 'commit').mockImplementationOnce(async () => {
      happens();
      if (!fault) return commit();
      file.rollBack();
      throw fault;
    });
  };

  describe('on the way that messages take when nothing is wrong', () => {
    it('waits for the disk once for everything that is published in one turn', async () => {
      const transactions = jest.spyOn(open.log.store.file, 'commit');
      await Promise.all(rents(50).map(async (each) => open.log.publish([each])));

      expect(transactions).toHaveBeenCalledTimes(1);
      expect(await readAll(open)).toEqual(texts(50));
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
      await until('the offset is durable', () => durableOffset(open) === 10);

      const { writes } = open.log.store.file;
      await pause(300);
      expect(clock.waiting).toBe(0);
      expect(open.log.store.file.writes).toBe(writes);
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
      await open.log.store.file.checkpoint();

      expect(statSync(open.path).size / 3_000).toBeLessThan(450);
    });
  });

  describe('while a commit waits for the disk', () => {
    it('keeps the offset that a group reaches meanwhile for the next one', async () => {
      const { offsets, topics } = open.log.store;
      await open.log.publish(rents(3));
      const place = offsets.begin('book', topics.partition('rental_rent', 0), 0);
      offsets.move(place, 1);
      duringCommit(() => offsets.move(place, 2));
      await open.log.publish(rents(1));

      await open.log.close();
      open = logs.open({}, open.path);
      expect(open.log.offsets('book')).toMatchObject([{ partition: 0, offset: 2 }]);
    });

    it('writes that offset by itself, without another publication', async () => {
      const { offsets, topics } = open.log.store;
      await open.log.publish(rents(3));
      const place = offsets.begin('book', topics.partition('rental_rent', 0), 0);
      duringCommit(() => offsets.move(place, 2));
      await open.log.publish(rents(1));
      await until('it is durable', () => durableOffset(open) === 2);

      open = logs.open({}, logs.crashCopy(open));
      expect(open.log.offsets('book')).toMatchObject([{ partition: 0, offset: 2 }]);
    });

    it('acknowledges nothing that is published to a topic whose creation then fails', async () => {
      const full = new StorageFault('disk-full', 'The disk is full.', true);
      let publishing: Promise<unknown> | undefined;
      duringCommit(() => {
        publishing = Promise.allSettled([open.log.publish([publication('new', 'lost')])]);
      }, full);

      await expect(open.log.createTopics(['new'])).rejects.toBe(full);
      expect(await publishing).toMatchObject([{ reason: { code: 'topic-missing' } }]);
      await open.log.createTopics(['new']);
      await open.log.publish([publication('new', 'kept')]);
      expect((await Promise.all([0, 1, 2, 3].map((n) => open.log.read('new', n, 0, 9)))).flat().map(textOf)).toEqual([
        'kept',
      ]);
    });
  });

  describe('offsets', () => {
    it('become durable by themselves after a moment of quiet', async () => {
      const { heard } = await listen(open);
      await open.log.publish(rents(5));
      await until('all are heard', () => heard.length === 5);
      await until('the offset is durable', () => durableOffset(open) === 5);
      const next = logs.open({}, logs.crashCopy(open));

      expect(next.log.offsets('book').map(({ offset }) => offset)).toEqual([5, 0, 0, 0]);
    });

    it('become durable with what is published next', async () => {
      const { heard } = await listen(open);
      await open.log.publish(rents(5));
      await until('all are heard', () => heard.length === 5);
      await open.log.publish([rent('elsewhere', { key: 'tom' })]);
      const next = logs.open({}, logs.crashCopy(open));

      expect(next.log.offsets('book').map(({ offset }) => offset)).toEqual([5, 0, 0, 0]);
    });

    it('lose at most a moment in a crash, and then the messages come again', async () => {
      const { heard } = await listen(open);
      await open.log.publish(rents(5));
      await until('all are heard', () => heard.length === 5);
      const next = logs.open({}, logs.crashCopy(open));
      const again = await listen(next);

      await until('they come again', () => again.heard.length === 5);
      expect(again.texts()).toEqual(texts(5));
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
      const states = [open, logs.open({}, logs.crashCopy(open))].map(({ log }) => log.topics());
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

    it('gives no offset twice when all was deleted', async () => {
      const clock = new CountingClock(-10_000);
      await open.log.close();
      open = logs.open({ clock, retentionMs: 5_000 });
      await open.log.publish(rents(3));
      clock.shiftBy(10_000);
      await open.log.deleteOld();
      const next = logs.open({}, logs.crashCopy(open));
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

      expect(open.log.bytes() - before).toBeGreaterThan(100_000);
    });
  });

  describe('when the disk fails', () => {
    it('rejects with a fault when it is full, and goes on without a gap when there is room again', async () => {
      const { texts: heard } = await listen(open);
      await open.log.publish([rent('before')]);
      roomFor(open, 2);
      const full = open.log.publish([rent('x'.repeat(50_000))]);

      await expect(full).rejects.toThrow(StorageFault);
      await expect(full).rejects.toMatchObject({ code: 'disk-full', retryable: true });
      expect(open.log.reachable).toBe(false);
      roomFor(open);
      await open.log.publish([rent('after')]);
      expect(open.log.reachable).toBe(true);
      await until('all are heard', () => heard().length === 2);
      expect(heard()).toEqual(['before', 'after']);
      expect((await open.log.read('rental_rent', 0, 0, 10)).map(({ offset }) => offset)).toEqual([0, 1]);
    });

    it('finds out by itself that there is room again, when nobody writes any more', async () => {
      const clock = new TestClock();
      const idle = logs.open({ clock }, `${open.path}-idle`);
      await idle.log.createTopics(['rental_rent'], 1);
      roomFor(idle, 2);
      await expect(idle.log.publish([rent('x'.repeat(50_000))])).rejects.toMatchObject({ code: 'disk-full' });
      roomFor(idle);
      await clock.advance(5_000);

      await until('it can be written again', () => idle.log.reachable);
    });

    it('creates no topic by halves when it is full', async () => {
      roomFor(open, 0);
      const names = Array.from({ length: 200 }, (_, n) => `topic-${n}-${'x'.repeat(100)}`);
      await expect(open.log.createTopics(names)).rejects.toThrow(StorageFault);
      expect(open.log.topics().map(({ topic }) => topic)).toEqual(['rental_rent']);

      roomFor(open);
      await open.log.createTopics(names);
      expect(open.log.topics()).toHaveLength(201);
    });

    it('parks nothing by halves when it is full: the partition stops, and goes on when there is room again', async () => {
      const { texts: heard } = await listen(open, async (batch) => {
        for (const message of batch) await open.parking.park('book', message, 'unreadable', 'No JSON.', Date.now());
      });
      await open.log.publish([rent('small')]);
      await until('it is parked', () => heard().length === 1);
      await open.log.publish([rent('x'.repeat(20_000))]);
      await until('it is parked', () => heard().length === 2);
      roomFor(open, 2);
      await open.log.publish([rent('y'.repeat(6_000))]);
      await until('parking has failed', () => logs.failures.length > 0);

      expect(logs.failures[0]).toMatchObject({ code: 'disk-full' });
      expect(heard()).toHaveLength(2);
      expect(await open.parking.list({ limit: 10 })).toHaveLength(2);
      expect(await open.log.ends('rental_rent.parked.book')).toEqual([2]);
      roomFor(open);
      await until('the partition goes on', () => heard().length === 3);
      expect(await open.parking.list({ limit: 10 })).toHaveLength(3);
      expect(await open.log.ends('rental_rent.parked.book')).toEqual([3]);
    });

    it('cuts off what was torn in the middle of a write, and keeps everything before it', async () => {
      await open.log.publish(rents(10));
      const whole = statSync(`${open.path}-wal`).size;
      await open.log.publish([rent('torn')]);
      const copy = logs.crashCopy(open);
      truncateSync(`${copy}-wal`, whole + 1_000);
      const next = logs.open({}, copy);

      expect(await readAll(next)).toEqual(texts(10));
      await next.log.publish([rent('and on')]);
      expect(await readAll(next)).toEqual([...texts(10), 'and on']);
    });

    it('cuts off a write of which some bytes are wrong', async () => {
      await open.log.publish(rents(10));
      const whole = statSync(`${open.path}-wal`).size;
      await open.log.publish([rent('torn')]);
      const copy = logs.crashCopy(open);
      const wal = readFileSync(`${copy}-wal`);
      wal.fill(0xff, whole + 100, whole + 600);
      writeFileSync(`${copy}-wal`, wal);

      expect(await readAll(logs.open({}, copy))).toEqual(texts(10));
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

    it('shows what a killed process has left', async () => {
      await open.log.publish(rents(3));
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

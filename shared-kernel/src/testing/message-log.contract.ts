import { randomUUID } from 'node:crypto';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import {
  MessageRejected,
  type BatchHandler,
  type Consumption,
  type ConsumerSettings,
  type LogMessage,
  type MessageLog,
  type Publication,
} from '../messaging/message-log';
import { Fault } from '../store/fault';

/** A log to be tested, and what only its own side can do with it. */
export interface MessageLogUnderTest {
  readonly log: MessageLog;
  createTopics(names: readonly string[], partitions: number): Promise<void>;
  /** Ends the log's process in order, and answers the log as the next process opens it. */
  restart(): Promise<MessageLog>;
  /** Ends the log's process at once: nothing that its handlers do afterwards is heard. Answers the next process's log. */
  kill(): Promise<MessageLog>;
  /** Stops whatever still runs, and removes what it left behind. */
  close(): Promise<void>;
}

/** One key for each of a topic's four partitions, in their order. */
const KEYS = ['jenny', 'tom', 'member-1', '제니'] as const;

/** Of its own for every case, so that a broker may be shared by all of them. */
const unique = (prefix: string) => `${prefix}-${randomUUID()}`;

const textOf = ({ value }: Pick<LogMessage, 'value'>) => Buffer.from(value ?? []).toString();

/** Comparable whatever kind of byte array the adapter uses, and in whatever order the messages came. */
const plain = (messages: readonly Publication[]) =>
  messages
    .map(({ topic, key, value, headers, time }) =>
      JSON.stringify({
        topic,
        key,
        value: value && Buffer.from(value).toString('hex'),
        headers: Object.entries(headers).toSorted(([one], [other]) => (one < other ? -1 : 1)),
        time,
      }),
    )
    .toSorted();

const readAll = async (log: MessageLog, topic: string, partition: number) => log.read(topic, partition, 0, 100_000);

const readEverything = async (log: MessageLog, topic: string) =>
  (await Promise.all(KEYS.map((_, partition) => readAll(log, topic, partition)))).flat();

/** A promise that somebody else settles. */
class Gate {
  private settle: (() => void) | undefined;
  readonly opened = new Promise<void>((resolve) => (this.settle = resolve));

  open(): void {
    this.settle?.();
  }
}

/** Collects what a consumer is given. */
class Inbox {
  readonly batches: (readonly LogMessage[])[] = [];

  readonly handle: BatchHandler = async (batch) => {
    this.batches.push(batch);
    await turn();
  };

  all = () => this.batches.flat();
  texts = () => this.all().map(textOf);
  has = (text: string) => this.texts().includes(text);
  clear = () => void (this.batches.length = 0);
}

/**
 * What every MessageLog promises. `patienceMs` is how long a case waits for what must come: Jest's own time
 * limit must be longer.
 */
export function describeMessageLog(name: string, open: () => Promise<MessageLogUnderTest>, patienceMs = 20_000): void {
  async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error(`Waited ${patienceMs} ms in vain: ${what}`);
      await pause(2);
    }
  }

  describe(`${name}, as a MessageLog`, () => {
    let under: MessageLogUnderTest;
    let log: MessageLog;
    let topic: string;
    let group: string;

    beforeEach(async () => {
      under = await open();
      log = under.log;
      topic = unique('rental_rent');
      group = unique('book-service');
      await under.createTopics([topic], 4);
    });

    afterEach(async () => {
      await under.close();
    });

    const message = (text: string, more: Partial<Publication> = {}): Publication => ({
      topic,
      key: 'jenny',
      value: Buffer.from(text),
      headers: {},
      time: Date.now(),
      ...more,
    });

    const messages = (count: number, more: Partial<Publication> = {}) =>
      Array.from({ length: count }, (_, n) => message(`${n}`, more));

    const settings = (more: Partial<ConsumerSettings> = {}): ConsumerSettings => ({
      group,
      topics: [topic],
      from: 'earliest',
      batchSize: 100,
      ...more,
    });

    /** Publishes to every partition until `settled` says that each consumer heard what it should. */
    async function publishUntil(what: string, settled: () => boolean): Promise<void> {
      await until(what, async () => {
        await log.publish(KEYS.map((key) => message('round', { key })));
        await pause(5);
        return settled();
      });
    }

    describe('publishing and reading', () => {
      it("puts a key where Kafka's default partitioner puts it", async () => {
        await log.publish(KEYS.map((key) => message(key, { key })));

        const found = await Promise.all(KEYS.map((_, partition) => readAll(log, topic, partition)));
        expect(found.map((each) => each.map(({ key }) => key))).toEqual(KEYS.map((key) => [key]));
      });

      it('numbers the messages of a partition from 0, without gaps', async () => {
        await log.publish(messages(3));
        await log.publish([message('last')]);
        await log.publish([]);

        const found = await readAll(log, topic, 0);
        expect(found.map(({ offset }) => offset)).toEqual([0, 1, 2, 3]);
        expect(found.map(({ topic: of, partition }) => [of, partition])).toEqual(found.map(() => [topic, 0]));
        expect(await log.ends(topic)).toEqual([4, 0, 0, 0]);
      });

      it('keeps the order of one key across many publishes that nobody waited for', async () => {
        const all = messages(300);
        await Promise.all([
          log.publish(all.slice(0, 50)),
          ...all.slice(50, 250).map(async (each) => log.publish([each])),
          log.publish(all.slice(250)),
        ]);

        expect((await readAll(log, topic, 0)).map(textOf)).toEqual(all.map(textOf));
      });

      it('spreads messages without a key over the partitions', async () => {
        for (let n = 0; n < 8; n++) await log.publish([message(`${n}`, { key: undefined })]);

        expect((await log.ends(topic)).filter((end) => end > 0).length).toBeGreaterThan(1);
      });

      it('reads from any offset, as many as asked for', async () => {
        await log.publish(messages(10));

        expect((await log.read(topic, 0, 4, 3)).map(({ offset }) => offset)).toEqual([4, 5, 6]);
        expect((await log.read(topic, 0, 8, 100)).map(({ offset }) => offset)).toEqual([8, 9]);
        expect(await log.read(topic, 0, 10, 100)).toEqual([]);
        expect(await log.read(topic, 1, 0, 100)).toEqual([]);
      });

      it('gives back keys, bytes, headers and times exactly, from memory, from disk and after a restart', async () => {
        const published: Publication[] = [
          message('', { value: Uint8Array.from({ length: 256 }, (_, byte) => byte) }),
          message('', { value: Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28]) }),
          message('', { value: undefined }),
          message(''),
          message('{"idName":{"id":"jenny","name":"제니"}}', { key: '제니 🦊' }),
          message('no key', { key: undefined }),
          message('empty key', { key: '' }),
          message('x'.repeat(200_000)),
          message('headers', {
            headers: {
              ce_specversion: '1.0',
              ce_id: '0190f6c2-5f7e-7d53-9b4e-5a4f7c1e2d3b:book:do',
              ce_time: '2026-11-21T10:15:30.123Z',
              ce_subject: 'jenny',
              'content-type': 'application/json',
              ce_awaits: 'book,member,bestbook',
              traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
              empty: '',
              'of ours 책': '누구를 위하여 종을 울리나? 🔔',
              constructor: 'a name that objects have',
            },
            time: 1_700_000_000_123,
          }),
        ];
        const heard = new Inbox();
        await log.consume(settings(), heard.handle);
        for (const each of published) await log.publish([each]);
        await until('all are heard', () => heard.all().length >= published.length);

        expect(plain(heard.all())).toEqual(plain(published));
        expect(plain(await readEverything(log, topic))).toEqual(plain(published));
        expect(plain(await readEverything(await under.restart(), topic))).toEqual(plain(published));
      });

      it('rejects a message that is too large, and says which one it is', async () => {
        const publishing = log.publish([message('small'), message('x'.repeat(2_000_000)), message('small too')]);

        await expect(publishing).rejects.toThrow(MessageRejected);
        await expect(publishing).rejects.toMatchObject({ index: 1 });
        await log.publish([message('afterwards')]);
        expect((await readAll(log, topic, 0)).map(textOf)).toContain('afterwards');
      });

      it('rejects a message for a topic that nobody created with a fault, because somebody may create it yet', async () => {
        await expect(log.publish([message('lost', { topic: unique('nowhere') })])).rejects.toThrow(Fault);
      });

      it('has everything that it acknowledged after it was killed', async () => {
        await log.publish(messages(20));
        const next = await under.kill();

        expect((await readAll(next, topic, 0)).map(textOf)).toEqual(messages(20).map(textOf));
        await next.publish([message('and on')]);
        expect((await next.read(topic, 0, 20, 10)).map(textOf)).toEqual(['and on']);
      });

      it('is reachable when nothing failed', async () => {
        await log.publish([message('one')]);
        expect(log.reachable).toBe(true);
      });
    });

    describe('consuming', () => {
      it('gives every message to every group, whenever it comes', async () => {
        const boxes = [new Inbox(), new Inbox(), new Inbox()] as const;
        const listen = async (heard: Inbox, of: string) => log.consume(settings({ group: of }), heard.handle);
        const first = unique('group');
        await listen(boxes[0], first);
        await listen(boxes[1], unique('group'));
        await log.publish(KEYS.map((key) => message(key, { key })));
        await until('the first is done', async () => (await log.backlog(first, [topic])).messages === 0);
        await listen(boxes[2], unique('group'));

        for (const heard of boxes) {
          await until('every key is heard', () => heard.all().length === KEYS.length);
          expect(heard.texts().toSorted()).toEqual(KEYS.toSorted());
        }
      });

      it('gives the messages of a key in their order', async () => {
        const heard = new Inbox();
        await log.consume(settings({ batchSize: 7 }), heard.handle);
        await Promise.all(messages(200).map(async (each) => log.publish([each])));

        await until('all are heard', () => heard.all().length >= 200);
        expect(heard.texts()).toEqual(messages(200).map(textOf));
      });

      it('starts a new group at the earliest message', async () => {
        await log.publish(messages(5));
        const heard = new Inbox();
        await log.consume(settings({ from: 'earliest' }), heard.handle);

        await until('the old messages are heard', () => heard.all().length === 5);
        expect(heard.texts()).toEqual(['0', '1', '2', '3', '4']);
      });

      it('starts a new group after the latest message', async () => {
        await log.publish(messages(5));
        const heard = new Inbox();
        await log.consume(settings({ from: 'latest' }), heard.handle);
        await log.publish([message('news')]);

        await until('the news are heard', () => heard.has('news'));
        expect(heard.texts()).toEqual(['news']);
      });

      it('keeps the place of a group that started at the latest message before anything came', async () => {
        await log.publish([message('old')]);
        const consumption = await log.consume(settings({ from: 'latest' }), new Inbox().handle);
        await consumption.stop();
        await log.publish([message('while it was away')]);
        const heard = new Inbox();
        await log.consume(settings({ from: 'latest' }), heard.handle);
        await log.publish([message('now')]);

        await until('the last one is heard', () => heard.has('now'));
        expect(heard.texts()).toEqual(['while it was away', 'now']);
      });

      it('hears of a message that comes after a quiet time', async () => {
        const heard = new Inbox();
        await log.consume(settings(), heard.handle);
        await log.publish([message('first')]);
        await until('the first is heard', () => heard.has('first'));
        await pause(50);
        await log.publish([message('second')]);

        await until('the second is heard', () => heard.has('second'));
        expect(heard.texts()).toEqual(['first', 'second']);
      });

      it('reads several topics for one group', async () => {
        const other = unique('rental_result');
        await under.createTopics([other], 2);
        const heard = new Inbox();
        await log.consume(settings({ topics: [topic, other] }), heard.handle);
        await log.publish([message('of one'), message('of the other', { topic: other })]);

        await until('both are heard', () => heard.all().length === 2);
        expect(heard.all().map((each) => [each.topic, textOf(each)])).toEqual(
          expect.arrayContaining([
            [topic, 'of one'],
            [other, 'of the other'],
          ]),
        );
      });

      it('gives a handler messages of one partition, and no more than the batch size', async () => {
        await log.publish(KEYS.flatMap((key) => messages(25, { key })));
        const heard = new Inbox();
        await log.consume(settings({ batchSize: 10 }), heard.handle);
        await until('the backlog is heard', () => heard.all().length >= 100);
        await log.publish(messages(25));
        await until('the rest is heard', () => heard.all().length >= 125);

        for (const batch of heard.batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(10);
          expect(new Set(batch.map(({ partition }) => partition)).size).toBe(1);
        }
        expect(Math.max(...heard.batches.map((batch) => batch.length))).toBeGreaterThan(1);
      });

      it('handles a partition one batch at a time, and several partitions at once', async () => {
        const busy = new Set<number>();
        let overlapped = 0;
        let most = 0;
        let handled = 0;
        await log.consume(settings({ batchSize: 5 }), async (batch) => {
          const partition = batch[0]?.partition ?? -1;
          if (busy.has(partition)) overlapped++;
          busy.add(partition);
          most = Math.max(most, busy.size);
          await pause(3);
          busy.delete(partition);
          handled += batch.length;
        });
        for (let round = 0; round < 10; round++) {
          await log.publish(KEYS.map((key) => message(`${round}`, { key })));
          await pause(1);
        }

        await until('all are handled', () => handled >= 40);
        expect(overlapped).toBe(0);
        expect(most).toBeGreaterThan(1);
      });

      it('lets a handler publish', async () => {
        const heard = new Inbox();
        await log.consume(settings(), async (batch) => {
          await heard.handle(batch);
          for (const each of batch) {
            if (Number(textOf(each)) < 10) await log.publish([message(`${Number(textOf(each)) + 1}`)]);
          }
        });
        await log.publish([message('0')]);

        await until('the chain ends', () => heard.has('10'));
        expect(heard.all().length).toBe(11);
      });

      it('brings 20,000 messages to two groups, each of them once', async () => {
        const groups = [new Inbox(), new Inbox()];
        for (const heard of groups) {
          await log.consume(settings({ group: unique('group'), batchSize: 500 }), heard.handle);
        }
        for (let n = 0; n < 20_000; n += 500) {
          await log.publish(Array.from({ length: 500 }, (_, i) => message(`${n + i}`, { key: `member-${i % 50}` })));
        }

        for (const heard of groups) {
          await until('all have come', () => heard.batches.reduce((sum, batch) => sum + batch.length, 0) >= 20_000);
          expect(new Set(heard.texts()).size).toBe(20_000);
          expect(heard.all().length).toBe(20_000);
        }
      });
    });

    describe('several consumers of one group', () => {
      it('share the partitions: each partition has one consumer', async () => {
        const [first, second] = [new Inbox(), new Inbox()];
        await log.consume(settings(), first.handle);
        await log.consume(settings(), second.handle);
        await publishUntil('both have something', () => first.batches.length > 0 && second.batches.length > 0);
        await log.publish(KEYS.map((key) => message('last', { key })));
        const lasts = () => [first, second].map((each) => each.all().filter((one) => textOf(one) === 'last'));
        await until('the last round is heard', () => lasts().flat().length >= KEYS.length);

        const taken = lasts().map((some) => some.map(({ partition }) => partition));
        expect(new Set(taken.flat()).size).toBe(4);
        expect(taken.map((some) => some.length)).toEqual([2, 2]);
      });

      it('leave a fourth one idle on three partitions, which takes over when another one stops', async () => {
        topic = unique('three');
        await under.createTopics([topic], 3);
        const boxes = [new Inbox(), new Inbox(), new Inbox(), new Inbox()];
        const consumers: Consumption[] = [];
        for (const heard of boxes) consumers.push(await log.consume(settings(), heard.handle));
        const round = async (text: string) => {
          await log.publish(Array.from({ length: 12 }, (_, n) => message(text, { key: `member-${n}` })));
          await until(
            `${text} is heard`,
            () => boxes.flatMap((heard) => heard.texts()).filter((each) => each === text).length >= 12,
          );
        };
        await round('settling');
        boxes.forEach((heard) => heard.clear());
        await round('settled');

        const idle = boxes.filter((heard) => heard.batches.length === 0);
        expect(idle.length).toBe(1);

        const stopped = boxes.findIndex((heard) => heard.batches.length > 0);
        await consumers[stopped]?.stop();
        boxes.forEach((heard) => heard.clear());
        // What comes before the group has shared anew may fall to those who had partitions already.
        let rounds = 0;
        await until('three have something', async () => {
          await round(`after one stopped: ${rounds++}`);
          return boxes.filter((heard) => heard.batches.length > 0).length === 3;
        });
        expect(idle[0]?.batches.length).toBeGreaterThan(0);
        expect(boxes[stopped]?.batches).toEqual([]);
      });

      it('lose nothing and repeat nothing when one of them stops in order', async () => {
        const [staying, leaving] = [new Inbox(), new Inbox()];
        await log.consume(settings({ batchSize: 3 }), staying.handle);
        const consumption = await log.consume(settings({ batchSize: 3 }), leaving.handle);
        await publishUntil('both have something', () => staying.batches.length > 0 && leaving.batches.length > 0);
        const publishing = Promise.all(
          KEYS.flatMap((key) => messages(50, { key })).map(async (each) => log.publish([each])),
        );
        await consumption.stop();
        const gone = leaving.batches.length;
        await publishing;
        const total = (await log.ends(topic)).reduce((sum, end) => sum + end, 0);
        const places = () => [...staying.all(), ...leaving.all()].map((each) => `${each.partition}/${each.offset}`);
        await until('all are heard', () => new Set(places()).size >= total);

        expect(places().length).toBe(total);
        expect(leaving.batches.length).toBe(gone);
      });
    });

    describe('when a handler rejects', () => {
      it('gives the same messages again, does not move on, and is not healthy meanwhile', async () => {
        await log.publish(messages(3));
        const seen: string[][] = [];
        let failures = 2;
        const health: boolean[] = [];
        const consumption = await log.consume(settings({ batchSize: 3 }), async (batch) => {
          seen.push(batch.map(textOf));
          health.push(consumption?.healthy ?? true);
          await turn();
          if (failures-- > 0) throw new Fault('store-unreachable', 'The store cannot be reached.');
        });
        await until('all are handled', async () => (await log.backlog(group, [topic])).messages === 0);

        const [first, second, third] = seen;
        expect(second).toEqual(first);
        expect(third).toEqual(first);
        expect(seen.slice(2).flat()).toEqual(['0', '1', '2']);
        expect(health.slice(1, 3)).toEqual([false, false]);
        expect(consumption.healthy).toBe(true);
      });

      it('pauses before it tries again', async () => {
        const tries: number[] = [];
        await log.consume(settings(), async () => {
          tries.push(Date.now());
          await turn();
          if (tries.length < 3) throw new Fault('store-unreachable', 'The store cannot be reached.');
        });
        await log.publish([message('one')]);

        await until('it was handled', () => tries.length >= 3);
        const [first = 0, second = 0, third = 0] = tries;
        expect(second - first).toBeGreaterThanOrEqual(40);
        expect(third - second).toBeGreaterThanOrEqual(40);
      });

      it('goes on with the other partitions', async () => {
        const heard = new Inbox();
        let broken = true;
        await log.consume(settings(), async (batch) => {
          await turn();
          if (broken && batch[0]?.partition === 0) throw new Fault('store-unreachable', 'The store cannot be reached.');
          await heard.handle(batch);
        });
        for (let round = 0; round < 5; round++) {
          await log.publish(KEYS.map((key) => message(`${round}`, { key })));
        }

        await until('the others are heard', () => heard.all().length === 15);
        expect(heard.all().filter(({ partition }) => partition === 0)).toEqual([]);
        broken = false;
        await until('the partition goes on', () => heard.all().length === 20);
        expect(
          heard
            .all()
            .filter(({ partition }) => partition === 0)
            .map(textOf),
        ).toEqual(['0', '1', '2', '3', '4']);
      });

      it('does not trouble another group', async () => {
        const heard = new Inbox();
        let failures = 0;
        await log.consume(settings({ group: unique('failing') }), () => {
          failures++;
          return Promise.reject(new Fault('store-unreachable', 'The store cannot be reached.'));
        });
        await log.consume(settings(), heard.handle);
        await log.publish([message('before')]);
        await until('one fails', () => failures > 0 && heard.has('before'));
        await log.publish([message('after')]);

        await until('the other hears', () => heard.has('after'));
        expect(heard.texts()).toEqual(['before', 'after']);
      });
    });

    describe('stopping and starting again', () => {
      it('waits for the batch in hand, and gives nothing more', async () => {
        const [entered, release] = [new Gate(), new Gate()];
        const done: string[] = [];
        const consumption = await log.consume(settings({ batchSize: 1 }), async (batch) => {
          entered.open();
          await release.opened;
          done.push(...batch.map(textOf));
        });
        await log.publish(messages(3));
        await entered.opened;
        let stopped = false;
        const stopping = consumption.stop().then(() => (stopped = true));
        await pause(30);
        expect(stopped).toBe(false);
        release.open();
        await stopping;

        expect(done).toEqual(['0']);
        await pause(30);
        expect(done).toEqual(['0']);
        expect(consumption.healthy).toBe(false);
      });

      it('does not repeat what was committed, and brings what came meanwhile', async () => {
        const heard = new Inbox();
        const consumption = await log.consume(settings(), heard.handle);
        await log.publish(messages(5));
        await until('the first are heard', () => heard.all().length === 5);
        await consumption.stop();
        await log.publish([message('meanwhile')]);
        heard.clear();
        await log.consume(settings(), heard.handle);
        await log.publish([message('now')]);

        await until('the last is heard', () => heard.has('now'));
        expect(heard.texts()).toEqual(['meanwhile', 'now']);
      });

      it('keeps the offsets of a group over a restart', async () => {
        const heard = new Inbox();
        await log.consume(settings(), heard.handle);
        await log.publish(messages(5));
        await until('the first are heard', () => heard.all().length === 5);
        const next = await under.restart();
        const later = new Inbox();
        await next.publish([message('after the restart')]);
        await next.consume(settings(), later.handle);

        await until('the new one is heard', () => later.has('after the restart'));
        expect(later.texts()).toEqual(['after the restart']);
      });

      it('brings again what was handled, but not to its end, when the process was killed', async () => {
        const [entered, release] = [new Gate(), new Gate()];
        await log.consume(settings({ batchSize: 2 }), async () => {
          entered.open();
          await release.opened;
        });
        await log.publish(messages(5));
        await entered.opened;
        const next = await under.kill();
        release.open();
        const heard = new Inbox();
        await next.consume(settings(), heard.handle);

        await until('all come again', () => heard.all().length >= 5);
        expect(heard.texts()).toEqual(['0', '1', '2', '3', '4']);
      });

      it('brings again what came after the last commit when the process was killed, and nothing older', async () => {
        const heard = new Inbox();
        const consumption = await log.consume(settings(), heard.handle);
        await log.publish(messages(5));
        await until('the first are heard', () => heard.all().length === 5);
        await consumption.stop();
        await log.publish([message('not handled')]);
        const next = await under.kill();
        const later = new Inbox();
        await next.consume(settings(), later.handle);

        await until('the one that was not handled is heard', () => later.has('not handled'));
        expect(later.texts()).toEqual(['not handled']);
      });

      it('replays by reading, without moving any group', async () => {
        const heard = new Inbox();
        await log.consume(settings(), heard.handle);
        await log.publish(messages(6));
        await until('all are heard', () => heard.all().length === 6);

        expect((await log.read(topic, 0, 2, 100)).map(textOf)).toEqual(['2', '3', '4', '5']);
        await log.publish([message('next')]);
        await until('the next is heard', () => heard.has('next'));
        expect(heard.all().length).toBe(7);
      });
    });

    describe('backlog', () => {
      it('counts what the group has not committed, and how long the oldest of it has lain there', async () => {
        const before = Date.now();
        await log.publish(messages(3));
        await log.publish([message('elsewhere', { key: 'tom' })]);
        await pause(30);
        const { messages: waiting, oldestMs } = await log.backlog(group, [topic]);

        expect(waiting).toBe(4);
        expect(oldestMs).toBeGreaterThanOrEqual(20);
        expect(oldestMs).toBeLessThanOrEqual(Date.now() - before + 1);

        const consumption = await log.consume(settings(), new Inbox().handle);
        await until('nothing waits', async () => (await log.backlog(group, [topic])).messages === 0);
        expect(await log.backlog(group, [topic])).toEqual({ messages: 0, oldestMs: 0 });
        await consumption.stop();
        await log.publish(messages(2));
        expect((await log.backlog(group, [topic])).messages).toBe(2);
      });

      it('counts from when a message was published, not from when it happened', async () => {
        await log.publish([message('sent again', { time: Date.now() - 3_600_000 })]);

        expect((await log.backlog(group, [topic])).oldestMs).toBeLessThan(60_000);
      });

      it('counts what is in hand until it is committed', async () => {
        const [entered, release] = [new Gate(), new Gate()];
        await log.consume(settings(), async () => {
          entered.open();
          await release.opened;
        });
        await log.publish(messages(2));
        await entered.opened;

        expect((await log.backlog(group, [topic])).messages).toBe(2);
        release.open();
        await until('nothing waits', async () => (await log.backlog(group, [topic])).messages === 0);
      });
    });
  });
}

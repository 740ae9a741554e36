import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { CompressionCodecs, CompressionTypes, Kafka } from 'kafkajs';
import type { LogMessage } from '../../src/messaging/message-log';
import { MessageRejected } from '../../src/messaging/message-log';
import type { KafkaMessageLog } from '../../src/kafka/message-log.kafka';
import { SystemClock } from '../../src/time/system-clock';
import { BROKERS, describeWithKafka, Gate, KafkaLogs, publication, textOf, unique, until } from './brokers';

jest.setTimeout(90_000);

/** A clock of a process that can be made to sleep: nothing wakes up in it meanwhile. */
class SleepyClock extends SystemClock {
  private asleep: Gate | undefined;

  fallAsleep(): void {
    this.asleep = new Gate();
  }

  wakeUp(): void {
    this.asleep?.open();
    this.asleep = undefined;
  }

  override after(ms: number, wake: () => void): () => void {
    let cancelled = false;
    const cancel = super.after(ms, () => {
      void (this.asleep?.opened ?? Promise.resolve()).then(() => cancelled || wake());
    });
    return () => {
      cancelled = true;
      cancel();
    };
  }
}

async function asAdmin<Answer>(work: (admin: ReturnType<Kafka['admin']>) => Promise<Answer>): Promise<Answer> {
  const admin = new Kafka({ brokers: [...BROKERS], clientId: 'kafka-spec' }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** As raw Snappy has it: how long it is, and then nothing but literals. Whoever reads has no codec for it, as kafkajs has none. */
const snappy = {
  compress: ({ buffer }: { buffer: Buffer }) => Promise.resolve(snappyOf(buffer)),
  decompress: () => Promise.reject(new Error('Nobody here reads Snappy.')),
};

function snappyOf(buffer: Buffer): Buffer {
  const parts: Buffer[] = [];
  let length = buffer.length;
  for (; length > 0x7f; length >>>= 7) parts.push(Buffer.of((length & 0x7f) | 0x80));
  parts.push(Buffer.of(length));
  for (let at = 0; at < buffer.length; at += 60) {
    const literal = buffer.subarray(at, at + 60);
    parts.push(Buffer.of((literal.length - 1) << 2), literal);
  }
  return Buffer.concat(parts);
}

async function groupsNow() {
  const { groups } = await asAdmin((admin) => admin.listGroups());
  return groups.map(({ groupId }) => groupId);
}

describeWithKafka('KafkaMessageLog, on Kafka', () => {
  let logs: KafkaLogs;
  let log: KafkaMessageLog;
  let topic: string;
  let group: string;

  beforeEach(async () => {
    logs = new KafkaLogs();
    log = logs.open();
    topic = unique('rental_rent');
    group = unique('book');
    await log.createTopics([topic], 4, 1);
  });

  afterEach(() => logs.close());

  const settings = (more: { batchSize?: number } = {}) => ({
    group,
    topics: [topic],
    from: 'earliest' as const,
    batchSize: 100,
    ...more,
  });
  const readAll = async (partition = 0) => (await log.read(topic, partition, 0, 10_000)).map(textOf);
  const drained = async () => (await log.backlog(group, [topic])).messages === 0;

  it('is quiet when nothing happens', async () => {
    await log.consume(settings(), () => Promise.resolve());
    await log.publish([publication(topic, 'one')]);
    await until('it is handled', drained);
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const requests = jest.spyOn(Socket.prototype, 'write');
    await pause(3_000);
    const counts = [timers.mock.calls.length, requests.mock.calls.length];
    timers.mockRestore();
    requests.mockRestore();

    // Heartbeats, and questions that the brokers keep for half a second: not one a millisecond for each connection.
    for (const count of counts) expect(count).toBeLessThan(60);
    expect(counts[1]).toBeGreaterThan(0);
  });

  describe('publishing', () => {
    it('takes what the brokers refuse out of those that were gathered, and the others are there in their order', async () => {
      const narrow = unique('narrow');
      await asAdmin((admin) =>
        admin.createTopics({
          topics: [
            {
              topic: narrow,
              numPartitions: 1,
              replicationFactor: 1,
              configEntries: [{ name: 'max.message.bytes', value: '1000' }],
            },
          ],
        }),
      );
      const texts = ['a', 'b', 'x'.repeat(5_000), 'c', 'd'];
      const outcomes = await Promise.allSettled([
        log.publish([publication(topic, 'elsewhere')]),
        ...texts.map((text) => log.publish([publication(narrow, text)])),
      ]);

      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
        'fulfilled',
      ]);
      expect((outcomes[3] as PromiseRejectedResult).reason).toBeInstanceOf(MessageRejected);
      await log.publish([publication(narrow, 'e')]);
      expect((await log.read(narrow, 0, 0, 10)).map(textOf)).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect(await readAll()).toEqual(['elsewhere']);
    });

    it('says which message of several the brokers refuse', async () => {
      const narrow = unique('narrow');
      await asAdmin((admin) =>
        admin.createTopics({
          topics: [
            {
              topic: narrow,
              numPartitions: 1,
              replicationFactor: 1,
              configEntries: [{ name: 'max.message.bytes', value: '1000' }],
            },
          ],
        }),
      );

      await expect(
        log.publish([publication(narrow, 'a'), publication(narrow, 'x'.repeat(5_000)), publication(narrow, 'b')]),
      ).rejects.toMatchObject({ name: 'MessageRejected', index: 1 });
    });

    it('fails for a missing topic alone', async () => {
      const [missing, present] = await Promise.allSettled([
        log.publish([publication(unique('nowhere'), 'lost')]),
        log.publish([publication(topic, 'there')]),
      ]);

      expect(missing).toMatchObject({ status: 'rejected', reason: { code: 'topic-missing', retryable: true } });
      expect(present.status).toBe('fulfilled');
      expect(log.reachable).toBe(true);
    });

    it('keeps times before 1970 out, and those of its first second and of the far future as they are', async () => {
      await expect(log.publish([publication(topic, 'no', { time: -1 })])).rejects.toBeInstanceOf(MessageRejected);
      const times = [1_700_000_000_000, 0, 5, 4_000_000_000_000, 999];
      await log.publish(times.map((time) => publication(topic, 'x', { time })));

      expect((await log.read(topic, 0, 0, 10)).map(({ time }) => time)).toEqual(times);
    });
  });

  describe('reading', () => {
    it('passes by what other clients did in transactions that were aborted, and the marks of those that were not', async () => {
      const kafka = new Kafka({ brokers: [...BROKERS], clientId: 'foreign', logLevel: 0 });
      const producer = kafka.producer({ transactionalId: unique('foreign'), idempotent: true, maxInFlightRequests: 1 });
      await producer.connect();
      const write = async (value: string, end: 'commit' | 'abort') => {
        const transaction = await producer.transaction();
        await transaction.send({ topic, messages: [{ key: 'jenny', value }] });
        await transaction[end]();
      };
      await write('committed', 'commit');
      await write('aborted', 'abort');
      await log.publish([publication(topic, 'plain')]);
      await write('committed too', 'commit');
      await producer.disconnect();
      const heard: LogMessage[] = [];
      await log.consume(settings(), async (batch) => void heard.push(...batch));

      await until('nothing waits', drained);
      expect(heard.map(textOf)).toEqual(['committed', 'plain', 'committed too']);
      expect(await readAll()).toEqual(['committed', 'plain', 'committed too']);
      expect((await log.read(topic, 0, 1, 1)).map(textOf)).toEqual(['plain']);
    });

    it('H15: understands what another client compresses with a codec that kafkajs lacks', async () => {
      const kafkajsOwn = CompressionCodecs[CompressionTypes.Snappy];
      CompressionCodecs[CompressionTypes.Snappy] = () => snappy;
      try {
        const producer = new Kafka({ brokers: [...BROKERS], clientId: 'foreign', logLevel: 0 }).producer();
        await producer.connect();
        const messages = [{ key: 'jenny', value: 'squeezed'.repeat(30) }];
        await producer.send({ topic, messages, compression: CompressionTypes.Snappy });
        await producer.disconnect();
        const heard: LogMessage[] = [];
        await log.consume(settings(), async (batch) => void heard.push(...batch));

        await until('it is heard', () => heard.length === 1);
        expect(heard.map(textOf)).toEqual(['squeezed'.repeat(30)]);
      } finally {
        CompressionCodecs[CompressionTypes.Snappy] = kafkajsOwn;
      }
    });

    it('leaves no group behind', async () => {
      await log.publish([publication(topic, 'one')]);
      await readAll();
      await log.ends(topic);
      await log.backlog(group, [topic]);

      const groups = await groupsNow();
      expect(groups).not.toContain('never-joined');
      expect(groups).not.toContain(group);
    });
  });

  describe('topics (H6)', () => {
    it('are created to be kept for ever, and get partitions but never lose one', async () => {
      expect(await log.findTopicProblems([topic])).toEqual([]);
      await log.createTopics([topic], 6, 1);
      await log.createTopics([topic], 2, 1);

      expect((await log.ends(topic)).length).toBe(6);
    });

    it('that would lose messages or have too few partitions are told', async () => {
      const [short, missing] = [unique('short'), unique('missing')];
      await asAdmin((admin) =>
        admin.createTopics({
          topics: [
            {
              topic: short,
              numPartitions: 1,
              replicationFactor: 1,
              configEntries: [{ name: 'retention.ms', value: '3600000' }],
            },
          ],
        }),
      );

      expect(await log.findTopicProblems([topic, short, missing])).toEqual(
        expect.arrayContaining([
          `The topic ${missing} is missing.`,
          `The topic ${short} has 1 partitions, and should have 4.`,
          `The topic ${short} has retention.ms=3600000, and should have -1.`,
        ]),
      );
    });

    it('H15: that the broker keeps compressed, so that nobody here may read them, are told', async () => {
      const squeezed = unique('squeezed');
      const configEntries = [{ name: 'compression.type', value: 'zstd' }];
      await asAdmin((admin) =>
        admin.createTopics({ topics: [{ topic: squeezed, numPartitions: 4, replicationFactor: 1, configEntries }] }),
      );

      expect(await log.findTopicProblems([squeezed])).toContain(
        `The topic ${squeezed} has compression.type=zstd, and should have uncompressed.`,
      );
    });
  });

  describe('consumers', () => {
    it('keep their partitions while a handler takes longer than the session timeout', async () => {
      const slow = logs.open({ sessionTimeoutMs: 6_000 });
      const heard: string[] = [];
      const consumption = await slow.consume(settings({ batchSize: 10 }), async (batch) => {
        heard.push(...batch.map(textOf));
        if (heard.length === 1) await pause(9_000);
      });
      await log.publish([publication(topic, 'slow')]);
      await until('it is in hand', () => heard.length === 1);
      await log.publish([publication(topic, 'next')]);
      await pause(8_000);
      expect(consumption.healthy).toBe(true);

      await until('all is handled', drained);
      expect(heard).toEqual(['slow', 'next']);
      expect(logs.failures).toEqual([]);
    });

    it('J2: one that slept commits nothing that others have moved on from, and takes part again', async () => {
      const clock = new SleepyClock();
      const zombie = logs.open({ clock });
      const held = new Gate();
      const heardByZombie: string[] = [];
      const consumption = await zombie.consume(settings({ batchSize: 2 }), async (batch) => {
        heardByZombie.push(...batch.map(textOf));
        if (heardByZombie.length <= 2) await held.opened;
      });
      await log.publish(Array.from({ length: 6 }, (_, n) => publication(topic, `${n}`)));
      await until('it has a batch in hand', () => heardByZombie.length === 2);
      clock.fallAsleep();
      const heard: string[] = [];
      await log.consume(settings(), async (batch) => void heard.push(...batch.map(textOf)));
      await until('the other one has taken over', () => heard.length === 6);
      await until('nothing waits', drained);

      held.open();
      clock.wakeUp();
      await pause(500);
      expect(await drained()).toBe(true);
      await until('it takes part again', () => consumption.healthy);
      await log.publish(['jenny', 'tom', 'member-1', '제니'].map((key) => publication(topic, 'last', { key })));
      await until('nothing waits', drained);
      const lasts = [...heard, ...heardByZombie].filter((text) => text === 'last');
      expect(lasts.length).toBe(4);
      expect(heardByZombie).toContain('last');
    });

    it('J1 J8: lose nothing and keep the order when one of two is killed under load', async () => {
      const first = new Map<string, string[]>();
      const handle = async (batch: readonly LogMessage[]) => {
        await pause(2);
        for (const message of batch) {
          const known = first.get(message.key ?? '') ?? [];
          first.set(message.key ?? '', known);
          if (!known.includes(textOf(message))) known.push(textOf(message));
        }
      };
      const other = logs.open();
      await log.consume(settings({ batchSize: 5 }), handle);
      await other.consume(settings({ batchSize: 5 }), handle);
      const texts = Array.from({ length: 200 }, (_, n) => `${n}`);
      for (const [n, text] of texts.entries()) {
        await log.publish(['jenny', 'tom', 'member-1', '제니'].map((key) => publication(topic, text, { key })));
        if (n === 100) other.abandon();
      }

      await until('nothing waits', drained);
      expect([...first.values()]).toEqual([texts, texts, texts, texts]);
    });

    it('are not healthy once nothing is heard of the brokers, and stop in bounded time', async () => {
      const consumption = await log.consume(settings(), () => Promise.resolve());
      expect(consumption.healthy).toBe(true);
      log.abandon();

      expect(consumption.healthy).toBe(false);
      const before = Date.now();
      await consumption.stop();
      expect(Date.now() - before).toBeLessThan(6_000);
    });
  });
});

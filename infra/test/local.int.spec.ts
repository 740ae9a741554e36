import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { canStartServers, kafkaBrokers, mongoUrl } from '@library/infra/for-tests';
import { Kafka } from '@library/infra/kafka';
import { livingBrokers } from '@library/infra/living-brokers';
import { answersPing, MongoServer } from '@library/infra/mongo-server';
import { Kafka as KafkaClient, logLevel, Partitioners } from 'kafkajs';
import type { Producer } from 'kafkajs';
import { MongoClient } from 'mongodb';

const TOPIC = 'rental_rent';
const LAST_YEAR = Date.now() - 365 * 24 * 60 * 60 * 1_000;
const describeWithServers = canStartServers() ? describe : describe.skip;

function clientOf(brokers: readonly string[]): KafkaClient {
  return new KafkaClient({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 12, initialRetryTime: 100, maxRetryTime: 1_000 },
  });
}

async function createTopic(brokers: readonly string[], copies = 1): Promise<void> {
  const admin = clientOf(brokers).admin();
  await admin.connect();
  // Trap: waiting for the leaders ends with an error when a broker is asked that has not heard of the topic yet. Senders try again.
  await admin.createTopics({
    topics: [{ topic: TOPIC, numPartitions: 2, replicationFactor: copies }],
    waitForLeaders: false,
  });
  await admin.disconnect();
}

/**
 * Trap: kafkajs asks one broker alone for a producer's identity, whichever the brokers name, and for some seconds they name
 * also one that was just killed.
 */
async function connectedProducer(brokers: readonly string[]): Promise<Producer> {
  for (let attempt = 1; ; attempt++) {
    const producer = clientOf(brokers).producer({
      idempotent: true,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await producer.disconnect();
      if (attempt === 20) throw error;
      await pause(500);
    }
  }
}

/** Resolves when every one of them is acknowledged. */
async function send(brokers: readonly string[], ...values: readonly string[]): Promise<void> {
  const producer = await connectedProducer(brokers);
  try {
    for (const value of values) {
      await producer.send({
        topic: TOPIC,
        acks: -1,
        messages: [{ key: 'jenny', value, timestamp: String(LAST_YEAR) }],
      });
    }
  } finally {
    await producer.disconnect();
  }
}

/** As many messages of the topic as are asked for, in the order of their values. */
async function received(brokers: readonly string[], count: number): Promise<readonly string[]> {
  const consumer = clientOf(brokers).consumer({ groupId: `reader-${Math.random()}` });
  const values: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message }) => {
          values.push(String(message.value));
          if (values.length === count) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return values.toSorted();
}

describeWithServers('local servers', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'library-local-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  describe('one broker', () => {
    let kafka: Kafka;

    beforeEach(async () => {
      kafka = await Kafka.start({ folder });
      await createTopic(kafka.brokers);
    });
    afterEach(() => kafka.stop());

    it('keeps what it acknowledged when it is killed and restarted, and when it is stopped and started', async () => {
      await send(kafka.brokers, 'one', 'two');
      const before = kafka.brokers;
      await kafka.node(1).kill();
      await expect(livingBrokers('127.0.0.1', Number(before[0]!.split(':')[1]))).rejects.toThrow('ECONNREFUSED');

      await kafka.node(1).restart();
      expect(kafka.brokers).toEqual(before);
      await send(kafka.brokers, 'x'.repeat(256 * 1_024));
      await kafka.stop();

      kafka = await Kafka.start({ folder });
      expect((await received(kafka.brokers, 3)).map((value) => value.slice(0, 3))).toEqual(['one', 'two', 'xxx']);
    });

    it('says nothing while it is paused, and goes on when it is resumed', async () => {
      await kafka.node(1).pause();
      const sent = send(kafka.brokers, 'one');
      await expect(Promise.race([sent, pause(1_000, 'silence')])).resolves.toBe('silence');

      await kafka.node(1).resume();
      await sent;
      expect(await received(kafka.brokers, 1)).toEqual(['one']);
    });

    it('is not started twice in one folder', async () => {
      await expect(Kafka.start({ folder })).rejects.toThrow(/kafka-1 runs already in .*: stop it first/);
    });

    it('is not made three brokers afterwards', async () => {
      await kafka.stop();
      await expect(Kafka.start({ folder, brokers: 3 })).rejects.toThrow(/holds a cluster of 1, and 3 were asked for/);
    });
  });

  it('puts a proxy in front of a broker, which clients are told to use', async () => {
    const kafka = await Kafka.start({ folder, proxied: true });
    try {
      await createTopic(kafka.brokers);
      await send(kafka.brokers, 'one');
      const { proxy } = kafka.node(1);
      expect(kafka.brokers).toEqual([proxy.address]);

      proxy.cut();
      const sent = send(kafka.brokers, 'two');
      await expect(Promise.race([sent, pause(500, 'silence')])).resolves.toBe('silence');
      await proxy.restore();
      await sent;
      expect(await received(kafka.brokers, 2)).toEqual(['one', 'two']);
    } finally {
      await kafka.stop();
    }
  });

  it('loses nothing, and takes more, while one of three brokers is killed', async () => {
    const kafka = await Kafka.start({ folder, brokers: 3 });
    try {
      await createTopic(kafka.brokers, 3);
      await send(kafka.brokers, '1', '2', '3', '4');
      await kafka.node(1).kill();
      await send(kafka.brokers, '5', '6', '7', '8');
      expect(await received(kafka.brokers, 8)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);

      await kafka.node(1).restart();
      await send(kafka.brokers, '9');
      expect(await received(kafka.brokers, 9)).toHaveLength(9);
    } finally {
      await kafka.stop();
    }
  });

  it('runs a MongoDB-wire server that can be paused, and is empty after it was killed', async () => {
    const mongo = await MongoServer.start({ folder });
    const client = new MongoClient(mongo.url);
    try {
      const cards = client.db('rental').collection<{ _id: string; version: number }>('cards');
      await cards.insertOne({ _id: 'jenny', version: 1 });
      const changes = await Promise.all(
        [1, 2].map(() => cards.updateOne({ _id: 'jenny', version: 1 }, { $inc: { version: 1 } })),
      );
      expect(changes.filter(({ matchedCount }) => matchedCount === 1)).toHaveLength(1);

      await mongo.pause();
      const found = cards.findOne({ _id: 'jenny' });
      await expect(Promise.race([found, pause(500, 'silence')])).resolves.toBe('silence');
      await mongo.resume();
      expect(await found).toEqual({ _id: 'jenny', version: 2 });

      await mongo.kill();
      await expect(answersPing(mongo.url)).rejects.toThrow('ECONNREFUSED');
      await mongo.restart();
      expect(await cards.countDocuments()).toBe(0);
    } finally {
      await client.close();
      await mongo.stop();
    }
  });

  it('ends its servers with the process that started them, even when that is killed', async () => {
    const program = `require(${JSON.stringify(join(__dirname, '..', 'dist', 'mongo-server.js'))}).MongoServer.start({folder: process.argv[1]}).then(() => process.kill(process.pid, 'SIGKILL'))`;
    await expect(promisify(execFile)(process.execPath, ['-e', program, folder])).rejects.toMatchObject({
      signal: 'SIGKILL',
    });

    const { server } = MongoServer.recorded(folder)!;
    for (let waited = 0; server.state !== 'stopped' && waited < 5_000; waited += 50) await pause(50);
    expect(server.state).toBe('stopped');
  });

  describe('the command line', () => {
    const CLI = join(__dirname, '..', 'dist', 'cli.js');

    async function infra(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
      try {
        const { stdout, stderr } = await promisify(execFile)(process.execPath, [CLI, ...args, '--data', folder]);
        return { code: 0, out: stdout, err: stderr };
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { code, out: stdout, err: stderr };
      }
    }

    afterEach(() => infra('down'));

    it('starts servers that stay, breaks them one by one, and stops them', async () => {
      expect(await infra('status')).toMatchObject({ code: 5, out: expect.stringMatching(/^Nothing was ever started/) });
      const up = await infra('up', '--kafka-port', '0', '--mongo-port', '0');
      expect(up).toMatchObject({
        err: '',
        code: 0,
        out: expect.stringMatching(/KAFKA_BROKERS=\S+ MONGO_URL=mongodb:\S+\n$/),
      });
      const [, broker, url] = /KAFKA_BROKERS=(\S+) MONGO_URL=(\S+)/.exec(up.out)!;
      await createTopic([broker!]);
      await send([broker!], 'one');
      await answersPing(url!);

      expect(await infra('up')).toMatchObject({ code: 0, out: expect.stringMatching(/^All of it runs already/) });
      const larger = await infra('up', '--brokers', '3');
      expect(larger).toMatchObject({
        code: 1,
        err: expect.stringMatching(/A cluster of 1 runs in .* 3 were asked for/),
      });
      expect((await infra('pause', 'mongo')).out).toMatch(/^mongo +paused/);
      expect((await infra('resume', 'mongo')).out).toMatch(/^mongo +running/);
      expect((await infra('kill', 'kafka-1')).out).toMatch(/^kafka-1 +stopped/);
      const { code, out } = await infra('status', '--json');
      expect(code).toBe(5);
      expect(JSON.parse(out)).toMatchObject({
        servers: [
          { name: 'kafka-1', state: 'stopped', address: broker },
          { name: 'mongo', state: 'running', address: url },
        ],
        environment: { MONGO_URL: url },
      });

      expect(await infra('up', '--kafka-port', broker!.split(':')[1]!)).toMatchObject({ code: 0 });
      expect(await received([broker!], 1)).toEqual(['one']);
      expect((await infra('logs', 'mongo')).out).toMatch(/ready at 127\.0\.0\.1/);
      expect(await infra('down')).toMatchObject({ code: 0, out: expect.not.stringMatching(/running|KAFKA_BROKERS/) });
    });

    it.each([
      [['fly'], /^There is no verb fly\.\n\nnpm run infra/],
      [['kill'], /^Which one to kill\?/],
      [['up', 'kafka-9'], /^There is no server kafka-9/],
      [['up', '--brokers', '2'], /^--brokers is 1 or 3/],
      [['up', '--kafka-port', '9o92'], /^--kafka-port is a whole number/],
    ])('says how it is used when it is asked %j', async (args, sentence) => {
      expect(await infra(...args)).toMatchObject({ code: 2, err: expect.stringMatching(sentence) });
    });

    it('says which port is taken, and what to do', async () => {
      const mongo = await MongoServer.start({ folder: join(folder, 'other') });
      const asked = await infra('up', 'mongo', '--mongo-port', String(mongo.port));
      await mongo.stop();

      expect(asked).toMatchObject({
        code: 1,
        err: expect.stringMatching(/^Port \d+ cannot be listened on: .* choose another/),
      });
    });
  });
});

const describeWhenShared = kafkaBrokers() && mongoUrl() ? describe : describe.skip;

describeWhenShared('the servers that all specs share', () => {
  it('answer', async () => {
    const [host = '', port] = kafkaBrokers()![0]!.split(':');
    expect(await livingBrokers(host, Number(port))).not.toHaveLength(0);
    expect(await answersPing(mongoUrl()!, 2_000)).toBe(true);
  });
});

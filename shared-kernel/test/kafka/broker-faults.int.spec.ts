import { Kafka } from '@library/infra/kafka';
import { canStartServers } from '@library/infra/for-tests';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaMessageLog } from '../../src/kafka/message-log.kafka';
import { Fault } from '../../src/store/fault';
import { describeWhere, KafkaLogs, publication, textOf, unique, until } from './brokers';

jest.setTimeout(120_000);

const texts = (count: number) => Array.from({ length: count }, (_, n) => `${n}`);

/** Each text once, where it was first. */
const firstOccurrences = (all: readonly string[]) => [...new Set(all)];

describeWhere(canStartServers(), 'KafkaMessageLog, when a broker fails', () => {
  const folder = mkdtempSync(join(tmpdir(), 'broker-faults-'));
  let kafka: Kafka;
  let logs: KafkaLogs;
  let log: KafkaMessageLog;
  let topic: string;
  let group: string;

  beforeAll(async () => {
    kafka = await Kafka.start({ folder, brokers: 1, proxied: true });
  });

  afterAll(async () => {
    await kafka?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(async () => {
    logs = new KafkaLogs();
    log = logs.open({ brokers: kafka.brokers });
    topic = unique('rental_rent');
    group = unique('book');
    await log.createTopics([topic], 4, 1);
  });

  afterEach(async () => {
    await kafka.node(1).proxy.restore();
    await logs.close();
  });

  const settings = (from: 'earliest' | 'latest' = 'earliest') => ({ group, topics: [topic], from, batchSize: 50 });
  const drained = async () => {
    try {
      return (await log.backlog(group, [topic])).messages === 0;
    } catch {
      return false;
    }
  };

  /** As the relay does it: one after the other, and the same again until it is acknowledged. */
  async function publishInOrder(all: readonly string[], failures: unknown[]): Promise<void> {
    for (const text of all) {
      for (let there = false; !there;) {
        try {
          await log.publish([publication(topic, text)]);
          there = true;
        } catch (error) {
          failures.push(error);
          await pause(100);
        }
      }
    }
  }

  const inLog = async () => (await log.read(topic, 0, 0, 100_000)).map(textOf);

  it('H1: starts without a broker, not healthy, and goes on by itself once there is one', async () => {
    kafka.node(1).proxy.cut();
    const late = logs.open({ brokers: kafka.brokers });
    const before = Date.now();
    await expect(late.publish([publication(topic, 'lost')])).rejects.toMatchObject({
      code: 'log-unreachable',
      retryable: true,
    });
    expect(Date.now() - before).toBeLessThan(6_000);
    expect(late.reachable).toBe(false);
    const heard: string[] = [];
    const consumption = await late.consume(settings(), async (batch) => void heard.push(...batch.map(textOf)));
    expect(consumption.healthy).toBe(false);
    await expect(late.consume({ ...settings('latest'), group: unique('late') }, async () => {})).rejects.toThrow(Fault);

    await kafka.node(1).proxy.restore();
    await until('it takes part', () => consumption.healthy);
    await late.publish([publication(topic, 'there')]);
    await until('it hears', () => heard.length === 1);
    expect(late.reachable).toBe(true);
  });

  it('H3: an answer that was lost costs nobody a message, the next ones included', async () => {
    await log.publish([publication(topic, 'before')]);
    kafka.node(1).proxy.swallowAnswers();
    const unknown = log.publish([publication(topic, 'unknown')]);
    await expect(unknown).rejects.toMatchObject({ code: 'log-unreachable' });
    expect(log.reachable).toBe(false);
    await kafka.node(1).proxy.restore();
    await log.publish([publication(topic, 'after')]);
    await log.publish([publication(topic, 'unknown')]);
    await log.publish([publication(topic, 'last')]);

    const found = await inLog();
    expect(found.filter((text) => text !== 'unknown')).toEqual(['before', 'after', 'last']);
    expect(found.filter((text) => text === 'unknown').length).toBeGreaterThanOrEqual(1);
    expect(log.reachable).toBe(true);
  });

  it('H3: a publication is there once when its connection broke before the answer and the second attempt succeeds', async () => {
    await log.publish([publication(topic, 'before')]);
    kafka.node(1).proxy.swallowAnswers();
    const publishing = log.publish(texts(20).map((text) => publication(topic, text)));
    await pause(300);
    kafka.node(1).proxy.cut();
    await kafka.node(1).proxy.restore();
    await publishing;

    expect(await inLog()).toEqual(['before', ...texts(20)]);
  });

  it('keeps everything that was acknowledged, in its order, when the broker is killed under load', async () => {
    const heard: string[] = [];
    const consumption = await log.consume(settings(), async (batch) => void heard.push(...batch.map(textOf)));
    const failures: unknown[] = [];
    const publishing = publishInOrder(texts(400), failures);
    await until('some are there', () => heard.length > 50);
    await kafka.node(1).kill();
    await pause(1_500);
    await kafka.node(1).restart();
    await publishing;
    await until('all are handled', drained, 60_000);

    expect(failures.length).toBeGreaterThan(0);
    for (const failure of failures) expect(failure).toMatchObject({ name: 'Fault', retryable: true });
    expect(firstOccurrences(await inLog())).toEqual(texts(400));
    expect(firstOccurrences(heard)).toEqual(texts(400));
    await until('it is healthy again', () => consumption.healthy);
  });

  it('says in bounded time that a broker that hangs does not answer, and goes on when it does', async () => {
    const heard: string[] = [];
    const consumption = await log.consume(settings(), async (batch) => void heard.push(...batch.map(textOf)));
    await log.publish([publication(topic, 'before')]);
    await until('it is handled', drained);
    await kafka.node(1).pause();
    const before = Date.now();
    await expect(log.publish([publication(topic, 'hanging')])).rejects.toMatchObject({ code: 'log-unreachable' });
    expect(Date.now() - before).toBeLessThan(8_000);
    expect(log.reachable).toBe(false);
    await until('the consumer notices', () => !consumption.healthy);
    await kafka.node(1).resume();

    await log.publish([publication(topic, 'after')]);
    await until('it is heard', () => heard.includes('after'));
    await until('it is healthy again', () => consumption.healthy);
    await until('all is handled', drained);
    expect(heard.filter((text) => text !== 'hanging')).toEqual(['before', 'after']);
  });
});

import { canStartServers } from '@library/infra/for-tests';
import { Kafka } from '@library/infra/kafka';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describeWhere, KafkaLogs, publication, textOf, unique, until } from './brokers';

jest.setTimeout(180_000);

const KEYS = ['jenny', 'tom', 'member-1', '제니'];

describeWhere(canStartServers(), 'KafkaMessageLog, on three brokers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leader-election-'));
  let kafka: Kafka;

  beforeAll(async () => {
    kafka = await Kafka.start({ folder, brokers: 3 });
  });

  afterAll(async () => {
    await kafka?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('H4: loses nothing that was acknowledged, and keeps the order of each key, while the leaders die one after the other', async () => {
    const logs = new KafkaLogs();
    const log = logs.open({ brokers: kafka.brokers });
    const [topic, group] = [unique('rental_rent'), unique('book')];
    await log.createTopics([topic], 4, 3);
    const heard = new Map<string, Set<string>>(KEYS.map((key) => [key, new Set<string>()]));
    await log.consume({ group, topics: [topic], from: 'earliest', batchSize: 50 }, async (batch) => {
      for (const message of batch) heard.get(message.key ?? '')?.add(textOf(message));
    });

    const texts = Array.from({ length: 300 }, (_, n) => `${n}`);
    const publishing = KEYS.map(async (key) => {
      for (const text of texts) {
        for (let there = false; !there;) {
          there = await log.publish([publication(topic, text, { key })]).then(
            () => true,
            () => false,
          );
          if (!there) await pause(100);
        }
        await pause(10);
      }
    });
    for (const id of [1, 2, 3]) {
      await pause(500);
      await kafka.node(id).kill();
      await pause(1_500);
      await kafka.node(id).restart();
    }
    await Promise.all(publishing);
    await until('all are heard', () => [...heard.values()].every(({ size }) => size === texts.length), 60_000);

    expect([...heard.values()].map((each) => [...each])).toEqual(KEYS.map(() => texts));
    for (const [partition] of KEYS.entries()) {
      const stored = (await log.read(topic, partition, 0, 10_000)).map(textOf);
      expect([...new Set(stored)]).toEqual(texts);
    }
    await logs.close();
  });
});

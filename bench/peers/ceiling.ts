import { setTimeout as pause } from 'node:timers/promises';
import { Partitioners } from 'kafkajs';
import { answering, listen, settings } from './rentals';
import { createTopics, databaseAt, kafkaAt } from './servers';
import type { Servers } from './servers';

/** What Kafka and MongoDB give through their clients alone, without anything of a saga. */
const servers = settings() as Servers;
const TOPIC = 'ceiling';
/** Bulk writes under way at once, so that neither side waits for the other. */
const LANES = 2;

/** As large as an event of the library with its headers. */
const VALUE = JSON.stringify({
  idName: { id: 'jenny', name: '제니' },
  item: { no: 1, title: '누구를 위하여 종을 울리나?' },
  point: 10,
});
const HEADERS = Object.fromEntries(
  Array.from({ length: 12 }, (_, at) => [`ce_extension${at}`, '01980f4c-1c3e-7a52-8f2b-5d1f0c9f3b1a']),
);

type Measure = (batch: number, seconds: number) => Promise<number>;

/** Messages a second that are produced in batches, and consumed by one group meanwhile. */
async function messageRate(): Promise<Measure> {
  await createTopics(servers, [TOPIC]);
  const topic = servers.prefix + TOPIC;
  const kafka = kafkaAt(servers);
  const producer = kafka.producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
  const consumer = kafka.consumer({ groupId: topic });
  await producer.connect();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const many = { produced: 0, consumed: 0 };
  await consumer.run({
    eachBatch: ({ batch }) => {
      many.consumed += batch.messages.length;
      return Promise.resolve();
    },
  });

  return async (batch, seconds) => {
    const messages = Array.from({ length: batch }, (_, at) => ({ key: `m${at}`, value: VALUE, headers: HEADERS }));
    const before = many.consumed;
    const begun = performance.now();
    while (performance.now() - begun < seconds * 1_000) {
      await producer.send({ topic, acks: -1, messages });
      many.produced += batch;
    }
    while (many.consumed < many.produced) await pause(1);
    return rate(many.consumed - before, begun);
  };
}

/** Records a second that are saved, each on condition of its version. */
async function writeRate(): Promise<Measure> {
  const records = (await databaseAt(servers)).collection<{ _id: number; version: number; body: string }>('ceiling');
  const versions = Array.from({ length: servers.members }, () => 0);
  await records.insertMany(versions.map((version, _id) => ({ _id, version, body: VALUE })));

  return async (batch, seconds) => {
    const begun = performance.now();
    let written = 0;
    // Each lane has records of its own, so that no condition fails.
    const lane = async (which: number) => {
      const share = versions.length / LANES;
      for (let next = 0; performance.now() - begun < seconds * 1_000; next += batch) {
        const ids = Array.from({ length: Math.min(batch, share) }, (_, at) => which * share + ((next + at) % share));
        const { modifiedCount } = await records.bulkWrite(
          ids.map((_id) => ({
            updateOne: {
              filter: { _id, version: versions[_id]! },
              update: { $set: { version: ++versions[_id]!, body: VALUE } },
            },
          })),
          { ordered: false },
        );
        if (modifiedCount !== ids.length) throw new Error('A record was not saved');
        written += modifiedCount;
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, which) => lane(which)));
    return rate(written, begun);
  };
}

function rate(many: number, begun: number): number {
  return (many / (performance.now() - begun)) * 1_000;
}

async function main(): Promise<void> {
  const messages = await messageRate();
  const writes = await writeRate();
  listen(
    answering({
      '/rates': async ({ batch, seconds }) => ({
        messagesPerSecond: await messages(Number(batch), Number(seconds) / 2),
        writesPerSecond: await writes(Number(batch), Number(seconds) / 2),
      }),
    }),
  );
}

void main();

import { setTimeout as pause } from 'node:timers/promises';
import { CompressionTypes, Partitioners } from 'kafkajs';
import type { Collection, Db } from 'mongodb';
import { kafkaAt } from './servers';
import type { Servers } from './servers';

export const TOPICS = ['rented', 'returned', 'return-confirmed', 'result'] as const;
export type Topic = (typeof TOPICS)[number];

/** What announcements and results say. */
export interface Message {
  readonly saga: string;
  readonly member: string;
  readonly no: number;
  /** Whose result it is; absent on announcements. */
  readonly participant?: string;
}

const POLL_MS = 100;

interface Waiting {
  readonly _id: number;
  readonly topic: Topic;
  readonly message: Message;
}

/** Messages that wait in a collection to be sent, in order. */
export class Outbox {
  private next = 1;

  private constructor(private readonly waiting: Collection<Waiting>) {}

  /** Looks for messages for as long as the process lives. */
  static async start(service: string, db: Db, servers: Servers): Promise<Outbox> {
    const outbox = new Outbox(db.collection<Waiting>(`${service}_outbox`));
    const producer = kafkaAt(servers).producer({
      idempotent: true,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    const poll = async () => {
      for (;;) {
        for (const { _id, topic, message } of await outbox.waiting.find().sort({ _id: 1 }).toArray()) {
          await producer.send({
            topic: servers.prefix + topic,
            acks: -1,
            compression: CompressionTypes.None,
            messages: [{ key: message.member, value: JSON.stringify(message) }],
          });
          await outbox.waiting.deleteOne({ _id });
        }
        await pause(POLL_MS);
      }
    };
    void poll();
    return outbox;
  }

  async add(topic: Topic, message: Message): Promise<void> {
    await this.waiting.insertOne({ _id: this.next++, topic, message });
  }
}

/** One message after another; its offset is committed before the next one. Resolves when it takes part in its group. */
export async function consume(
  service: string,
  topics: readonly Topic[],
  servers: Servers,
  handle: (topic: Topic, message: Message) => Promise<void>,
): Promise<void> {
  const consumer = kafkaAt(servers).consumer({ groupId: servers.prefix + service });
  await consumer.connect();
  await consumer.subscribe({ topics: topics.map((topic) => servers.prefix + topic), fromBeginning: true });
  const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      await handle(topic.slice(servers.prefix.length) as Topic, JSON.parse(message.value!.toString()) as Message);
      await consumer.commitOffsets([{ topic, partition, offset: `${BigInt(message.offset) + 1n}` }]);
    },
  });
  await joined;
}

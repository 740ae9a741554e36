import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import type { Db } from 'mongodb';
import type { Population } from './rentals';

/** The Kafka and the MongoDB that the library is measured on, and a place there that is nobody else's. */
export interface Servers extends Population {
  readonly brokers: readonly string[];
  readonly mongoUrl: string;
  /** Name of the database. */
  readonly database: string;
  /** What names of topics and groups begin with. */
  readonly prefix: string;
}

export function kafkaAt({ brokers }: Servers): Kafka {
  return new Kafka({ brokers: [...brokers], clientId: 'bench', logLevel: logLevel.NOTHING });
}

/** What it acknowledges is as durable as what the library is acknowledged. */
export async function databaseAt({ mongoUrl, database }: Servers): Promise<Db> {
  const client = await MongoClient.connect(mongoUrl, { writeConcern: { w: 'majority', journal: true } });
  return client.db(database);
}

/** Topics with as many partitions as the library's. */
export async function createTopics(servers: Servers, names: readonly string[]): Promise<void> {
  const admin = kafkaAt(servers).admin();
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: true,
    topics: names.map((name) => ({ topic: servers.prefix + name, numPartitions: 4 })),
  });
  await admin.disconnect();
}

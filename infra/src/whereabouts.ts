import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';

/** The servers that a library is on, and what tells it from others there. */
export interface Whereabouts {
  /** `host:port` of some of the brokers. */
  readonly brokers: readonly string[];
  readonly mongoUrl: string;
  /** What the names of its databases begin with. */
  readonly database: string;
  /** What the names of its topics and groups begin with; where it is absent, no other library is on these brokers. */
  readonly prefix?: string;
}

/** What leads its services there. */
export function variablesOf({
  brokers,
  mongoUrl,
  database,
  prefix = '',
}: Whereabouts): Readonly<Record<string, string>> {
  return {
    MODE: 'distributed',
    KAFKA_BROKERS: brokers.join(','),
    KAFKA_PREFIX: prefix,
    MONGO_URL: mongoUrl,
    MONGO_DATABASE: database,
    // Only a server for tests is let in this way; what it forgets, nobody is told to trust.
    MONGO_ALLOW_STANDALONE: 'true',
  };
}

/** Deletes all that the library has there, and nothing of others. Nothing of it runs any more. */
export async function throwAway({ brokers, mongoUrl, database, prefix }: Required<Whereabouts>): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], clientId: 'throw-away', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    const { groups } = await admin.listGroups();
    const ours = groups.map(({ groupId }) => groupId).filter((group) => group.startsWith(prefix));
    // One whose members were killed has them for a while yet; without its topics it is nothing.
    await admin.deleteGroups(ours).catch(() => undefined);
  } finally {
    await admin.disconnect();
  }

  const mongo = new MongoClient(mongoUrl);
  try {
    const { databases } = await mongo.db('admin').admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) {
      if (name.startsWith(`${database}_`)) await mongo.db(name).dropDatabase();
    }
  } finally {
    await mongo.close();
  }
}

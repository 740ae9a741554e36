import { ConfigResourceTypes, Kafka } from 'kafkajs';
import type { Admin } from 'kafkajs';
import { clientConfig } from './connection';
import type { KafkaSettings } from './settings';
import { asFault, unreachable } from './trouble';

const PARTITIONS = 4;
const IN_SYNC = 'min.insync.replicas';

export interface TopicSafety {
  /** On so many brokers each message lies. */
  readonly replicas: number;
  /** So many of them have it before it is acknowledged, be the others away. */
  readonly inSync: number;
}

/**
 * What the topics rest on. The brokers' own defaults would refuse what happened when a clock was an hour fast, and keep what
 * another client compresses as it came: kafkajs reads no codec but gzip, and could not get past the first such message.
 */
const CONFIG: Readonly<Record<string, string>> = {
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'cleanup.policy': 'delete',
  'compression.type': 'uncompressed',
  'message.timestamp.type': 'CreateTime',
  'message.timestamp.after.max.ms': '9223372036854775807',
};

/** Creates topics and looks whether they are as they should be; over a connection of its own, because it is seldom done. */
export class TopicAdmin {
  constructor(private readonly settings: KafkaSettings) {}

  /** Topics that are there already are left alone, or get the partitions that they lack; none is ever taken away. */
  async create(names: readonly string[], partitions = PARTITIONS, replicas = -1): Promise<void> {
    await this.use(async (admin) => {
      const known = new Set(await admin.listTopics());
      const missing = names.filter((name) => !known.has(name));
      const configEntries = Object.entries(CONFIG).map(([name, value]) => ({ name, value }));
      await admin.createTopics({
        topics: missing.map((topic) => ({
          topic,
          numPartitions: partitions,
          replicationFactor: replicas,
          configEntries,
        })),
        waitForLeaders: true,
      });

      const present = names.filter((name) => known.has(name));
      if (present.length === 0) return;
      const topics = await metadataOf(admin, present);
      const small = topics.filter((topic) => topic.partitions.length < partitions);
      if (small.length === 0) return;
      await admin.createPartitions({ topicPartitions: small.map(({ name }) => ({ topic: name, count: partitions })) });
    });
  }

  /** What is wrong with the topics, a sentence for each fault; to be asked at start, before anything rests on them. */
  async findProblems(names: readonly string[], partitions = PARTITIONS): Promise<readonly string[]> {
    return this.use(async (admin) => {
      const known = new Set(await admin.listTopics());
      const problems = names.filter((name) => !known.has(name)).map((name) => `The topic ${name} is missing.`);
      const present = names.filter((name) => known.has(name));
      if (present.length === 0) return problems;

      const topics = await metadataOf(admin, present);
      for (const { name, partitions: found } of topics) {
        if (found.length < partitions) {
          problems.push(`The topic ${name} has ${found.length} partitions, and should have ${partitions}.`);
        }
      }
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: present.map((name) => ({
          type: ConfigResourceTypes.TOPIC,
          name,
          configNames: Object.keys(CONFIG),
        })),
      });
      for (const { resourceName, configEntries } of resources) {
        for (const { configName, configValue } of configEntries) {
          if (configValue !== CONFIG[configName]) {
            problems.push(
              `The topic ${resourceName} has ${configName}=${configValue}, and should have ${CONFIG[configName]}.`,
            );
          }
        }
      }
      return problems;
    });
  }

  /** How safe what lies in these topics is: that of the one where it is least safe. */
  async safety(names: readonly string[]): Promise<TopicSafety> {
    return this.use(async (admin) => {
      const topics = await metadataOf(admin, names);
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: names.map((name) => ({ type: ConfigResourceTypes.TOPIC, name, configNames: [IN_SYNC] })),
      });
      return {
        replicas: Math.min(...topics.flatMap(({ partitions }) => partitions.map(({ replicas }) => replicas.length))),
        inSync: Math.min(
          ...resources.flatMap(({ configEntries }) => configEntries.map(({ configValue }) => Number(configValue))),
        ),
      };
    });
  }

  private async use<Answer>(work: (admin: Admin) => Promise<Answer>): Promise<Answer> {
    const admin = new Kafka(clientConfig(this.settings)).admin();
    try {
      await admin.connect();
      return await work(admin);
    } catch (error) {
      throw adminFault(error);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}

async function metadataOf(admin: Admin, names: readonly string[]) {
  return (await admin.fetchTopicMetadata({ topics: [...names] })).topics;
}

/** Trap: when the brokers are lost just then, kafkajs reads from an answer that it has not got, and throws a TypeError. */
export function adminFault(error: unknown): unknown {
  if (error instanceof TypeError) return unreachable(`No broker answers: ${error.message}`, { cause: error });
  return asFault(error);
}

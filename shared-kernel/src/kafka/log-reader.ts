import { KafkaJSConnectionError } from 'kafkajs';
import type { Backlog, LogMessage } from '../messaging/message-log';
import { Fault } from '../store/fault';
import type { Access } from './access';
import type { Connection } from './connection';
import { Coordinator } from './coordinator';
import { getOrCreate } from './get-or-create';
import { committed, edges, nameOfPlace, partitionsOf } from './places';
import type { Place } from './places';
import { READ_COMMITTED } from './protocol';
import { fromFetch } from './records';
import type { Fetched } from './records';
import type { Sightings } from './sightings';

const PARTITION_BYTES = 4_000_000;
const WAIT_MS = 100;

/** Looks at topics and groups without being in any group. */
export class LogReader {
  private readonly coordinators = new WeakMap<Connection, Map<string, Coordinator>>();
  /** How far the topics of a group reached when it was last found to have handled everything. */
  private readonly caughtUp = new Map<string, string>();

  constructor(
    private readonly access: Access,
    private readonly sightings: Sightings,
  ) {}

  /** One answer of the brokers at a time, so that no number of messages is too many for the time that one may take. */
  async read(topic: string, partition: number, offset: number, limit: number): Promise<readonly LogMessage[]> {
    const { first, end } = await this.span(topic, partition);
    const messages: LogMessage[] = [];
    for (let position = Math.max(offset, first); messages.length < limit && position < end;) {
      const page = await this.page(topic, partition, position);
      for (const message of page.messages) if (message.offset < end) messages.push(message);
      // Compaction may leave a batch without messages, of which kafkajs does not say how far it reaches.
      position = Math.max(page.next, position + 1);
    }
    return messages.slice(0, limit);
  }

  private span(topic: string, partition: number): Promise<{ readonly first: number; readonly end: number }> {
    return this.access.use(async ({ cluster }) => {
      const { [topic]: found = [] } = await partitionsOf(cluster, [topic]);
      if (!found.includes(partition)) {
        throw new Fault('topic-missing', `The topic ${topic} has no partition ${partition}.`);
      }
      const here = { [topic]: [partition] };
      const [[first = 0], [end = 0]] = [
        [...(await edges(cluster, here, 'first')).values()],
        [...(await edges(cluster, here, 'end')).values()],
      ];
      return { first, end };
    });
  }

  private page(topic: string, partition: number, position: number): Promise<Fetched> {
    return this.access.use(async ({ cluster }) => {
      await partitionsOf(cluster, [topic]);
      const [nodeId = '-1'] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
      const broker = await cluster.findBroker({ nodeId });
      const { responses } = await broker.fetch({
        isolationLevel: READ_COMMITTED,
        maxWaitTime: WAIT_MS,
        minBytes: 1,
        maxBytes: PARTITION_BYTES,
        topics: [{ topic, partitions: [{ partition, fetchOffset: `${position}`, maxBytes: PARTITION_BYTES }] }],
      });
      const fetched = responses[0]?.partitions[0];
      if (!fetched)
        throw new KafkaJSConnectionError(`${nameOfPlace(topic, partition)} was asked for, and not answered.`, {});
      return fromFetch(topic, fetched, position);
    });
  }

  ends(topic: string): Promise<readonly number[]> {
    return this.edge(topic, 'end');
  }

  firsts(topic: string): Promise<readonly number[]> {
    return this.edge(topic, 'first');
  }

  private edge(topic: string, edge: 'first' | 'end'): Promise<readonly number[]> {
    return this.access.use(async ({ cluster }) => {
      const assignment = await partitionsOf(cluster, [topic]);
      const found = await edges(cluster, assignment, edge);
      const partitions = (assignment[topic] ?? []).toSorted((one, other) => one - other);
      return partitions.map((partition) => found.get(nameOfPlace(topic, partition)) ?? 0);
    });
  }

  async committed(group: string, topics: readonly string[]): Promise<readonly Place[]> {
    return this.access.use(async (connection) => {
      const assignment = await partitionsOf(connection.cluster, topics);
      const places = await committed(this.coordinator(connection, group), group, assignment);
      return places.filter(({ offset }) => offset >= 0);
    });
  }

  /** It is asked again and again: one question is enough where nothing has come since the group had handled everything. */
  async backlog(group: string, topics: readonly string[]): Promise<Backlog> {
    return this.access.use(async (connection) => {
      const { cluster } = connection;
      const assignment = await partitionsOf(cluster, topics);
      const reach = await edges(cluster, assignment, 'end');
      if (this.caughtUp.get(group) === textOf(reach)) return { messages: 0, oldestMs: 0 };
      // The places first: what is committed meanwhile would else seem to lie ahead of the end.
      const places = await committed(this.coordinator(connection, group), group, assignment);
      const ends = await edges(cluster, assignment, 'end');
      const behind = places.filter(
        ({ topic, partition, offset }) => Math.max(0, offset) < (ends.get(nameOfPlace(topic, partition)) ?? 0),
      );
      if (behind.length === 0) this.caughtUp.set(group, textOf(ends));
      // What was deleted because it was too old waits for nobody.
      const first = behind.length > 0 ? await edges(cluster, assignment, 'first') : ends;

      let messages = 0;
      let oldestMs = 0;
      for (const { topic, partition, offset } of behind) {
        const end = ends.get(nameOfPlace(topic, partition)) ?? 0;
        const next = Math.max(offset, first.get(nameOfPlace(topic, partition)) ?? 0);
        if (next >= end) continue;
        this.sightings.saw(topic, partition, end);
        messages += end - next;
        oldestMs = Math.max(oldestMs, this.sightings.ageOf(topic, partition, next));
      }
      return { messages, oldestMs };
    });
  }

  private coordinator(connection: Connection, group: string): Coordinator {
    const groups = getOrCreate(this.coordinators, connection, () => new Map<string, Coordinator>());
    return getOrCreate(groups, group, () => new Coordinator(connection.cluster, group));
  }
}

function textOf(ends: ReadonlyMap<string, number>): string {
  return JSON.stringify([...ends]);
}

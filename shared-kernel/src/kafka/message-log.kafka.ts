import type {
  Backlog,
  BatchHandler,
  ConsumerSettings,
  Consumption,
  LogMessage,
  MessageLog,
  Publication,
} from '../messaging/message-log';
import { Access } from './access';
import type { Reach } from './access';
import { KafkaConsumption } from './consumption';
import { LogReader } from './log-reader';
import type { Place } from './places';
import { Prefix } from './prefix';
import { Publisher } from './publisher';
import type { KafkaSettings } from './settings';
import { Sightings } from './sightings';
import { TopicAdmin } from './topic-admin';
import type { TopicSafety } from './topic-admin';

/**
 * A message log on Apache Kafka. What is published during one turn of the event loop goes out together. Nothing is
 * connected before it is needed, and whatever is lost is connected again, so a process starts and lives without brokers.
 */
export class KafkaMessageLog implements MessageLog {
  private readonly reach: Reach = { reached: true };
  private readonly publishing: Access;
  private readonly reading: Access;
  private readonly sightings: Sightings;
  private readonly publisher: Publisher;
  private readonly reader: LogReader;
  private readonly admin: TopicAdmin;
  private readonly prefix: Prefix;
  private readonly consumptions = new Set<KafkaConsumption>();

  constructor(private readonly settings: KafkaSettings) {
    this.sightings = new Sightings(settings.clock);
    // Not over one connection: an answer that is awaited there holds up all others.
    this.publishing = new Access(settings, this.reach);
    this.reading = new Access(settings, this.reach);
    this.publisher = new Publisher(this.publishing, this.sightings, settings.maxMessageBytes);
    this.reader = new LogReader(this.reading, this.sightings);
    this.admin = new TopicAdmin(settings);
    this.prefix = new Prefix(settings.prefix);
  }

  get reachable(): boolean {
    return this.reach.reached;
  }

  /**
   * Topics that are there already are left alone, or get the partitions that they lack; none is ever taken away. Without a
   * number of replicas the brokers' own default counts.
   */
  createTopics(names: readonly string[], partitions?: number, replicas?: number): Promise<void> {
    return this.admin.create(this.prefix.toAll(names), partitions, replicas);
  }

  /** What is wrong with topics that are there: a sentence for each fault, such as one that would lose old messages. */
  findTopicProblems(names: readonly string[], partitions?: number): Promise<readonly string[]> {
    return this.admin.findProblems(this.prefix.toAll(names), partitions);
  }

  /** How safe what lies in these topics is. Whatever is published is acknowledged by all brokers that have the partition. */
  safety(names: readonly string[]): Promise<TopicSafety> {
    return this.admin.safety(this.prefix.toAll(names));
  }

  async publish(messages: readonly Publication[]): Promise<void> {
    await this.publisher.publish(messages.map((message) => this.prefix.add(message)));
  }

  async consume(settings: ConsumerSettings, handle: BatchHandler): Promise<Consumption> {
    const { prefix } = this;
    const there = { ...settings, group: prefix.to(settings.group), topics: prefix.toAll(settings.topics) };
    const consumption = new KafkaConsumption(
      this.settings,
      there,
      (batch) => handle(batch.map((message) => prefix.takeOff(message))),
      this.sightings,
    );
    this.consumptions.add(consumption);
    try {
      await consumption.started();
      return consumption;
    } catch (error) {
      this.consumptions.delete(consumption);
      throw error;
    }
  }

  async read(topic: string, partition: number, offset: number, limit: number): Promise<readonly LogMessage[]> {
    const messages = await this.reader.read(this.prefix.to(topic), partition, offset, limit);
    return messages.map((message) => this.prefix.takeOff(message));
  }

  ends(topic: string): Promise<readonly number[]> {
    return this.reader.ends(this.prefix.to(topic));
  }

  /** For each partition, the first offset that it still has. */
  firsts(topic: string): Promise<readonly number[]> {
    return this.reader.firsts(this.prefix.to(topic));
  }

  /** The next message that a group has not handled, in each partition where it has committed any. */
  async committed(group: string, topics: readonly string[]): Promise<readonly Place[]> {
    const places = await this.reader.committed(this.prefix.to(group), this.prefix.toAll(topics));
    return places.map((place) => this.prefix.takeOff(place));
  }

  backlog(group: string, topics: readonly string[]): Promise<Backlog> {
    return this.reader.backlog(this.prefix.to(group), this.prefix.toAll(topics));
  }

  /** Waits for the batches in hand and for what is on its way, commits, leaves the groups, and hangs up. */
  async close(): Promise<void> {
    await Promise.all([...this.consumptions].map((consumption) => consumption.stop()));
    await this.publisher.flushed();
    this.publishing.close();
    this.reading.close();
  }

  /** Ends as if the process had died: every connection is cut, nothing is committed, and no group is told. */
  abandon(): void {
    for (const consumption of this.consumptions) consumption.abandon();
    this.publishing.close();
    this.reading.close();
  }
}

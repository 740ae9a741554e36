import { setImmediate as turn } from 'node:timers/promises';
import { KafkaJSConnectionError, Partitioners } from 'kafkajs';
import { MessageRejected } from '../messaging/message-log';
import type { Publication } from '../messaging/message-log';
import { Fault } from '../store/fault';
import type { Access } from './access';
import type { Connection } from './connection';
import { getOrCreate } from './get-or-create';
import { nameOfPlace } from './places';
import type { Broker, Cluster, ProducerIdentity, RecordBatch } from './protocol';
import { toRecord } from './records';
import type { Weighed } from './records';
import { MAX_MESSAGE_BYTES } from './settings';
import type { Sightings } from './sightings';
import { answerOf, isRefusal } from './trouble';

/** In one request. kafkajs joins buffers as it goes, and brokers may take less than a megabyte for one partition. */
const MESSAGES_AT_ONCE = 1_000;
const BYTES_AT_ONCE = 300_000;
const BROKER_TIMEOUT_MS = 4_000;
/** Asked for by the protocol, though there are no transactions here. */
const TRANSACTION_TIMEOUT_MS = 60_000;
const LAST_SEQUENCE = 2_000_000_000;
/** The brokers have forgotten who we are, or never heard it: a new identity begins anew. */
const IDENTITY_LOST =
  /UNKNOWN_PRODUCER_ID|OUT_OF_ORDER_SEQUENCE_NUMBER|DUPLICATE_SEQUENCE_NUMBER|INVALID_PRODUCER_EPOCH|INVALID_PRODUCER_ID_MAPPING/;

/** Messages that were given together, and are answered together. */
class Call {
  private open: number;
  private failure: unknown;
  private settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;
  readonly answered = new Promise<void>((resolve, reject) => (this.settle = { resolve, reject }));

  constructor(messages: number) {
    this.open = messages;
  }

  /** Whether one of its messages is not there, so that those behind it must not come first. */
  get isBroken(): boolean {
    return this.failure !== undefined && !(this.failure instanceof MessageRejected);
  }

  done(failure?: unknown): void {
    if (!this.isBroken) this.failure = failure ?? this.failure;
    if (--this.open > 0) return;
    if (this.failure === undefined) this.settle?.resolve();
    else this.settle?.reject(this.failure);
  }
}

/** As whom we append: the brokers know a repetition by the producer and its number for the partition. */
interface Producer extends ProducerIdentity {
  /** For each partition, the number of the next message. */
  readonly sequences: Map<string, number>;
}

interface Waiting extends Weighed {
  readonly call: Call;
  readonly index: number;
  readonly topic: string;
  /** Chosen once: what is sent again must go where it may be already. */
  partition?: number;
}

/**
 * Appends messages, one request to each broker at a time, so that what is published first is there first. What comes
 * meanwhile goes out together with the next request.
 *
 * kafkajs's own producer is not used. When a request fails it counts its sequence numbers back, though the messages may
 * be there, and the next message then gets a number that a broker takes for a repetition: it is acknowledged, and
 * dropped. And when one of several brokers has answered, what moves to that broker before the next attempt is
 * acknowledged without ever being sent. Here a request that is sent again is the same request, a number is given to
 * other messages only when the first ones have certainly been refused, and in doubt the producer takes a new identity.
 */
export class Publisher {
  private readonly queue: Waiting[] = [];
  private readonly partition = Partitioners.DefaultPartitioner();
  private sending: Promise<void> | undefined;
  private producer: Producer | undefined;

  constructor(
    private readonly access: Access,
    private readonly sightings: Sightings,
    private readonly mostBytes = MAX_MESSAGE_BYTES,
  ) {}

  async publish(messages: readonly Publication[]): Promise<void> {
    if (messages.length === 0) return;
    const weighed = messages.map((message, index) => toRecord(message, index, this.mostBytes));
    const call = new Call(messages.length);
    messages.forEach(({ topic }, index) => this.queue.push({ ...weighed[index]!, call, index, topic }));
    this.sending ??= this.run();
    return call.answered;
  }

  /** Resolves when nothing is on its way. */
  async flushed(): Promise<void> {
    await this.sending;
  }

  private async run(): Promise<void> {
    await turn();
    while (this.queue.length > 0) await this.send(this.take());
    this.sending = undefined;
  }

  private take(): readonly Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < this.queue.length && count < MESSAGES_AT_ONCE) {
      bytes += this.queue[count]!.bytes;
      if (count > 0 && bytes > BYTES_AT_ONCE) break;
      count++;
    }
    return this.queue.splice(0, count);
  }

  /** Never rejects: whoever waits for a message is told. */
  private async send(all: readonly Waiting[]): Promise<void> {
    const messages = all.filter((waiting) => !waiting.call.isBroken);
    for (const { call } of all) if (call.isBroken) call.done();
    if (messages.length === 0) return;
    try {
      await this.access.use((connection) => this.append(connection, messages));
    } catch (error) {
      // Who answered has judged; silence is the same for all of them.
      const parts = answerOf(error) === undefined ? [] : divided(messages, isRefusal(error));
      if (parts.length > 1) for (const part of parts) await this.send(part);
      else this.fail(messages, error);
      return;
    }
    for (const { call } of messages) call.done();
  }

  private fail(messages: readonly Waiting[], error: unknown): void {
    const refused = isRefusal(error) && messages.length === 1;
    // They may be there all the same, so their numbers must not be given to others.
    if (!refused) this.producer = undefined;
    for (const { call, index } of messages) {
      call.done(refused ? new MessageRejected(index, (error as Fault).message) : error);
    }
  }

  private async append({ cluster }: Connection, messages: readonly Waiting[]): Promise<void> {
    for (const topic of new Set(messages.map(({ topic: name }) => name))) await cluster.addTargetTopic(topic);
    await cluster.refreshMetadataIfNecessary();

    const byLeader = new Map<number, Parts>();
    for (const message of messages) {
      const { topic, record } = message;
      const partitionMetadata = cluster.findTopicPartitionMetadata(topic);
      message.partition ??= this.partition({
        topic,
        partitionMetadata,
        message: { key: record.key, value: record.value },
      });
      const leader = partitionMetadata.find(({ partitionId }) => partitionId === message.partition)?.leader ?? -1;
      if (leader < 0) throw new KafkaJSConnectionError(`${place(message)} has no leader.`, {});
      const parts: Parts = getOrCreate(byLeader, leader, () => new Map());
      getOrCreate(parts, place(message), () => []).push(message);
    }

    const producer = (this.producer ??= await introduce(cluster));
    const sent = [...byLeader].map(async ([nodeId, parts]) => {
      const broker = await cluster.findBroker({ nodeId: `${nodeId}` });
      return this.produce(broker, producer, parts);
    });
    // All of them, also when one fails: the same numbers must not be sent again while they are still on their way.
    const failed = (await Promise.allSettled(sent)).find((result) => result.status === 'rejected');
    if (failed) {
      if (IDENTITY_LOST.test(answerOf(failed.reason) ?? '')) this.producer = undefined;
      throw failed.reason;
    }
    for (const parts of byLeader.values()) for (const [at, part] of parts) this.advance(producer, at, part.length);
  }

  private async produce(broker: Broker, producer: Producer, parts: Parts): Promise<void> {
    const byTopic = new Map<string, RecordBatch[]>();
    for (const [at, part] of parts) {
      const { topic, partition = 0 } = part[0]!;
      const firstSequence = producer.sequences.get(at) ?? 0;
      getOrCreate(byTopic, topic, () => []).push({
        partition,
        firstSequence,
        messages: part.map(({ record }) => record),
      });
    }
    const { producerId, producerEpoch } = producer;
    const { topics } = await broker.produce({
      acks: -1,
      timeout: BROKER_TIMEOUT_MS,
      producerId,
      producerEpoch,
      topicData: [...byTopic].map(([topic, partitions]) => ({ topic, partitions })),
    });
    for (const { topicName, partitions } of topics) {
      for (const { partition, baseOffset } of partitions) {
        const batch = byTopic.get(topicName)?.find((each) => each.partition === partition);
        this.sightings.saw(topicName, partition, Number(baseOffset) + (batch?.messages.length ?? 0));
      }
    }
  }

  private advance({ sequences }: Producer, at: string, messages: number): void {
    const next = (sequences.get(at) ?? 0) + messages;
    sequences.set(at, next);
    if (next > LAST_SEQUENCE) this.producer = undefined;
  }
}

async function introduce(cluster: Cluster): Promise<Producer> {
  const broker = await cluster.findControllerBroker();
  return { ...(await broker.initProducerId({ transactionTimeout: TRANSACTION_TIMEOUT_MS })), sequences: new Map() };
}

/** By topic and partition. */
type Parts = Map<string, Waiting[]>;

/** The parts of which each may fare differently: topics, and when a message is refused its partitions, and then singly. */
function divided(messages: readonly Waiting[], refused: boolean): readonly (readonly Waiting[])[] {
  const byTopic = grouped(messages, ({ topic }) => topic);
  if (byTopic.size > 1 || !refused) return [...byTopic.values()];
  const byPartition = grouped(messages, place);
  return byPartition.size > 1 ? [...byPartition.values()] : messages.map((message) => [message]);
}

function grouped(messages: readonly Waiting[], by: (message: Waiting) => string): Map<string, Waiting[]> {
  const groups = new Map<string, Waiting[]>();
  for (const message of messages) getOrCreate(groups, by(message), () => []).push(message);
  return groups;
}

function place({ topic, partition = -1 }: Waiting): string {
  return nameOfPlace(topic, partition);
}

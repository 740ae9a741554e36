import type { Assignment } from './assignment';
import type { Consuming } from './consuming';
import { getOrCreate } from './get-or-create';
import { sleep } from './in-time';
import type { Lane } from './lane';
import { edges, nameOfPlace } from './places';
import { READ_COMMITTED } from './protocol';
import type { Cluster, FetchedPartition } from './protocol';
import { fromFetch } from './records';
import { SESSION_TIMEOUT_MS } from './settings';
import { answerOf, isPassing } from './trouble';

/** How long the brokers keep a question to which there is no answer yet: well below the time that one request may take. */
const LONG_POLL_MS = 3_000;
/** The same while a lane is full: it is to be asked for again soon. */
const SHORT_POLL_MS = 50;
const PARTITION_BYTES = 1_000_000;
const FETCH_BYTES = 8_000_000;
/** Where one question has brought as many messages, more are on their way: the next one waits, and brings them together. */
const MANY = 4;
const GATHER_MS = 20;
const AGAIN_MS = 200;
const LOOK_AROUND_MS = 5_000;
const DELETED = 'OFFSET_OUT_OF_RANGE';

/** Fills lanes that have room: each leader is asked by itself, so that none waits for another. */
export class Fetching {
  private stopped = false;
  private failingSince: number | undefined;
  private readonly partitions: number;
  private readonly sleepers = new Set<() => void>();

  constructor(
    private readonly around: Pick<Consuming, 'settings' | 'consumer' | 'sightings' | 'heard'>,
    private readonly cluster: Cluster,
    private readonly lanes: readonly Lane[],
    private readonly assignment: Assignment,
  ) {
    this.partitions = this.partitionCount();
  }

  get isFailing(): boolean {
    return this.failingSince !== undefined;
  }

  /** Resolves when it was stopped, or when the topics have got more partitions. Rejects when it goes on failing. */
  async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.cluster.refreshMetadataIfNecessary();
        await this.fetchUntilChange();
        return;
      } catch (error) {
        if (this.stopped) return;
        await this.recover(error);
      }
    }
  }

  stop(): void {
    this.stopped = true;
    this.awaken();
  }

  /** Whoever waits for something to do looks again. */
  awaken(): void {
    for (const wake of this.sleepers) wake();
  }

  private async fetchUntilChange(): Promise<void> {
    const byLeader = new Map<string, Lane[]>();
    for (const lane of this.lanes) {
      const [leader = '-1'] = Object.keys(this.cluster.findLeaderForPartitions(lane.topic, [lane.partition]));
      getOrCreate(byLeader, leader, () => []).push(lane);
    }
    // One that ends, for whatever reason, ends the others: where the partitions are is then to be looked up anew.
    const round = { over: false };
    const works = [...byLeader].map(
      ([leader, lanes]) =>
        () =>
          this.fetchFrom(leader, lanes),
    );
    const look = async () => {
      await this.asleep(LOOK_AROUND_MS);
      await this.cluster.refreshMetadataIfNecessary();
      if (this.partitionCount() !== this.partitions) round.over = true;
    };
    const ended = [look, ...works].map(async (work) => {
      try {
        while (!this.stopped && !round.over) await work();
      } finally {
        round.over = true;
        this.awaken();
      }
    });
    const failed = (await Promise.allSettled(ended)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async fetchFrom(nodeId: string, lanes: readonly Lane[]): Promise<void> {
    const hungry = lanes.filter((lane) => lane.isHungry);
    if (hungry.length === 0) return this.asleep(LOOK_AROUND_MS);

    const broker = await this.cluster.findBroker({ nodeId });
    const { responses } = await broker.fetch({
      isolationLevel: READ_COMMITTED,
      maxWaitTime: hungry.length < lanes.length ? SHORT_POLL_MS : LONG_POLL_MS,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      topics: hungry.map(({ topic, partition, position }) => ({
        topic,
        partitions: [{ partition, fetchOffset: `${position}`, maxBytes: PARTITION_BYTES }],
      })),
    });
    if (this.stopped) return;
    this.failingSince = undefined;
    this.around.heard(true);
    let brought = 0;
    for (const { topicName, partitions } of responses) {
      for (const fetched of partitions) brought += this.hand(topicName, fetched, hungry);
    }
    if (brought >= MANY) await this.asleep(GATHER_MS);
  }

  /** Answers how many messages that is. */
  private hand(topic: string, fetched: FetchedPartition, lanes: readonly Lane[]): number {
    const lane = lanes.find((each) => each.topic === topic && each.partition === fetched.partition);
    if (!lane || fetched.messages.length === 0) return 0;
    this.around.sightings.saw(topic, fetched.partition, Number(fetched.highWatermark));
    const taken = fromFetch(topic, fetched, lane.position);
    lane.take(taken);
    return taken.messages.length;
  }

  private async recover(failure: unknown): Promise<void> {
    if (answerOf(failure) === DELETED) return this.skipDeleted();
    const { clock, sessionTimeoutMs = SESSION_TIMEOUT_MS } = this.around.settings;
    this.failingSince ??= clock.now();
    this.around.heard(false);
    if (!isPassing(failure) || Math.abs(clock.now() - this.failingSince) > sessionTimeoutMs) throw failure;
    await sleep(clock, AGAIN_MS);
    // It tells where the partitions are led now; when nobody answers, the next attempt fails as this one did.
    await Promise.allSettled([this.cluster.refreshMetadata()]);
  }

  /** What we wanted next was deleted because it was too old, or the topic was made anew. */
  private async skipDeleted(): Promise<void> {
    const first = await edges(this.cluster, this.assignment, 'first');
    const end = await edges(this.cluster, this.assignment, 'end');
    for (const lane of this.lanes) {
      const place = nameOfPlace(lane.topic, lane.partition);
      const from = first.get(place) ?? 0;
      if (lane.position < from || lane.position > (end.get(place) ?? Infinity)) lane.moveTo(from);
    }
  }

  private partitionCount(): number {
    return this.around.consumer.topics.reduce(
      (sum, topic) => sum + this.cluster.findTopicPartitionMetadata(topic).length,
      0,
    );
  }

  private asleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        this.sleepers.delete(wake);
        resolve();
      };
      const cancel = this.around.settings.clock.after(ms, wake);
      this.sleepers.add(wake);
    });
  }
}

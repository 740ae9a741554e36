import type { Consuming } from '../../src/kafka/consuming';
import { Fetching } from '../../src/kafka/fetching';
import type { Lane } from '../../src/kafka/lane';
import type { Cluster, FetchedPartition } from '../../src/kafka/protocol';
import { Sightings } from '../../src/kafka/sightings';
import { settled, TestClock } from '../../src/testing/test-clock';

/** Longer than messages are gathered, and shorter than anything else waits. */
const GATHERED_MS = 25;

function partitionWith(messages: number, offset: number): FetchedPartition {
  const last = { firstOffset: `${offset}`, lastOffsetDelta: messages - 1, producerId: '-1', inTransaction: false };
  return {
    partition: 0,
    highWatermark: `${offset + messages}`,
    abortedTransactions: [],
    messages: Array.from({ length: messages }, (_, each) => ({
      key: null,
      value: null,
      timestamp: '0',
      offset: `${offset + each}`,
      headers: {},
      isControlRecord: false,
      batchContext: last,
    })),
  };
}

describe('Fetching', () => {
  let clock: TestClock;
  let fetching: Fetching;
  let running: Promise<void>;
  let position: number;
  let asked: number;
  /** Answers the question under way, with so many messages. */
  let answer: (messages: number) => void;

  beforeEach(async () => {
    clock = new TestClock();
    [position, asked] = [0, 0];
    const lane = {
      topic: 'rent',
      partition: 0,
      get position() {
        return position;
      },
      isHungry: true,
      take: ({ next }: { readonly next: number }) => (position = next),
    } as unknown as Lane;
    const fetch = () => {
      asked++;
      return new Promise((resolve) => {
        answer = (messages) =>
          resolve({ responses: [{ topicName: 'rent', partitions: [partitionWith(messages, position)] }] });
      });
    };
    const cluster = {
      refreshMetadataIfNecessary: async () => undefined,
      findLeaderForPartitions: () => ({ 1: [0] }),
      findTopicPartitionMetadata: () => [{}],
      findBroker: async () => ({ fetch }),
    } as unknown as Cluster;
    const around = {
      settings: { clock },
      consumer: { topics: ['rent'] },
      sightings: new Sightings(clock),
      heard: () => undefined,
    } as unknown as Consuming;
    fetching = new Fetching(around, cluster, [lane], {});
    running = fetching.run();
    await settled();
  });

  afterEach(async () => {
    fetching.stop();
    answer(0);
    await running;
  });

  it('asks again at once when it was brought little', async () => {
    answer(3);
    await settled();

    expect([asked, position]).toEqual([2, 3]);
  });

  it('lets more come together when it was brought much', async () => {
    answer(4);
    await settled();
    expect([asked, position]).toEqual([1, 4]);

    await clock.advance(GATHERED_MS);
    expect(asked).toBe(2);
  });

  it('is stopped while it lets more come together', async () => {
    answer(4);
    await settled();
    fetching.stop();

    await expect(running).resolves.toBeUndefined();
    expect(asked).toBe(1);
  });
});

import type { ConsumerSettings } from '../messaging/message-log';
import { Lane, type LaneSurroundings, type Taker } from './lane';
import type { Partition, Topic } from './topic';

/** A consumer in its group. */
export interface Member extends Taker {
  readonly topics: readonly Topic[];
}

/** The consumers of one group: each partition of their topics is one consumer's, as evenly as can be. */
export class ConsumerGroup {
  private readonly lanes = new Map<Partition, Lane>();
  private members: readonly Member[] = [];

  constructor(
    readonly name: string,
    private readonly around: LaneSurroundings,
  ) {}

  /** Gives the group its place in every partition that is new to it. */
  begin(topics: readonly Topic[], from: ConsumerSettings['from']): void {
    for (const { partitions } of topics) {
      // Partitions that came later hold nothing that the group should not see.
      const known = partitions.some((partition) => this.around.store.offsets.find(this.name, partition));
      for (const partition of partitions) {
        this.around.store.offsets.begin(
          this.name,
          partition,
          from === 'earliest' || known ? partition.first : partition.end,
        );
      }
    }
  }

  join(member: Member): void {
    this.members = [...this.members, member];
    this.share();
  }

  /** Resolves when the batches that this consumer has in hand are done; the others go on meanwhile. */
  async leave(member: Member): Promise<void> {
    this.members = this.members.filter((each) => each !== member);
    const done = [...this.lanes.values()].map(async (lane) => lane.releasedBy(member));
    this.share();
    await Promise.all(done);
  }

  /** Deals the partitions out anew: somebody came or left, or there are more of them. */
  share(): void {
    const topics = new Set(this.members.flatMap((member) => member.topics));
    for (const lane of this.lanes.values()) if (!topics.has(lane.place.partition.topic)) lane.giveTo(undefined);

    let next = 0;
    for (const topic of topics) {
      const takers = this.members.filter((member) => member.topics.includes(topic));
      for (const partition of topic.partitions) this.lane(partition).giveTo(takers[next++ % takers.length]);
    }
  }

  /** Goes on in the partition at another offset. */
  moveTo(partition: Partition, offset: number): void {
    const lane = this.lanes.get(partition);
    if (lane) lane.moveTo(offset);
    else this.around.store.offsets.move(this.around.store.offsets.begin(this.name, partition, offset), offset);
  }

  private lane(partition: Partition): Lane {
    let lane = this.lanes.get(partition);
    if (!lane) {
      lane = new Lane(this.around.store.offsets.begin(this.name, partition, partition.first), this.around);
      this.lanes.set(partition, lane);
    }
    return lane;
  }
}

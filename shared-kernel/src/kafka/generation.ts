import type { Assignment } from './assignment';
import { Committer } from './committer';
import { Connection } from './connection';
import type { Consuming } from './consuming';
import type { Coordinator } from './coordinator';
import { Fetching } from './fetching';
import { inTime, sleep } from './in-time';
import { Lane } from './lane';
import { nameOfPlace, partitionsOf, resume } from './places';
import type { Membership } from './protocol';
import { SESSION_TIMEOUT_MS } from './settings';
import { answerOf, isPassing } from './trouble';

/** For so long the others wait for a member when the group shares anew. */
export const REBALANCE_TIMEOUT_MS = 60_000;
/** Batches in hand have less, and less still in a process that is to end. */
const LET_GO_MS = { rebalance: 45_000, stop: 25_000 };
const LONGEST_HEARTBEAT_MS = 3_000;
const SHUT_OUT = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID'];

type Ending = 'rebalance' | 'stop';

/** A consumer with the partitions that it has until the group shares anew. */
export class Generation {
  private readonly committer: Committer;
  private connection: Connection | undefined;
  private fetching: Fetching | undefined;
  private lanes: readonly Lane[] = [];
  private over = false;
  private letGo = false;
  private beatAt: number;
  private settle: (ending: Ending) => void = () => undefined;
  private readonly ending = new Promise<Ending>((resolve) => (this.settle = resolve));

  constructor(
    private readonly around: Consuming,
    private readonly coordinator: Coordinator,
    private readonly membership: Membership,
    private readonly assignment: Assignment,
  ) {
    const { settings } = around;
    this.committer = new Committer(coordinator, membership, settings.clock, settings.onFailure);
    this.beatAt = settings.clock.now();
  }

  /** Handles messages until the group shares anew or `end` is called, and lets go in order. Rejects when it was shut out. */
  async run(): Promise<void> {
    try {
      const ending = await Promise.race([this.ending, onlyRejecting(this.beat()), onlyRejecting(this.fetch())]);
      await this.release(ending);
    } finally {
      this.abandon();
    }
  }

  end(ending: Ending): void {
    this.over = true;
    this.fetching?.stop();
    this.settle(ending);
  }

  /** Lets go at once: whatever is handled from now on is not for us to commit. */
  abandon(): void {
    this.letGo = true;
    this.committer.abandon();
    for (const lane of this.lanes) {
      lane.lose();
      this.remember(lane);
    }
    this.end('rebalance');
    this.connection?.end();
  }

  /** Takes nothing more, waits for the batches in hand, and commits. Heartbeats go on meanwhile. */
  private async release(ending: Ending): Promise<void> {
    await this.noLongerThan(LET_GO_MS[ending], Promise.all(this.lanes.map((lane) => lane.close())));
    await this.noLongerThan(this.sessionTimeoutMs, this.committer.finish());
  }

  /** Says that we live, however long a batch takes. A broker that is away for a while shuts nobody out. */
  private async beat(): Promise<void> {
    const { groupId, generationId, memberId } = this.membership;
    const heartbeat = { groupId, groupGenerationId: generationId, memberId };
    while (!this.letGo) {
      await sleep(this.around.settings.clock, Math.min(LONGEST_HEARTBEAT_MS, this.sessionTimeoutMs / 3));
      if (this.letGo) return;
      try {
        await this.coordinator.ask((broker) => broker.heartbeat(heartbeat));
        this.heard();
        this.around.stays();
      } catch (error) {
        if (answerOf(error) === 'REBALANCE_IN_PROGRESS') {
          this.heard();
          this.end('rebalance');
        } else if (this.isOut(error)) throw error;
        else this.around.heard(false);
      }
    }
  }

  private heard(): void {
    this.beatAt = this.around.settings.clock.now();
    if (!this.fetching?.isFailing) this.around.heard(true);
  }

  private isOut(error: unknown): boolean {
    const silence = Math.abs(this.around.settings.clock.now() - this.beatAt);
    return SHUT_OUT.includes(answerOf(error) ?? '') || !isPassing(error) || silence > this.sessionTimeoutMs;
  }

  /** Over a connection of its own: what the next generation asks would else wait behind a question that nobody needs any more. */
  private async fetch(): Promise<void> {
    const { settings, consumer } = this.around;
    const connection = (this.connection = new Connection(settings));
    await connection.reach();
    await partitionsOf(connection.cluster, consumer.topics);
    const places = await resume(connection.cluster, this.coordinator, consumer.group, this.assignment);
    if (this.over) return;
    this.lanes = places.map(({ topic, partition, offset }) => this.lane(topic, partition, offset));
    this.fetching = new Fetching(this.around, connection.cluster, this.lanes, this.assignment);
    await this.fetching.run();
    // There are partitions that nobody has: the group shares anew when its leader joins again.
    this.end('rebalance');
  }

  private lane(topic: string, partition: number, offset: number): Lane {
    const { settings, consumer, handle, failing, leftOver } = this.around;
    return new Lane(topic, partition, offset, leftOver.get(nameOfPlace(topic, partition)), {
      ...settings,
      batchSize: consumer.batchSize,
      handle,
      failing,
      onHandled: (handledTo) => this.committer.handledTo(topic, partition, handledTo),
      onHungry: () => this.fetching?.awaken(),
    });
  }

  /** Another generation may get the partition while this one still has a batch of it in hand. */
  private remember(lane: Lane): void {
    const { leftOver } = this.around;
    const place = nameOfPlace(lane.topic, lane.partition);
    const done = bothOver(leftOver.get(place), lane.close());
    leftOver.set(place, done);
    void this.forget(place, done);
  }

  private async forget(place: string, done: Promise<void>): Promise<void> {
    await done;
    if (this.around.leftOver.get(place) === done) this.around.leftOver.delete(place);
  }

  private get sessionTimeoutMs(): number {
    return this.around.settings.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
  }

  private noLongerThan(ms: number, work: Promise<unknown>): Promise<unknown> {
    return inTime(this.around.settings.clock, ms, work, () => undefined);
  }
}

async function onlyRejecting(work: Promise<void>): Promise<never> {
  await work;
  return new Promise(() => undefined);
}

async function bothOver(one: Promise<void> | undefined, other: Promise<void>): Promise<void> {
  await one;
  await other;
}

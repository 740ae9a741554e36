import type { BatchHandler, Consumption, ConsumerSettings } from '../messaging/message-log';
import { Fault } from '../store/fault';
import { assignmentIn, shareOut, SHARING, subscriptionTo, topicsOf } from './assignment';
import { BackOff } from './back-off';
import { Connection } from './connection';
import type { Consuming } from './consuming';
import { Coordinator } from './coordinator';
import { Generation, REBALANCE_TIMEOUT_MS } from './generation';
import { inTime } from './in-time';
import type { Lane } from './lane';
import { partitionsOf, settle } from './places';
import type { Cluster, JoinedGroup, Membership } from './protocol';
import { SESSION_TIMEOUT_MS } from './settings';
import type { KafkaSettings } from './settings';
import type { Sightings } from './sightings';
import { answerOf, asFault, unreachable } from './trouble';

/** For so long a start waits until the consumer is in its group. */
const START_MS = 10_000;
/** A stop waits no longer for a group that is just sharing anew. */
const STOP_JOINING_MS = 5_000;
const STOP_MS = 30_000;
/** Who has come so often without having stayed for one heartbeat is not getting on. */
const MOST_VAIN_JOINS = 4;

/**
 * A member of its group for as long as it runs: whatever shuts it out, it connects and joins again.
 *
 * kafkajs's own consumer is not used. It fetches from a broker again only when all that it brought was handled, so that one
 * partition holds up the others; joins again before the batches in hand are committed, so that they are handled twice; and
 * stops for good, without a word to its owner, on whatever it does not expect.
 */
export class KafkaConsumption implements Consumption {
  private readonly around: Consuming;
  private readonly failing = new Set<Lane>();
  private readonly backOff: BackOff;
  private readonly running: Promise<void>;
  private connection: Connection | undefined;
  private generation: Generation | undefined;
  private memberId = '';
  private isHeard = false;
  private vainJoins = 0;
  private heardAt: number;
  private isSettled = false;
  private isStopping = false;
  private stopped: Promise<void> | undefined;
  private tell: (failure?: Fault) => void = () => undefined;

  constructor(
    private readonly settings: KafkaSettings,
    private readonly consumer: ConsumerSettings,
    handle: BatchHandler,
    sightings: Sightings,
  ) {
    this.heardAt = settings.clock.now();
    this.around = {
      settings,
      consumer,
      handle,
      sightings,
      failing: this.failing,
      leftOver: new Map(),
      heard: (answered) => this.heard(answered),
      stays: () => (this.vainJoins = 0),
    };
    this.backOff = new BackOff(settings);
    this.running = this.run();
  }

  get healthy(): boolean {
    const silence = Math.abs(this.settings.clock.now() - this.heardAt);
    const takesPart = this.isHeard && silence < this.sessionTimeoutMs && this.vainJoins < MOST_VAIN_JOINS;
    return !this.isStopping && takesPart && this.failing.size === 0;
  }

  /**
   * Resolves when it is in its group. Without brokers it resolves after a while all the same, not healthy, and goes on
   * trying; but one that begins after the latest message must find out what that is, and else rejects. Rejects too when a
   * topic is missing.
   */
  async started(): Promise<void> {
    const told = new Promise<Fault | undefined>((resolve) => (this.tell = resolve));
    const failure = await inTime(this.settings.clock, START_MS, told, () =>
      this.isSettled || this.consumer.from === 'earliest'
        ? undefined
        : unreachable('Nobody says what the latest message is: no broker answers.'),
    );
    if (failure === undefined) return;
    this.abandon();
    throw failure;
  }

  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  /** Ends at once, as if the process had died: nothing is committed, and the group is not told. */
  abandon(): void {
    this.isStopping = true;
    this.generation?.abandon();
    this.connection?.end();
    this.backOff.end();
  }

  private async end(): Promise<void> {
    this.isStopping = true;
    this.generation?.end('stop');
    this.backOff.end();
    const patienceMs = this.generation ? STOP_MS : STOP_JOINING_MS;
    const work = this.isJoiningAgain ? this.leaveElsewhere() : this.running;
    await inTime(this.settings.clock, patienceMs, work, () => undefined);
    this.abandon();
  }

  /** Never rejects. */
  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        await this.attend();
      } catch (error) {
        if (this.isStopping) return;
        this.heard(false);
        const fault = asFault(error);
        this.settings.onFailure(fault);
        if (fault instanceof Fault && fault.code === 'topic-missing') this.tell(fault);
        await this.backOff.pauseAfterFailure();
      }
    }
  }

  /** Over one connection, until it fails or is not needed any more. */
  private async attend(): Promise<void> {
    const connection = await Connection.open(this.settings);
    this.connection = connection;
    try {
      const coordinator = new Coordinator(connection.cluster, this.consumer.group);
      await settle(connection.cluster, coordinator, this.consumer);
      this.isSettled = true;
      while (!this.isStopping) {
        this.generation = await this.join(connection.cluster, coordinator);
        this.vainJoins++;
        this.backOff.succeeded();
        this.heard(true);
        this.tell();
        if (this.isStopping) this.generation.end('stop');
        await this.generation.run();
        this.generation = undefined;
      }
      await this.leave(coordinator);
    } finally {
      this.generation = undefined;
      this.connection = undefined;
      connection.end();
    }
  }

  private async join(cluster: Cluster, coordinator: Coordinator): Promise<Generation> {
    for (;;) {
      try {
        const joined = await coordinator.ask((broker) =>
          broker.joinGroup({
            groupId: this.consumer.group,
            sessionTimeout: this.sessionTimeoutMs,
            rebalanceTimeout: REBALANCE_TIMEOUT_MS,
            memberId: this.memberId,
            groupProtocols: [{ name: SHARING, metadata: subscriptionTo(this.consumer.topics) }],
          }),
        );
        const { generationId, memberId } = joined;
        this.memberId = memberId;
        const membership: Membership = { groupId: this.consumer.group, generationId, memberId };
        const groupAssignment = joined.leaderId === memberId ? await share(cluster, joined.members) : [];
        const { memberAssignment } = await coordinator.ask((broker) =>
          broker.syncGroup({ ...membership, groupAssignment }),
        );
        return new Generation(this.around, coordinator, membership, assignmentIn(memberAssignment));
      } catch (error) {
        // Somebody else came or left meanwhile, or the group has forgotten us; or we have left.
        const answer = answerOf(error);
        if (answer === 'UNKNOWN_MEMBER_ID' && !this.isStopping) this.memberId = '';
        else if (answer !== 'REBALANCE_IN_PROGRESS' && answer !== 'ILLEGAL_GENERATION') throw error;
      }
    }
  }

  /** Nobody waits for a member that has left; one that could not say so is missed after its session timeout. */
  private async leave(coordinator: Coordinator): Promise<void> {
    const { memberId, consumer } = this;
    await coordinator.ask((broker) => broker.leaveGroup({ groupId: consumer.group, memberId })).catch(() => undefined);
  }

  /** Over a connection of its own: the other one says nothing more until the brokers have answered that we may join. */
  private async leaveElsewhere(): Promise<void> {
    const connection = await Connection.open(this.settings).catch(() => undefined);
    if (!connection) return;
    await this.leave(new Coordinator(connection.cluster, this.consumer.group));
    connection.end();
    await this.running;
  }

  private get isJoiningAgain(): boolean {
    return this.connection !== undefined && this.generation === undefined && this.memberId !== '';
  }

  private heard(answered: boolean): void {
    this.isHeard = answered;
    if (answered) this.heardAt = this.settings.clock.now();
  }

  private get sessionTimeoutMs(): number {
    return this.settings.sessionTimeoutMs ?? SESSION_TIMEOUT_MS;
  }
}

async function share(cluster: Cluster, members: JoinedGroup['members']) {
  await cluster.refreshMetadata();
  const partitions = await partitionsOf(cluster, topicsOf(members));
  return shareOut(members, (topic) => partitions[topic] ?? []);
}

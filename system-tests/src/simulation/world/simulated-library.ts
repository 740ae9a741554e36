import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { MemoryLeaseBoard } from '@library/shared-kernel/testing/lease.memory';
import { MemoryBroker } from '@library/shared-kernel/testing/message-log.memory';
import { MemoryParking } from '@library/shared-kernel/testing/parking.memory';
import { Calendar } from '@library/shared-kernel/time/calendar';
import type { Invariants } from '../invariants/invariants';
import type { Plan } from '../plan/plan';
import { Random } from '../random';
import type { Story } from '../story';
import { Delivery } from './delivery';
import { Lurking } from './lurking';
import { Mishaps } from './mishaps';
import { Mortal } from './mortal';
import { ROLES } from './roles';
import type { Role } from './roles';
import { SimulatedProcess } from './simulated-process';
import type { Surroundings } from './simulated-process';
import { Stores } from './stores';
import type { VirtualTime } from './virtual-time';

export const ZONE = 'Asia/Seoul';
const PARTITIONS = 4;
const RESTARTED_WITHIN_MS = 1_500;

const calendar = new Calendar(ZONE);

/** The whole library: every process of every service, their stores, and the log between them. */
export class SimulatedLibrary {
  readonly stores: Stores;
  readonly broker: MemoryBroker;
  readonly parking: MemoryParking;
  readonly lurking: Lurking;
  private readonly mishaps: Mishaps;
  private readonly delivery: Delivery;
  private readonly processes = new Map<string, SimulatedProcess>();
  private readonly surroundings: Surroundings;
  private readonly random: Random;
  private lives = 0;

  constructor(
    private readonly plan: Plan,
    readonly time: VirtualTime,
    private readonly story: Story,
    invariants: Invariants,
  ) {
    this.random = new Random(`run ${plan.seed}`);
    this.lurking = new Lurking(plan.faults, time, story.tell);
    this.delivery = new Delivery(this.lurking, time, (group, message) => invariants.log.accounts(group, [message]));
    this.stores = new Stores(time, this.random.of('archive'), (role, commit) => {
      story.tell(`${role} ${commit.id} is at version ${commit.after.version}`);
      invariants.committed(role, commit);
    });
    this.broker = new MemoryBroker(time);
    this.broker.createTopics(SAGA_TOPICS, PARTITIONS);
    this.broker.faults = { delivering: this.delivery.deliver };
    this.broker.watch = {
      appended: ({ topic, partition, offset, headers }) =>
        story.tell(`${topic}/${partition} ${offset} is ${headers['ce_id']}`),
      committed: (position) => invariants.log.passed(position),
    };
    this.parking = new MemoryParking(this.broker);
    this.mishaps = new Mishaps(
      this.lurking,
      time,
      this.broker,
      this.random,
      () => [...this.processes.values()],
      (role, asker) => this.anyOf(role, asker),
    );
    this.surroundings = {
      time,
      calendar,
      timing: DEFAULT_TIMING,
      broker: this.broker,
      parking: this.parking,
      leases: new MemoryLeaseBoard(() => time.elapsed),
      stores: this.stores,
      logger: invariants.logger,
      witness: {
        publishes: (messages) => invariants.log.publishes(messages),
        handled: (group, messages) => invariants.log.accounts(group, messages),
      },
      isDown: (role) => this.mishaps.isDown(role),
    };
  }

  /** Starts every process; what is to happen begins to. */
  async start(): Promise<void> {
    for (const role of ROLES.toReversed()) {
      for (let nth = 1; nth <= this.plan.instances[role]; nth++) await this.live(role, `${role}#${nth}`);
    }
    this.mishaps.begin();
  }

  /** Some living process of the service, the same one for the same asker; undefined when all of them are down. */
  anyOf<Name extends Role>(role: Name, asker: string): SimulatedProcess<Name> | undefined {
    const living = [...this.processes.values()].filter((process) => process.role === role && !process.mortal.dead);
    return living.length === 0 ? undefined : (this.random.of(asker).pick(living) as unknown as SimulatedProcess<Name>);
  }

  /** From now on nothing goes wrong any more, and what has gone wrong is over. */
  async calm(): Promise<void> {
    this.lurking.end();
    await this.mishaps.end();
    this.story.tell('all is calm');
  }

  /** Everything that was ever published is published again. */
  replay(): void {
    this.story.tell('the whole log comes again');
    for (const topic of SAGA_TOPICS) this.mishaps.replay(topic);
  }

  /** Every saga has ended, nothing waits to be published or archived, and nobody is behind. */
  get rests(): boolean {
    return this.delivery.idle && ROLES.every((role) => this.hasNothingWaiting(role)) && this.isRead();
  }

  private hasNothingWaiting(role: Role): boolean {
    return this.stores
      .of(role)
      .all()
      .every(([, { waiting, leaving, dueAt }]) => waiting.length === 0 && leaving.length === 0 && dueAt === undefined);
  }

  private isRead(): boolean {
    return this.broker
      .positions()
      .every(({ topic, partition, offset }) => this.broker.topic(topic)[partition]!.length === offset);
  }

  /** One process after the other under this name: when one dies, the next one is composed on what it has left. */
  private async live(role: Role, name: string): Promise<void> {
    const life = `${name}.${++this.lives}`;
    this.story.tell(`${life} starts`);
    const random = this.random.of(life);
    const mortal = new Mortal(role, this.time, this.lurking, random.of('moments'), () => {
      this.story.tell(`${life} dies`);
      process.log.die();
      this.time.after(random.below(RESTARTED_WITHIN_MS), () => void this.live(role, name));
    });
    const process: SimulatedProcess = new SimulatedProcess(role, mortal, this.surroundings, random.of('ids'));
    this.processes.set(name, process);
    await Promise.race([process.start(), mortal.death]);
  }
}

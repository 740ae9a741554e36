import { partitionOf } from '../embedded/murmur2';
import { MessageRejected } from '../messaging/message-log';
import type {
  Backlog,
  BatchHandler,
  ConsumerSettings,
  Consumption,
  LogMessage,
  MessageLog,
  Publication,
} from '../messaging/message-log';
import { Fault } from '../store/fault';
import type { Clock } from '../time/clock';

const LARGEST = 256 * 1024;
/** Pause before messages that could not be handled are given again. */
const RETRY_MS = 50;

/** A publication that goes wrong after so many of its messages were appended: none, some, or all of them. */
export interface Interruption {
  readonly appended: number;
  readonly error: Error;
}

/** What goes wrong; nothing, where a function is absent. A test or a seed decides, so that every run is the same. */
export interface LogFaults {
  publishing?(messages: readonly Publication[]): Interruption | undefined;
  /**
   * When the copies of a message reach a group, in milliseconds after it could have them: `[0]` as it should be, `[]` never,
   * `[0, 0]` twice, `[0, 5000]` once more later, `[3000]` late, when others have overtaken it.
   */
  delivering?(group: string, message: LogMessage): readonly number[];
}

/** Told of what the broker has done; it can change nothing. */
export interface LogWatch {
  appended?(message: LogMessage): void;
  /** The group has got to `offset`: it will not be given anything before it again. */
  committed?(position: Position): void;
}

/** How far a group has come in a partition: the next message that it has not handled. */
export interface Position {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

interface Stored {
  readonly message: LogMessage;
  readonly appendedAt: number;
}

/** A broker of topics in memory. Each of its clients is a process's MessageLog; several may share one group. */
export class MemoryBroker {
  private readonly topics = new Map<string, Stored[][]>();
  private readonly groups = new Map<string, Group>();
  private keyless = 0;
  private isDown = false;
  faults: LogFaults = {};
  watch: LogWatch = {};

  constructor(readonly clock: Clock) {}

  createTopics(names: readonly string[], partitions: number): void {
    for (const name of names) {
      const topic = this.topics.get(name) ?? [];
      while (topic.length < partitions) topic.push([]);
      this.topics.set(name, topic);
    }
  }

  /** A client of its own for each process. */
  client(): MemoryMessageLog {
    return new MemoryMessageLog(this);
  }

  get down(): boolean {
    return this.isDown;
  }

  /** While it is down nothing can be published, nothing is delivered, and nothing is lost. */
  set down(down: boolean) {
    this.isDown = down;
    if (!down) for (const group of this.groups.values()) group.wake();
  }

  append(messages: readonly Publication[]): void {
    for (const { topic: name, key, value, headers, time } of messages) {
      const topic = this.topic(name);
      const partition = key === undefined ? this.keyless++ % topic.length : partitionOf(Buffer.from(key), topic.length);
      const lane = topic[partition]!;
      const message = {
        topic: name,
        partition,
        offset: lane.length,
        key,
        value: value && Uint8Array.from(value),
        headers: { ...headers },
        time,
      };
      lane.push({ message, appendedAt: this.clock.now() });
      this.watch.appended?.(message);
    }
    const topics = new Set(messages.map(({ topic }) => topic));
    for (const group of this.groups.values()) group.wake(topics);
  }

  topic(name: string): Stored[][] {
    const topic = this.topics.get(name);
    if (!topic) throw new Fault('topic-missing', `There is no topic "${name}".`);
    return topic;
  }

  /** Every message of a topic, partition by partition. */
  messages(topic: string): readonly LogMessage[] {
    return this.topic(topic)
      .flat()
      .map(({ message }) => message);
  }

  /** Of all groups. */
  positions(): readonly Position[] {
    return [...this.groups.values()].flatMap((group) => group.positions());
  }

  group(name: string): Group {
    let group = this.groups.get(name);
    if (!group) this.groups.set(name, (group = new Group(name, this)));
    return group;
  }
}

/** One process's view of a broker. */
export class MemoryMessageLog implements MessageLog {
  private readonly members = new Set<Member>();
  private reached = true;
  private dead = false;

  constructor(private readonly broker: MemoryBroker) {}

  get reachable(): boolean {
    return this.reached;
  }

  async publish(messages: readonly Publication[]): Promise<void> {
    this.reach();
    for (const { topic } of messages) this.broker.topic(topic);
    const tooLarge = messages.findIndex(({ value }) => (value?.length ?? 0) > LARGEST);
    if (tooLarge >= 0) throw new MessageRejected(tooLarge, `The message has more than ${LARGEST} bytes.`);

    const interrupted = this.broker.faults.publishing?.(messages);
    this.broker.append(messages.slice(0, interrupted?.appended));
    if (interrupted) throw interrupted.error;
  }

  async consume(settings: ConsumerSettings, handle: BatchHandler): Promise<Consumption> {
    this.reach();
    const member = new Member(settings, handle);
    this.broker.group(settings.group).join(member);
    this.members.add(member);
    return member;
  }

  async read(topic: string, partition: number, offset: number, limit: number): Promise<readonly LogMessage[]> {
    this.reach();
    return (this.broker.topic(topic)[partition] ?? []).slice(offset, offset + limit).map(({ message }) => message);
  }

  async ends(topic: string): Promise<readonly number[]> {
    this.reach();
    return this.broker.topic(topic).map(({ length }) => length);
  }

  async backlog(group: string, topics: readonly string[]): Promise<Backlog> {
    this.reach();
    return this.broker.group(group).backlog(topics);
  }

  /** Ends the process in order. */
  async close(): Promise<void> {
    await Promise.all([...this.members].map((member) => member.stop()));
    this.dead = true;
  }

  /** Ends the process at once: what its handlers do from now on is not heard, and it reaches nothing any more. */
  kill(): void {
    this.dead = true;
    for (const member of this.members) member.die();
  }

  private reach(): void {
    this.reached = !this.broker.down && !this.dead;
    if (!this.reached) throw new Fault('log-unreachable', 'The broker is down.');
  }
}

/** A consumer in a group. */
class Member implements Consumption {
  private state: 'running' | 'failing' | 'stopped' = 'running';
  private group: Group | undefined;
  private died: () => void = () => {};
  /** Resolves when the process is no more. */
  readonly death = new Promise<'dead'>((resolve) => {
    this.died = () => resolve('dead');
  });

  constructor(
    readonly settings: ConsumerSettings,
    readonly handle: BatchHandler,
  ) {}

  get healthy(): boolean {
    return this.state === 'running';
  }

  joined(group: Group): void {
    this.group = group;
  }

  tried(succeeded: boolean): void {
    if (this.state !== 'stopped') this.state = succeeded ? 'running' : 'failing';
  }

  async stop(): Promise<void> {
    this.state = 'stopped';
    await this.group?.leave(this);
  }

  die(): void {
    this.died();
    void this.stop();
  }
}

/** A consumer group: what it has committed outlives its members. */
class Group {
  private readonly members: Member[] = [];
  private readonly lanes = new Map<string, Lane[]>();

  constructor(
    readonly name: string,
    readonly broker: MemoryBroker,
  ) {}

  join(member: Member): void {
    const { topics, from } = member.settings;
    for (const topic of topics) this.lanesOf(topic, from);
    this.members.push(member);
    member.joined(this);
    this.wake(topics);
  }

  async leave(member: Member): Promise<void> {
    const at = this.members.indexOf(member);
    if (at >= 0) this.members.splice(at, 1);
    await Promise.all([...this.lanes.values()].flat().map((lane) => lane.released(member)));
    this.wake(member.settings.topics);
  }

  /** The members share the partitions of a topic evenly; one beyond their number is idle. */
  ownerOf(topic: string, partition: number): Member | undefined {
    const interested = this.members.filter(({ settings }) => settings.topics.includes(topic));
    return interested[partition % interested.length];
  }

  wake(topics: Iterable<string> = this.lanes.keys()): void {
    for (const topic of topics) if (this.lanes.has(topic)) for (const lane of this.lanesOf(topic)) lane.wake();
  }

  backlog(topics: readonly string[]): Backlog {
    const waiting = topics.flatMap((topic) =>
      this.broker
        .topic(topic)
        .flatMap((messages, partition) => messages.slice(this.lanes.get(topic)?.[partition]?.committed ?? 0)),
    );
    const oldest = Math.min(...waiting.map(({ appendedAt }) => appendedAt));
    return {
      messages: waiting.length,
      oldestMs: waiting.length === 0 ? 0 : Math.max(0, this.broker.clock.now() - oldest),
    };
  }

  positions(): readonly Position[] {
    return [...this.lanes.values()].flat().map((lane) => lane.position);
  }

  /** A group that is new to a topic begins where it says; partitions that come later are read from their first message. */
  private lanesOf(topic: string, from: ConsumerSettings['from'] = 'earliest'): readonly Lane[] {
    const lanes = this.lanes.get(topic) ?? [];
    const partitions = this.broker.topic(topic);
    for (let partition = lanes.length; partition < partitions.length; partition++) {
      lanes.push(new Lane(this, topic, partition, from === 'latest' ? partitions[partition]!.length : 0));
    }
    this.lanes.set(topic, lanes);
    return lanes;
  }
}

/** A message in as many copies as are due now; `commit` is the offset that the group has got to when they are handled. */
interface Due {
  readonly copies: readonly LogMessage[];
  readonly commit?: number;
}

/** One partition as one group reads it: one batch at a time, whoever of the group handles it. */
class Lane {
  private due: Due[] = [];
  private fetched: number;
  private inHand: { readonly member: Member; readonly done: Promise<void> } | undefined;
  private running = false;

  constructor(
    private readonly group: Group,
    private readonly topic: string,
    private readonly partition: number,
    public committed: number,
  ) {
    this.fetched = committed;
  }

  wake(): void {
    if (this.running) return;
    this.running = true;
    void this.run();
  }

  get position(): Position {
    return { group: this.group.name, topic: this.topic, partition: this.partition, offset: this.committed };
  }

  /** Resolves when this member has nothing of the partition in hand. */
  async released(member: Member): Promise<void> {
    if (this.inHand?.member === member) await this.inHand.done;
  }

  private async run(): Promise<void> {
    for (let work = await this.next(); work; work = await this.next()) await this.handle(work.member, work.batch);
  }

  private async next(): Promise<{ readonly member: Member; readonly batch: readonly Due[] } | undefined> {
    await Promise.resolve();
    const member = this.group.ownerOf(this.topic, this.partition);
    if (member && !this.group.broker.down) this.fetch(member.settings.batchSize);
    const batch = this.due.slice(0, member?.settings.batchSize);
    if (member && !this.group.broker.down && batch.length > 0) return { member, batch };

    this.running = false;
    return undefined;
  }

  private fetch(limit: number): void {
    const messages = this.group.broker.topic(this.topic)[this.partition]!;
    while (this.due.length < limit && this.fetched < messages.length) this.deliver(messages[this.fetched++]!.message);
  }

  private deliver(message: LogMessage): void {
    const { broker, name } = this.group;
    const delays = broker.faults.delivering?.(name, message) ?? [0];
    this.due.push({ copies: delays.filter((delay) => delay <= 0).map(() => message), commit: message.offset + 1 });
    for (const delay of delays.filter((each) => each > 0)) {
      broker.clock.after(delay, () => {
        this.due.push({ copies: [message] });
        this.wake();
      });
    }
  }

  private async handle(member: Member, batch: readonly Due[]): Promise<void> {
    const messages = batch.flatMap(({ copies }) => copies);
    const tried = Promise.race([member.death, succeeds(member.handle, messages)]);
    const done = tried.then((outcome) => {
      if (outcome === 'dead') return this.startOver();
      if (outcome) this.commit(batch);
      return member.tried(outcome);
    });
    this.inHand = { member, done };
    await done;
    this.inHand = undefined;
    if ((await tried) === false) await new Promise<void>((resolve) => this.group.broker.clock.after(RETRY_MS, resolve));
  }

  private commit(batch: readonly Due[]): void {
    const handled = new Set(batch);
    this.due = this.due.filter((due) => !handled.has(due));
    this.committed = Math.max(this.committed, ...batch.map(({ commit }) => commit ?? 0));
    this.group.broker.watch.committed?.(this.position);
  }

  /** The next one begins where the dead one had committed. */
  private startOver(): void {
    this.due = [];
    this.fetched = this.committed;
  }
}

async function succeeds(handle: BatchHandler, messages: readonly LogMessage[]): Promise<boolean> {
  if (messages.length === 0) return true;
  try {
    await handle(messages);
    return true;
  } catch {
    return false;
  }
}

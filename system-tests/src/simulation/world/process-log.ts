import type {
  Backlog,
  BatchHandler,
  ConsumerSettings,
  Consumption,
  LogMessage,
  MessageLog,
  Publication,
} from '@library/shared-kernel/messaging/message-log';
import { Fault } from '@library/shared-kernel/store/fault';
import type { MemoryBroker, MemoryMessageLog } from '@library/shared-kernel/testing/message-log.memory';
import { subjectsOf } from './lurking';
import type { Mortal } from './mortal';

/** Told of what goes through a process's log. */
export interface LogWitness {
  publishes(messages: readonly Publication[]): void;
  handled(group: string, messages: readonly LogMessage[]): void;
}

interface Subscription extends Consumption {
  readonly settings: ConsumerSettings;
  readonly handle: BatchHandler;
  consumption: Consumption | undefined;
}

const unreachable = () => new Fault('log-unreachable', 'The log cannot be reached.');

/** One process's way to the broker, on which messages, answers and the process itself may be lost. */
export class ProcessLog implements MessageLog {
  private client: MemoryMessageLog;
  private readonly subscriptions: Subscription[] = [];
  private isCutOff = false;

  constructor(
    private readonly broker: MemoryBroker,
    private readonly process: Mortal,
    private readonly witness: LogWitness,
  ) {
    this.client = broker.client();
  }

  get reachable(): boolean {
    return !this.isCutOff && this.client.reachable;
  }

  publish(messages: readonly Publication[]): Promise<void> {
    return this.process.lives(async () => {
      const subjects = subjectsOf(messages);
      await this.process.passes('crash.before-publish', subjects);
      if (this.isCutOff) throw unreachable();

      this.witness.publishes(messages);
      const part = this.process.meets('log.partial-publish', subjects);
      await this.client.publish(part ? messages.slice(0, messages.length >> 1) : messages);
      await this.process.passes('crash.after-publish', subjects);
      if (part || this.process.meets('log.unknown-publish', subjects)) throw unreachable();
    });
  }

  async consume(settings: ConsumerSettings, handle: BatchHandler): Promise<Consumption> {
    await this.process.turn();
    if (this.isCutOff) throw unreachable();
    const subscription: Subscription = {
      settings,
      handle: this.handling(settings.group, handle),
      consumption: undefined,
      get healthy() {
        return this.consumption?.healthy ?? false;
      },
      stop: async () => {
        this.subscriptions.splice(this.subscriptions.indexOf(subscription), 1);
        await subscription.consumption?.stop();
      },
    };
    subscription.consumption = await this.client.consume(settings, subscription.handle);
    this.subscriptions.push(subscription);
    return subscription;
  }

  read(topic: string, partition: number, offset: number, limit: number): Promise<readonly LogMessage[]> {
    return this.reach(() => this.client.read(topic, partition, offset, limit));
  }

  ends(topic: string): Promise<readonly number[]> {
    return this.reach(() => this.client.ends(topic));
  }

  backlog(group: string, topics: readonly string[]): Promise<Backlog> {
    return this.reach(() => this.client.backlog(group, topics));
  }

  /** The broker takes it for dead: its partitions go to others, and what it has in hand comes again elsewhere. */
  expel(): void {
    this.client.kill();
    this.client = this.broker.client();
    for (const subscription of this.subscriptions) subscription.consumption = undefined;
  }

  /** Takes part again after it was expelled. Rejects with a Fault when the log cannot be reached. */
  async rejoin(): Promise<void> {
    if (this.isCutOff) throw unreachable();
    for (const subscription of this.subscriptions) {
      subscription.consumption ??= await this.client.consume(subscription.settings, subscription.handle);
    }
  }

  /** Ends in order. */
  async close(): Promise<void> {
    await this.client.close();
  }

  /** The process is no more. */
  die(): void {
    this.client.kill();
  }

  cutOff(): void {
    this.isCutOff = true;
    this.expel();
  }

  reconnect(): void {
    this.isCutOff = false;
  }

  private handling(group: string, handle: BatchHandler): BatchHandler {
    return (batch) =>
      this.process.lives(async () => {
        const subjects = subjectsOf(batch);
        await this.process.holding(subjects, () => handle(batch));
        this.witness.handled(group, batch);
        await this.process.passes('crash.before-offset-commit', subjects);
      });
  }

  private reach<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    return this.process.lives(() => {
      if (this.isCutOff) throw unreachable();
      return ask();
    });
  }
}

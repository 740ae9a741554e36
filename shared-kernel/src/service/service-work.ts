import { Consumer } from '../messaging/consumer';
import type { React } from '../messaging/consumer';
import type { Consumption } from '../messaging/message-log';
import type { Relay } from '../outbox/relay';
import type { LivingRecord } from '../store/records';
import { every } from '../time/every';
import { watchBacklog } from './backlog-metrics';
import { counterOf } from './counter-of';
import { startAll } from './service';
import type { Operations, Start } from './service';
import type { World } from './world';

/** Something that is done again and again: a sweep, a look at what is due. */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  /** Each of several processes of the service does it, because each must know. */
  readonly everywhere?: true;
  readonly run: () => Promise<unknown>;
}

export interface ServiceWorkSettings<Living extends LivingRecord> {
  /** The consumer group: the service's name. */
  readonly group: string;
  readonly topics: readonly string[];
  readonly relay: Relay<Living>;
  readonly react: React<Living>;
  readonly jobs: readonly Job[];
}

const MESSAGES = {
  name: 'library_messages_total',
  help: 'Messages consumed, by what became of them.',
  labelNames: ['group', 'topic', 'outcome'],
};

const BATCH_SIZE = 500;
const SWEEP_MS = 5_000;
const SHORTEST_LEASE_MS = 5_000;
/** Older than any publication under way in a healthy process. */
const FORSAKEN_MS = 10_000;
const RECORDS_A_SWEEP = 500;
const RECORDS_AT_START = 100_000;

/** What a service does beside answering requests: it consumes, publishes, and looks after what is due. */
export class ServiceWork<Living extends LivingRecord> {
  readonly consumer: Consumer<Living>;
  private consumption: Consumption | undefined;

  constructor(
    private readonly world: World,
    private readonly settings: ServiceWorkSettings<Living>,
  ) {
    const { group, relay, react } = settings;
    const messages = counterOf(MESSAGES, world.metrics);
    this.consumer = new Consumer(group, relay.records, react, world.parking, world.clock, (topic, outcome) =>
      messages.inc({ group, topic, outcome }),
    );
  }

  /** Publishes what an earlier process has left, and only then consumes: the old answers go before the new ones. */
  readonly start: Start = () =>
    startAll([this.relaying, this.consuming, ...this.settings.jobs.map((job) => async () => this.repeat(job))]);

  readonly operations: Operations = {
    handleAgain: (message) => this.consumer.handleAgain(message),
    findWaiting: (limit) => this.settings.relay.records.findWaiting(Infinity, limit),
    publishWaiting: (limit) => this.settings.relay.sweep(Infinity, limit),
  };

  /** Why the service is not ready, in one sentence; undefined when it is. */
  readonly notReady = (): string | undefined => {
    const { group } = this.settings;
    if (!this.consumption) return `${group} has not begun to consume.`;
    if (!this.consumption.healthy) return `The consumer of ${group} is not getting on: its last batch failed.`;
    if (!this.world.log.reachable) return 'The message log cannot be reached.';
    return undefined;
  };

  /** Messages that it has not handled yet. */
  async behind(): Promise<number> {
    return (await this.world.log.backlog(this.settings.group, this.settings.topics)).messages;
  }

  /** Whether its group has handled nothing of what its topics hold, of which nothing must have been deleted. */
  async isNew(): Promise<boolean> {
    const ends = await Promise.all(this.settings.topics.map((topic) => this.world.log.ends(topic)));
    const messages = ends.flat().reduce((sum, end) => sum + end, 0);
    return (await this.behind()) >= messages;
  }

  /** Whether its topics still hold all that was ever published to them. */
  async hasWholePast(): Promise<boolean> {
    const { log } = this.world;
    for (const topic of this.settings.topics) {
      for (const [partition, end] of (await log.ends(topic)).entries()) {
        const [first] = end > 0 ? await log.read(topic, partition, 0, 1) : [];
        if (end > 0 && first?.offset !== 0) return false;
      }
    }
    return true;
  }

  private readonly relaying: Start = async () => {
    const { relay } = this.settings;
    relay.start();
    await relay.sweep(Infinity, RECORDS_AT_START);
    const run = () => relay.sweep(this.world.clock.now() - FORSAKEN_MS, RECORDS_A_SWEEP);
    const stopSweeping = this.repeat({ name: 'sweep of the outboxes', everyMs: SWEEP_MS, run });
    return async () => {
      await stopSweeping();
      await relay.stop();
    };
  };

  private readonly consuming: Start = async () => {
    const { group, topics } = this.settings;
    const { log, metrics } = this.world;
    const consumption = await log.consume(
      { group, topics, from: 'earliest', batchSize: BATCH_SIZE },
      this.consumer.handle,
    );
    this.consumption = consumption;
    const stopWatching = watchBacklog(metrics, group, () => log.backlog(group, topics));
    return async () => {
      stopWatching();
      this.consumption = undefined;
      await consumption.stop();
    };
  };

  /**
   * Of several processes of the service one does it, unless each must; another one goes on when that one is no more.
   */
  private repeat({ name, everyMs, run, everywhere }: Job): () => Promise<void> {
    const { clock } = this.world;
    const leases = everywhere ? undefined : this.world.leases;
    const lease = `${this.settings.group}: ${name}`;
    const forMs = Math.max(SHORTEST_LEASE_MS, 2 * everyMs);
    const once = async () => {
      if (!leases || (await leases.take(lease, forMs))) await run();
    };
    const stop = every(clock, everyMs, once, this.failed(lease));
    return async () => {
      await stop();
      await leases?.giveUp(lease).catch((error: unknown) => {
        this.world.logger.warn({ err: error }, `${lease}: the lease could not be given up; it runs out`);
      });
    };
  }

  /** What fails here is tried again soon; an operator should know all the same. */
  private failed(what: string): (error: unknown) => void {
    return (error) => this.world.logger.warn({ err: error }, `${what} failed, and is tried again`);
  }
}

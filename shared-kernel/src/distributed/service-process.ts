import { Counter, Registry } from 'prom-client';
import { SAGA_TOPICS } from '../contracts/topics';
import type { Speaker } from '../http/asyncapi';
import { listen } from '../http/listening';
import type { Listening } from '../http/listening';
import { serviceApp } from '../http/service-app';
import { KafkaMessageLog } from '../kafka/message-log.kafka';
import type { MessageLog } from '../messaging/message-log';
import { noting } from '../messaging/event-records';
import type { EventRecords } from '../messaging/event-records';
import type { Parking } from '../messaging/parking';
import { ReplayParked } from '../messaging/replay-parked';
import type { RefusedEntry } from '../mongodb/archive.mongo';
import type { StuckEntry } from '../mongodb/entry-collection';
import { ServiceDatabase } from '../mongodb/service-database';
import { eventRecordRoutes } from '../operations/event-record-routes';
import { outboxRoutes, publicationRoutes } from '../operations/outbox-routes';
import { parkedRoutes, replayRoutes } from '../operations/parked-routes';
import { DEFAULT_TIMING } from '../saga/timing';
import type { SagaTiming } from '../saga/timing';
import type { Environment } from '../service/environment';
import type { Logger } from '../service/logger';
import type { Service, Stop } from '../service/service';
import { VERSION } from '../service/version';
import type { World } from '../service/world';
import { Fault } from '../store/fault';
import { Calendar } from '../time/calendar';
import type { Clock } from '../time/clock';
import { SystemClock } from '../time/system-clock';
import { kafkaAddress } from './connections';
import { makingTopics } from './parked-topics';

const TRY_AGAIN_AFTER_MS = 1_000;

/** What makes one of the services out of a process that has Kafka and MongoDB. */
export interface Program {
  readonly name: string;
  readonly speaker: Speaker;
  /** Of the service, where the environment names no other. */
  readonly port: number;
  compose(world: World, database: ServiceDatabase): Service;
}

/** What a scenario settles otherwise than it is in earnest. */
export interface Circumstances {
  readonly clock?: Clock;
  readonly timing?: SagaTiming;
  /** Puts something between the service and the log: a scenario's faults. */
  readonly between?: (log: MessageLog) => MessageLog;
}

/**
 * One service in a process of its own. It answers HTTP from the beginning, and says at `/health/ready` what it waits for:
 * MongoDB and Kafka may come later than it, go away, and come back.
 */
export class ServiceProcess {
  private readonly database: ServiceDatabase;
  private readonly log: KafkaMessageLog;
  private readonly parking: Parking;
  private readonly events: EventRecords;
  private readonly service: Service;
  private readonly metrics = new Registry();
  private readonly stuck = new Counter({
    name: 'library_stuck_entries_total',
    help: 'Entries that the database refuses for their own sake, so that they stay in their records.',
    registers: [this.metrics],
  });
  private readonly clock: Clock;
  private waitsFor: string | undefined = 'It is just starting.';
  private listening: Listening | undefined;
  private working: Promise<Stop | undefined> | undefined;
  private stopping = false;

  constructor(
    private readonly program: Program,
    private readonly environment: Environment,
    private readonly logger: Logger,
    private readonly circumstances: Circumstances = {},
  ) {
    const { name, speaker } = program;
    const { clock = new SystemClock() } = circumstances;
    this.clock = clock;
    this.log = new KafkaMessageLog({
      ...kafkaAddress(environment, name),
      clock,
      random: Math.random,
      logger,
      onFailure: (error) => logger.warn({ err: error }, 'The message log failed in the background, and is tried again'),
    });
    this.database = ServiceDatabase.open(environment.MONGO_URL!, `${environment.MONGO_DATABASE}_${speaker}`, {
      clock,
      zone: environment.LIBRARY_ZONE,
      allowStandalone: environment.MONGO_ALLOW_STANDALONE,
      waiting: (fault) => this.waitFor(fault),
      refuse: (refused) => this.park(refused),
      stays: (stuck) => this.tellOf(stuck),
      driver: { appName: name },
    });
    this.parking = this.database.parking(makingTopics(this.log));
    this.events = this.database.eventRecords();
    this.service = program.compose(this.world(), this.database);
  }

  /** Answers the port on which it listens; rejects when it cannot. What it waits for then, it waits for in the background. */
  async start(onFailure: (error: unknown) => void): Promise<number> {
    const { HTTP_HOST: host, HTTP_PORT: port } = this.environment;
    this.listening = await listen(this.app(), { host, port });
    this.working = this.work().catch((error: unknown) => {
      if (!this.stopping) onFailure(error);
      return undefined;
    });
    return this.listening.port;
  }

  /** Takes nothing new, finishes what is in hand within the budget, hands back the rest, and hangs up. */
  async stop(budgetMs: number): Promise<void> {
    this.stopping = true;
    this.waitsFor = 'It is stopping.';
    await this.listening?.stop(budgetMs / 2);
    const stopService = await Promise.race([this.working, pause(budgetMs / 4).then(() => undefined)]);
    await stopService?.();
    await this.log.close();
    await this.database.close();
  }

  private async work(): Promise<Stop | undefined> {
    await this.database.start();
    await this.whenReached(() => this.topicsThere());
    const stop = await this.whenReached(() => this.service.start());
    if (!stop) return undefined;
    this.waitsFor = undefined;
    this.logger.info({}, 'Everything is there, and the service works');
    return stop;
  }

  /** Begins it again for as long as something cannot be reached, and says what. Undefined when the process is to stop before. */
  private async whenReached<Answer>(begin: () => Promise<Answer>): Promise<Answer | undefined> {
    while (!this.stopping) {
      try {
        return await begin();
      } catch (error) {
        if (!(error instanceof Fault) || !error.retryable) throw error;
        this.waitFor(error);
      }
      await pause(TRY_AGAIN_AFTER_MS);
    }
    return undefined;
  }

  private async topicsThere(): Promise<void> {
    await this.log.createTopics(SAGA_TOPICS, undefined, this.environment.KAFKA_REPLICAS);
    for (const problem of await this.log.findTopicProblems(SAGA_TOPICS)) this.logger.warn({}, problem);
  }

  private waitFor(fault: Fault): void {
    if (this.stopping || this.waitsFor === fault.message) return;
    this.waitsFor = fault.message;
    this.logger.warn({ code: fault.code }, `Waiting: ${fault.message}`);
  }

  /** What the archive refuses for its own sake lies with the parked messages, so that its record can go on. */
  private async park({ record, entry: { kind, id, document }, error }: RefusedEntry): Promise<void> {
    const now = this.clock.now();
    const message = {
      topic: `${kind}.archive`,
      partition: -1,
      offset: -1,
      key: record,
      value: Buffer.from(JSON.stringify(document)),
      headers: { ce_id: `${kind}:${id}` },
      time: now,
    };
    await this.parking.park(this.program.name, message, 'rejected', (error as Error).message, now);
    this.logger.error({ kind, id, err: error }, 'The archive refuses an entry for its own sake; it is parked');
  }

  private tellOf({ record, entry: { key }, error }: StuckEntry): void {
    this.stuck.inc();
    this.logger.error({ record, key, err: error }, 'MongoDB refuses an entry for its own sake; it stays in its record');
  }

  private world(): World {
    const { clock, logger, log, metrics } = this;
    const { timing = DEFAULT_TIMING, between } = this.circumstances;
    return {
      clock,
      calendar: new Calendar(this.environment.LIBRARY_ZONE),
      timing,
      log: noting(between?.(log) ?? log, this.events, clock),
      parking: this.parking,
      leases: this.database.leases(),
      logger,
      metrics,
    };
  }

  private app() {
    const { service, clock, log, database, logger, parking, events } = this;
    const handlers = { get: () => service.operations.handleAgain.bind(service.operations) };
    const routes = [
      ...service.routes,
      ...parkedRoutes(parking),
      ...replayRoutes(new ReplayParked(parking, handlers, log, clock)),
      ...outboxRoutes([service], clock),
      ...publicationRoutes([service]),
      ...eventRecordRoutes(events, service, log, clock),
    ];
    return serviceApp(
      {
        name: service.name,
        version: VERSION,
        summary: service.summary,
        routes,
        health: {
          service: () => this.waitsFor ?? service.notReady() ?? 'ok',
          storage: () => database.health(),
        },
        metrics: [this.metrics],
        speakers: [this.program.speaker],
      },
      { clock, log: logger },
    );
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

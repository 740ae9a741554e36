import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { join } from 'node:path';
import { Kafka } from '@library/infra/kafka';
import { MongoServer } from '@library/infra/mongo-server';
import { TcpProxy } from '@library/infra/tcp-proxy';
import { verifyDistributed } from '@library/standalone/verify/verify-distributed';
import { LibraryProcesses } from '@library/infra/library-processes';
import { Deck } from './deck';
import { FAULTS, PACK } from './faults';
import type { FaultName, Patient } from './faults';
import type { Check, Injury, Target } from './target';

export interface DistributedSettings {
  /** Holds the brokers' logs, and what the services say. */
  readonly folder: string;
  readonly brokers: 1 | 3;
  /** Of each service. */
  readonly instances: number;
  /** How long the database is out of reach, the first time; a process is frozen for twice as long. */
  readonly outageMs: number;
}

const DATABASE = 'kill_test';
const ZONE = 'Asia/Seoul';
/** More would leave a service without anybody for most of the time, which tests little. */
const MOST_BROKEN_AT_ONCE = 3;

/** Processes of each service on brokers and a database of their own, all of which can be broken. */
export class DistributedTarget implements Target {
  /** Beyond the two minutes after which silence is an answer. */
  readonly settlesWithinMs = 300_000;
  private readonly deck = new Deck<FaultName>(PACK);
  private readonly mending = new Set<Promise<void>>();
  private readonly unmended: unknown[] = [];
  private readonly seen = new Set<FaultName>();

  private constructor(
    private readonly settings: DistributedSettings,
    private readonly kafka: Kafka,
    private readonly mongo: MongoServer,
    private readonly database: TcpProxy,
    private readonly library: LibraryProcesses,
    private readonly said: WriteStream,
  ) {}

  static async start(settings: DistributedSettings): Promise<DistributedTarget> {
    const { folder, brokers, instances } = settings;
    const mongo = await MongoServer.start({ folder });
    const database = await TcpProxy.to('127.0.0.1', mongo.port);
    const kafka = await Kafka.start({ folder, brokers, proxied: true });
    const said = createWriteStream(join(folder, 'services.log'));
    const library = await LibraryProcesses.start({
      brokers: kafka.brokers,
      mongoUrl: `mongodb://${database.address}`,
      database: DATABASE,
      instances,
      environment: { LIBRARY_ZONE: ZONE },
      log: (service, line) => said.write(`${service} ${line}\n`),
    });
    return new DistributedTarget(settings, kafka, mongo, database, library, said);
  }

  get origin(): string {
    return this.library.origin;
  }

  async hurt(): Promise<Injury> {
    while (this.mending.size >= MOST_BROKEN_AT_ONCE) await Promise.race(this.mending);
    const fault = this.deck.deal();
    // A long outage shows what the next ones would show again.
    const outageMs = this.seen.has(fault) ? this.settings.outageMs / 10 : this.settings.outageMs;
    this.seen.add(fault);
    const patient: Patient = {
      kafka: this.kafka,
      database: this.database,
      library: this.library,
      outageMs,
      mendLater: (mended) => this.mendLater(mended),
    };
    return { fault, told: await FAULTS[fault](patient) };
  }

  async heal(): Promise<void> {
    await Promise.all(this.mending);
    if (this.unmended.length > 0) throw this.unmended[0];
    await this.library.ready(this.settlesWithinMs);
  }

  async verify(): Promise<readonly Check[]> {
    const address = {
      mongoUrl: this.mongo.url,
      database: DATABASE,
      kafka: { brokers: this.kafka.brokers },
    };
    return (await verifyDistributed(address, { zone: ZONE })).checks;
  }

  async stop(): Promise<readonly string[]> {
    const unwilling = await this.library.stop();
    await this.endInfrastructure();
    return unwilling;
  }

  async abandon(): Promise<void> {
    await this.library.kill();
    await this.endInfrastructure();
  }

  private mendLater(mended: Promise<void>): void {
    const noted = mended
      .catch((error: unknown) => void this.unmended.push(error))
      .finally(() => this.mending.delete(noted));
    this.mending.add(noted);
  }

  private async endInfrastructure(): Promise<void> {
    await this.kafka.stop();
    await this.database.close();
    await this.mongo.stop();
    this.said.end();
  }
}

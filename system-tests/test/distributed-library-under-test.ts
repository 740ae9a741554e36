import { bestBookProgram } from '@library/bestbook-service/program';
import { bookProgram } from '@library/book-service/program';
import { Gateway } from '@library/infra/gateway';
import { throwAway, variablesOf } from '@library/infra/whereabouts';
import { memberProgram } from '@library/member-service/program';
import { rentalProgram } from '@library/rental-service/program';
import { kafkaAddress } from '@library/shared-kernel/distributed/connections';
import { ServiceProcess } from '@library/shared-kernel/distributed/service-process';
import { KafkaMessageLog } from '@library/shared-kernel/kafka/message-log.kafka';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { readEnvironment } from '@library/shared-kernel/service/environment';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { SILENT } from './library-under-test';
import { newWhereabouts, unsoundAt } from './on-servers';
import { eventually, Pliable } from './over-http';
import type { Settings } from './over-http';

const PROGRAMS = [rentalProgram, bookProgram, memberProgram, bestBookProgram];
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 4_000;

interface Running {
  readonly service: ServiceProcess;
  readonly name: string;
  readonly origin: string;
}

/**
 * The four services on Kafka and MongoDB, each as if it were alone in its process, behind one origin. Their patience is that
 * of earnest: a hundred requests at once on a busy machine take longer than a hurried saga waits.
 */
export class DistributedLibraryUnderTest extends Pliable {
  readonly clock = new SystemClock();
  readonly log: KafkaMessageLog;
  private readonly whereabouts = newWhereabouts();
  private readonly environment = readEnvironment({ ...variablesOf(this.whereabouts), HTTP_PORT: '0' });
  private running: readonly Running[] = [];
  private gateway: Gateway | undefined;

  private constructor(private readonly settings: Settings) {
    super();
    this.log = new KafkaMessageLog({
      ...kafkaAddress(this.environment, 'somebody'),
      clock: this.clock,
      random: Math.random,
      logger: SILENT,
      onFailure: () => undefined,
    });
  }

  static async start(settings: Settings = {}): Promise<DistributedLibraryUnderTest> {
    const library = new DistributedLibraryUnderTest(settings);
    await library.begin();
    return library;
  }

  port(service: string): number {
    const running = this.running.find(({ name }) => name === service);
    return Number(new URL(running?.origin ?? this.gateway!.origin).port);
  }

  unsound(): Promise<readonly string[]> {
    return unsoundAt(this.whereabouts, this.settings.timing);
  }

  async begin(): Promise<void> {
    this.gateway = await Gateway.start((service) =>
      this.running.flatMap(({ name, origin }) => (name === service ? [origin] : [])),
    );
    this.running = await Promise.all(PROGRAMS.map((program) => this.run(program)));
    await eventually(async () => {
      const { status, body } = await this.get('/health/ready');
      if (status !== 200) throw new Error(body.detail);
    }, READY_WITHIN_MS);
  }

  async pause(): Promise<void> {
    const { running, gateway } = this;
    this.running = [];
    this.gateway = undefined;
    await gateway?.stop();
    await Promise.all(running.map(({ service }) => service.stop(STOPPED_WITHIN_MS)));
  }

  async stop(): Promise<void> {
    await this.pause();
    await this.log.close();
    await throwAway(this.whereabouts);
  }

  private async run(program: (typeof PROGRAMS)[number]): Promise<Running> {
    const { clock } = this;
    const { timing = DEFAULT_TIMING, between, logger = SILENT } = this.settings;
    const service = new ServiceProcess(program, this.environment, logger, {
      clock,
      timing,
      ...(between === undefined ? {} : { between }),
    });
    const port = await service.start((error) => {
      throw error;
    });
    return { service, name: program.name, origin: `http://127.0.0.1:${port}` };
  }
}

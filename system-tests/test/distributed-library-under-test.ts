import { bestBookProgram } from '@library/bestbook-service/program';
import { bookProgram } from '@library/book-service/program';
import { Gateway, SERVICES } from '@library/infra/gateway';
import type { ServiceName } from '@library/infra/gateway';
import { throwAway, variablesOf } from '@library/infra/whereabouts';
import type { Whereabouts } from '@library/infra/whereabouts';
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

/** One instance of a service. */
export interface Running {
  readonly service: ServiceProcess;
  readonly name: string;
  readonly origin: string;
}

interface DistributedSettings extends Settings {
  /** The servers; those of this run when absent. */
  readonly whereabouts?: Required<Whereabouts>;
  /** Of each service; one when absent. */
  readonly instances?: number;
}

/** What one instance has otherwise than the others. */
interface Otherwise extends Pick<Settings, 'timing' | 'between'> {
  readonly variables?: Readonly<Record<string, string>>;
}

/**
 * The four services on Kafka and MongoDB, each as if it were alone in its process, behind one origin. Their patience is that
 * of earnest: a hundred requests at once on a busy machine take longer than a hurried saga waits.
 */
export class DistributedLibraryUnderTest extends Pliable {
  readonly clock = new SystemClock();
  readonly log: KafkaMessageLog;
  readonly whereabouts: Required<Whereabouts>;
  private readonly variables: Readonly<Record<string, string>>;
  private running: readonly Running[] = [];
  private gateway: Gateway | undefined;

  private constructor(private readonly settings: DistributedSettings) {
    super();
    this.whereabouts = settings.whereabouts ?? newWhereabouts();
    this.variables = { ...variablesOf(this.whereabouts), HTTP_PORT: '0' };
    this.log = new KafkaMessageLog({
      ...kafkaAddress(readEnvironment(this.variables), 'somebody'),
      clock: this.clock,
      random: Math.random,
      logger: SILENT,
      onFailure: () => undefined,
    });
  }

  static async start(settings: DistributedSettings = {}): Promise<DistributedLibraryUnderTest> {
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
    const instances = Array.from({ length: this.settings.instances ?? 1 });
    await Promise.all(SERVICES.flatMap((service) => instances.map(() => this.add(service))));
    await this.ready();
  }

  /** Resolves when every instance is ready. */
  ready(): Promise<void> {
    return eventually(async () => {
      const { status, body } = await this.get('/health/ready');
      if (status !== 200) throw new Error(body.detail);
    }, READY_WITHIN_MS);
  }

  /** The instances of a service, in the order in which they came. */
  instances(name: ServiceName): readonly Running[] {
    return this.running.filter((running) => running.name === name);
  }

  /** One more instance; resolves when it listens, which is before it is ready. */
  async add(name: ServiceName, otherwise: Otherwise = {}): Promise<Running> {
    const running = await this.run(
      PROGRAMS.find((program) => program.name === name)!,
      otherwise,
    );
    this.running = [...this.running, running];
    return running;
  }

  /** Ends one instance as SIGTERM does. */
  async remove(gone: Running): Promise<void> {
    this.running = this.running.filter((running) => running !== gone);
    await gone.service.stop(STOPPED_WITHIN_MS);
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

  private async run(program: (typeof PROGRAMS)[number], otherwise: Otherwise): Promise<Running> {
    const { clock } = this;
    const { timing = DEFAULT_TIMING, between, logger = SILENT } = { ...this.settings, ...otherwise };
    const environment = readEnvironment({ ...this.variables, ...otherwise.variables });
    const service = new ServiceProcess(program, environment, logger, {
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

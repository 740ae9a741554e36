import { Gateway, SERVICES } from './gateway';
import type { ServiceName } from './gateway';
import { ServiceInstance } from './service-instance';
import { variablesOf } from './whereabouts';
import type { Whereabouts } from './whereabouts';

export interface ProcessesSettings extends Whereabouts {
  /** Of each service. */
  readonly instances?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Told each line that a process logs. */
  readonly log?: (service: ServiceName, line: string) => void;
}

/** The library as it runs in earnest: every service in processes of its own, behind one origin. */
export class LibraryProcesses {
  private readonly running = new Set<ServiceInstance>();
  private gateway!: Gateway;

  private constructor(private readonly settings: ProcessesSettings) {}

  /** Resolves when every instance is ready. Leaves nothing running when it rejects. */
  static async start(settings: ProcessesSettings): Promise<LibraryProcesses> {
    const library = new LibraryProcesses(settings);
    try {
      library.gateway = await Gateway.start((service) => library.answering(service).map(({ origin }) => origin));
      const many = Array.from({ length: settings.instances ?? 1 });
      const adding = SERVICES.flatMap((service) => many.map(() => library.add(service)));
      // Not before all of them are there, or have failed: one that still comes could not be ended.
      await Promise.allSettled(adding);
      await Promise.all(adding);
      return library;
    } catch (error) {
      await library.kill();
      throw error;
    }
  }

  /** All services on one origin, each instance in turn. */
  get origin(): string {
    return this.gateway.origin;
  }

  instances(service: ServiceName): readonly ServiceInstance[] {
    return this.all.filter((instance) => instance.service === service);
  }

  /** Those that run now. */
  get all(): readonly ServiceInstance[] {
    return [...this.running].filter(({ runs }) => runs);
  }

  /** Those to which requests go: a paused one would be found out by whoever asks after its health. */
  private answering(service: ServiceName): readonly ServiceInstance[] {
    return this.instances(service).filter(({ isPaused }) => !isPaused);
  }

  /** One more instance; requests come to it as soon as it listens. Resolves when it is ready. */
  async add(service: ServiceName): Promise<ServiceInstance> {
    const instance = await this.begin(service);
    await instance.ready();
    return instance;
  }

  /** One more instance, which may have to wait for what it needs. Resolves when it listens. */
  async begin(service: ServiceName): Promise<ServiceInstance> {
    const { environment, log } = this.settings;
    const instance = await ServiceInstance.start(service, {
      environment: { ...variablesOf(this.settings), LOG_LEVEL: 'warn', ...environment },
      ...(log === undefined ? {} : { log: (line: string) => log(service, line) }),
    });
    this.running.add(instance);
    return instance;
  }

  /** Resolves when every instance is ready. */
  async ready(withinMs?: number): Promise<void> {
    await Promise.all(this.all.map((instance) => instance.ready(withinMs)));
  }

  /** As SIGTERM does. Answers the instances that did not end with 0, by what they said. */
  async stop(): Promise<readonly string[]> {
    const stopped = await Promise.all(this.all.map(async (instance) => ({ instance, ending: await instance.stop() })));
    await this.gateway?.stop();
    return stopped
      .filter(({ ending }) => ending.code !== 0)
      .map(
        ({ instance, ending }) =>
          `${instance.service} ended with ${ending.signal ?? ending.code} when asked to stop.\n${instance.said}`,
      );
  }

  /** Everything at once, as when the machine is gone. */
  async kill(): Promise<void> {
    await Promise.all(this.all.map((instance) => instance.kill()));
    await this.gateway?.stop();
  }
}

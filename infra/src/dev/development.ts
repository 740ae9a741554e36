import { Gateway, SERVICES } from '../gateway';
import { InfraFailure } from '../infra-failure';
import { assertFree } from '../ports';
import { KeptService } from './kept-service';
import { understood } from './log-lines';
import type { Said } from './log-lines';
import { provideDevServers } from './servers';
import type { DevServers, Environment } from './servers';

export interface Asked {
  /** Of the whole library; the services get the four after it. 0 takes any free ones. */
  readonly port: number;
  readonly docker: boolean;
}

export type Tell = (speaker: string, said: Said) => void;

/** What `npm run dev` has started, and how it ends: services first, then what they stand on. */
export class Development {
  private servers: DevServers | undefined;
  private gateway: Gateway | undefined;
  private services: readonly KeptService[] = [];

  constructor(
    private readonly asked: Asked,
    private readonly environment: Environment,
    private readonly tell: Tell,
  ) {}

  /** Resolves when the servers are there and the services have been begun. */
  async start(): Promise<void> {
    const ports = await this.ports();
    const { environment, asked } = this;
    const say = (message: string) => this.tell('dev', { level: 'info', message });

    this.servers = await provideDevServers(environment, asked, say);
    const { sentence, variables } = this.servers;
    say(`Kafka and MongoDB are there. ${sentence}`);
    const there = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    if (there.length > 0) say(`For programs of your own: MODE=distributed ${there.join(' ')}`);

    this.services = SERVICES.map((service) => this.keep(service, ports[service]!, variables));
    const origins = (name: string) =>
      this.services.flatMap((kept) => (kept.service === name ? (kept.origin ?? []) : []));
    this.gateway = await Gateway.start(origins, ports['gateway']);
  }

  /** Resolves with the origin of the whole library when every service is ready. */
  async ready(): Promise<string> {
    await Promise.all(this.services.map(({ ready }) => ready));
    return this.gateway!.origin;
  }

  async stop(): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop()));
    await this.gateway?.stop();
    await this.servers?.stop();
  }

  async kill(): Promise<void> {
    await Promise.all(this.services.map((service) => service.kill()));
    await this.servers?.kill();
  }

  private keep(
    service: KeptService['service'],
    port: number,
    variables: Readonly<Record<string, string>>,
  ): KeptService {
    return new KeptService(
      service,
      {
        environment: { ...variables, MODE: 'distributed', HTTP_PORT: String(port) },
        log: (line) => this.tell(service, understood(line)),
      },
      (level, message) => this.tell(service, { level, message }),
    );
  }

  /** Of the gateway and of each service; 0 stands for any. Rejects when another program has one of them. */
  private async ports(): Promise<Readonly<Record<string, number>>> {
    const { port } = this.asked;
    const ports = Object.fromEntries(['gateway', ...SERVICES].map((name, at) => [name, port === 0 ? 0 : port + at]));
    if (port === 0) return ports;
    for (const [name, wanted] of Object.entries(ports)) {
      await assertFree(wanted).catch((error: unknown) => {
        throw new InfraFailure(`${name}: ${(error as Error).message} (--port moves all five of them.)`);
      });
    }
    return ports;
  }
}

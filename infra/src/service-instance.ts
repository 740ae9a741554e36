import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { healthOf } from './gateway';
import type { ServiceName } from './gateway';
import { InfraFailure } from './infra-failure';
import { ROOT } from './local-folder';
import { ServingProcess } from './serving-process';
import type { Ending } from './serving-process';

const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;

export interface InstanceSettings {
  /** Added to those of this process; `HTTP_PORT` 0, the default, takes a free one. */
  readonly environment: Readonly<Record<string, string>>;
  /** Told each line of its log. */
  readonly log?: (line: string) => void;
}

/** One process of a service, as it was compiled: `<service>/dist/main.js`. It ends with this process, however that ends. */
export class ServiceInstance {
  private paused = false;
  private settled = false;

  private constructor(
    readonly service: ServiceName,
    /** `http://host:port`. */
    readonly origin: string,
    private readonly process: ServingProcess,
  ) {}

  /** Resolves when it listens, which is before it is ready; rejects with what it said when it ends instead. */
  static async start(service: ServiceName, { environment, log }: InstanceSettings): Promise<ServiceInstance> {
    const program = join(ROOT, service, 'dist', 'main.js');
    const started = ServingProcess.start(service, process.execPath, ['--enable-source-maps', program], {
      // oxlint-disable-next-line node/no-process-env -- a program that is started gets the environment of whoever starts it
      env: { ...process.env, HTTP_PORT: '0', ...environment },
      ...(log === undefined ? {} : { log }),
    });
    return new ServiceInstance(service, await started.listens(), started);
  }

  /** Resolves when it has ended, whoever ended it. */
  get ended(): Promise<Ending> {
    return this.process.ended;
  }

  get pid(): number {
    return this.process.pid!;
  }

  get runs(): boolean {
    return this.process.runs;
  }

  get isPaused(): boolean {
    return this.paused;
  }

  /** Whether `ready` has ever resolved. */
  get wasReady(): boolean {
    return this.settled;
  }

  /** Resolves when it says that it is ready; rejects with what it waits for, or has said in the end. */
  async ready(withinMs = READY_WITHIN_MS): Promise<void> {
    const until = Date.now() + withinMs;
    for (;;) {
      const said = await healthOf(this.origin);
      if (said === 'ok') {
        this.settled = true;
        return;
      }
      if (!this.runs) throw new InfraFailure(`${this.service} ended before it was ready.\n${this.said}`);
      if (Date.now() > until) {
        throw new InfraFailure(`${this.service} was not ready after ${withinMs / 1_000} s. ${said}\n${this.said}`);
      }
      await pause(LOOK_EVERY_MS);
    }
  }

  /** `kill -9`: nothing of it runs any more, whatever it was doing. Works on a paused one too. */
  kill(): Promise<void> {
    return this.process.kill();
  }

  /** It keeps its connections and answers nothing, until it is resumed. */
  pause(): void {
    this.process.signal('SIGSTOP');
    this.paused = true;
  }

  resume(): void {
    this.process.signal('SIGCONT');
    this.paused = false;
  }

  /** Asks it to stop, and ends it when it does not. */
  stop(): Promise<Ending> {
    this.resume();
    return this.process.stop();
  }

  /** The end of what it has said. */
  get said(): string {
    return this.process.said;
  }
}

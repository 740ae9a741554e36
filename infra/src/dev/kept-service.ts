import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '../gateway';
import { InfraFailure } from '../infra-failure';
import { ServiceInstance } from '../service-instance';
import type { InstanceSettings } from '../service-instance';
import type { Ending } from '../serving-process';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** Whoever has lived so long does not end at each start. */
const LIVES_MS = 30_000;

/** A service that is started again whenever it ends, as it would be where it runs in earnest; less and less eagerly. */
export class KeptService {
  /** Resolves when it is ready for the first time. */
  readonly ready: Promise<void>;
  private instance: ServiceInstance | undefined;
  private readonly kept: Promise<void>;
  private readonly stopping = new AbortController();
  private becameReady!: () => void;

  constructor(
    readonly service: ServiceName,
    private readonly settings: InstanceSettings,
    private readonly tell: (level: 'info' | 'warn', message: string) => void,
  ) {
    this.ready = new Promise((resolve) => (this.becameReady = resolve));
    this.kept = this.keep();
  }

  /** `http://host:port`; undefined while it does not run. */
  get origin(): string | undefined {
    return this.instance?.runs ? this.instance.origin : undefined;
  }

  /** Asks it to finish what is in hand; resolves when it has ended, and is not started again. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.kept;
  }

  async kill(): Promise<void> {
    this.stopping.abort();
    await this.instance?.kill();
    await this.kept;
  }

  private async keep(): Promise<void> {
    const { signal } = this.stopping;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      const begun = Date.now();
      const said = await this.live();
      if (signal.aborted) return;
      if (Date.now() - begun > LIVES_MS) waitMs = FIRST_WAIT_MS;
      this.tell('warn', `${said} It is started again in ${waitMs / 1_000} s.`);
      await pause(waitMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  /** Answers how it came to its end. */
  private async live(): Promise<string> {
    let instance: ServiceInstance;
    try {
      this.instance = instance = await ServiceInstance.start(this.service, this.settings);
    } catch (error) {
      if (!(error instanceof InfraFailure)) throw error;
      // Why, it has said itself.
      return 'It ended before it listened.';
    }
    const stop = () => void instance.stop();
    this.stopping.signal.addEventListener('abort', stop);
    if (this.stopping.signal.aborted) stop();
    void this.tellWhenReady(instance);
    const ending = await instance.ended;
    this.stopping.signal.removeEventListener('abort', stop);
    return howItEnded(ending);
  }

  private async tellWhenReady(instance: ServiceInstance): Promise<void> {
    try {
      await instance.ready(Number.POSITIVE_INFINITY);
    } catch {
      // It has ended, which is told by whoever waits for that.
      return;
    }
    this.tell('info', `Ready at ${instance.origin}`);
    this.becameReady();
  }
}

function howItEnded({ code, signal }: Ending): string {
  return signal === null ? `It ended with code ${code}.` : `${signal} has ended it.`;
}

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { healthOf } from './gateway';
import type { ServiceName } from './gateway';
import { InfraFailure } from './infra-failure';
import { endWithUs } from './server-process';

const ROOT = join(__dirname, '..', '..');
const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;
const LINES_KEPT = 50;
/** Beyond the budget that a service has for stopping. */
const STOP_WITHIN_MS = 15_000;

export interface InstanceSettings {
  /** Added to those of this process; `HTTP_PORT` 0, the default, takes a free one. */
  readonly environment: Readonly<Record<string, string>>;
  /** Told each line of its log. */
  readonly log?: (line: string) => void;
}

/** How a process ended: with a code of its own, or by a signal. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One process of a service, as it was compiled: `<service>/dist/main.js`. It ends with this process, however that ends. */
export class ServiceInstance {
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<Ending>;
  private ending: Ending | undefined;
  private paused = false;
  private settled = false;

  private constructor(
    readonly service: ServiceName,
    /** `http://host:port`. */
    readonly origin: string,
    private readonly child: ChildProcess,
    private readonly lastLines: readonly string[],
  ) {
    this.ended = endingOf(child);
    void this.ended.then((ending) => (this.ending = ending));
  }

  /** Resolves when it listens, which is before it is ready; rejects with what it said when it ends instead. */
  static async start(service: ServiceName, { environment, log }: InstanceSettings): Promise<ServiceInstance> {
    const program = join(ROOT, service, 'dist', 'main.js');
    const child = spawn(process.execPath, ['--enable-source-maps', program], {
      // oxlint-disable-next-line node/no-process-env -- a program that is started gets the environment of whoever starts it
      env: { ...process.env, HTTP_PORT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C is for whoever has started it: they end it in order.
      detached: true,
    });
    const lines: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > LINES_KEPT) lines.shift();
      log?.(line);
    });
    const origin = originSaidBy(child);
    if (child.pid !== undefined) endWithUs(child);
    return new ServiceInstance(service, await whereItListens(service, child, origin, lines), child, lines);
  }

  get pid(): number {
    return this.child.pid!;
  }

  get runs(): boolean {
    return this.ending === undefined;
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
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** It keeps its connections and answers nothing, until it is resumed. */
  pause(): void {
    this.child.kill('SIGSTOP');
    this.paused = true;
  }

  resume(): void {
    this.child.kill('SIGCONT');
    this.paused = false;
  }

  /** Asks it to stop, and ends it when it does not. */
  async stop(): Promise<Ending> {
    this.resume();
    this.child.kill('SIGTERM');
    const late = setTimeout(() => this.child.kill('SIGKILL'), STOP_WITHIN_MS);
    const ending = await this.ended;
    clearTimeout(late);
    return ending;
  }

  /** The end of its log. */
  get said(): string {
    return this.lastLines.join('\n');
  }
}

function endingOf(child: ChildProcess): Promise<Ending> {
  const { exitCode, signalCode } = child;
  if (exitCode !== null || signalCode !== null) return Promise.resolve({ code: exitCode, signal: signalCode });
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
}

async function whereItListens(
  service: ServiceName,
  child: ChildProcess,
  origin: Promise<string | undefined>,
  lines: readonly string[],
): Promise<string> {
  const said = await origin;
  if (said !== undefined) return said;
  const { code } = await endingOf(child);
  throw new InfraFailure(`${service} ended with code ${code} before it listened. It said:\n${lines.join('\n')}`);
}

/** Undefined when it ends without having said it. */
function originSaidBy(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (line) => {
      const [, origin] = / listens on (http:\/\/\S+)/.exec(line) ?? [];
      if (origin !== undefined) resolve(origin);
    });
    // Whatever it has still to say about it comes before both of its outputs end.
    child.once('close', () => resolve(undefined));
  });
}

import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { createInterface } from 'node:readline';
import { InfraFailure } from './infra-failure';
import { endWithUs } from './server-process';

const READY_WITHIN_MS = 60_000;
/** Beyond the budget that the library and its services have for stopping. */
const STOP_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 100;
const LINES_KEPT = 50;

export interface ServingOptions extends Pick<SpawnOptions, 'uid' | 'gid' | 'env'> {
  /** Told each line that it writes to stderr. */
  readonly log?: (line: string) => void;
}

/** How a process ended: with a code of its own, or by a signal. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that serves. It ends with this process, however that ends. */
export class ServingProcess {
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<Ending>;
  /** After that: everything that it has said was heard. */
  private readonly closed: Promise<void>;
  private ending: Ending | undefined;
  private origin: string | undefined;
  private readonly lines: string[] = [];
  private lookAgain = (): void => undefined;

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
    log: ServingOptions['log'],
  ) {
    child.on('error', ({ message }) => this.hear(message));
    createInterface({ input: child.stdout! }).on('line', (line) => this.hear(line));
    createInterface({ input: child.stderr! }).on('line', (line) => {
      this.hear(line);
      log?.(line);
    });
    // What could not be started has no exit.
    this.ended = new Promise((resolve) => {
      for (const event of ['exit', 'close'])
        child.once(event, (code: Ending['code'], signal: Ending['signal']) => resolve({ code, signal }));
    });
    void this.ended.then((ending) => (this.ending = ending));
    this.closed = new Promise((resolve) => child.once('close', () => resolve()));
    if (child.pid !== undefined) endWithUs(child);
  }

  /** `name` is what its failures call it. */
  static start(
    name: string,
    command: string,
    args: readonly string[],
    { log, ...options }: ServingOptions = {},
  ): ServingProcess {
    // Ctrl-C is for whoever has started it: they end it in order.
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    return new ServingProcess(name, child, log);
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  get runs(): boolean {
    return this.ending === undefined;
  }

  /** The end of what it has said. */
  get said(): string {
    return this.lines.join('\n');
  }

  /** Resolves with the origin of which it says that it is there. Where it rejects, as `until` does, nothing of it runs. */
  async listens(withinMs?: number): Promise<string> {
    try {
      return await this.until(() => this.origin, withinMs);
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /** Resolves with what `look` finds as soon as it finds something; rejects with what it said when it ends before, or takes too long. */
  async until<Found>(
    look: () => Promise<Found | undefined> | Found | undefined,
    withinMs = READY_WITHIN_MS,
  ): Promise<Found> {
    const giveUp = Date.now() + withinMs;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (this.ending !== undefined) {
        await this.closed;
        const { code, signal } = this.ending;
        throw new InfraFailure(
          `${this.name} ended with ${signal ?? `code ${code}`} before it served. It said:\n${this.said}`,
        );
      }
      if (Date.now() > giveUp)
        throw new InfraFailure(`${this.name} did not serve after ${withinMs / 1_000} s. It said:\n${this.said}`);
      await this.news();
    }
  }

  /** Asks it to stop, and ends it when it does not. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> {
    this.signal(signal);
    const late = setTimeout(() => this.signal('SIGKILL'), STOP_WITHIN_MS);
    const ending = await this.ended;
    clearTimeout(late);
    return ending;
  }

  /** `kill -9`: nothing of it runs any more, whatever it was doing. Works on a paused one too. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  private hear(line: string): void {
    this.lines.push(line);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
    this.origin ??= /(?:listens on|is open at) (http:\/\/\S+)/.exec(line)?.[1];
    this.lookAgain();
  }

  /** It has said something, or it is time to look again. */
  private async news(): Promise<void> {
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, LOOK_EVERY_MS);
      this.lookAgain = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }
}

import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { InfraFailure } from '@library/infra/infra-failure';
import { endWithUs } from '@library/infra/server-process';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 100;
const LINES_KEPT = 50;

/** A program that serves. It ends with this process, however that ends. */
export class Background {
  private readonly lines: string[] = [];
  private readonly ended: Promise<void>;
  private runs = true;

  private constructor(
    private readonly command: string,
    private readonly child: ChildProcess,
  ) {
    this.ended = new Promise((resolve) => {
      child.once('close', () => {
        this.runs = false;
        resolve();
      });
    });
    // `close` follows, and whoever waits for it to be ready is told then.
    child.once('error', ({ message }) => this.lines.push(message));
    for (const input of [child.stdout!, child.stderr!])
      createInterface({ input }).on('line', (line) => this.keep(line));
    if (child.pid !== undefined) endWithUs(child);
  }

  static start(
    command: string,
    args: readonly string[],
    options: Pick<SpawnOptions, 'uid' | 'gid' | 'env'> = {},
  ): Background {
    return new Background(
      command,
      // Ctrl-C is for whoever has started it: they end it in order.
      spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true }),
    );
  }

  /** Resolves with what `look` finds as soon as it finds something; rejects with what the program said when it ends before. */
  async until<Found>(
    look: (said: readonly string[]) => Promise<Found | undefined> | Found | undefined,
  ): Promise<Found> {
    const giveUp = Date.now() + READY_WITHIN_MS;
    for (;;) {
      const found = await look(this.lines);
      if (found !== undefined) return found;
      if (!this.runs || Date.now() > giveUp)
        throw new InfraFailure(
          `${this.command} ${this.runs ? 'was not ready in time' : 'ended before it was ready'}: ${this.complaint}`,
        );
      await pause(LOOK_EVERY_MS);
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.child.kill(signal);
    const late = setTimeout(() => this.child.kill('SIGKILL'), STOP_WITHIN_MS);
    await this.ended;
    clearTimeout(late);
  }

  private get complaint(): string {
    return this.lines.find((line) => /error|fatal/i.test(line)) ?? this.lines.at(-1) ?? 'it said nothing';
  }

  private keep(line: string): void {
    this.lines.push(line);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
  }
}

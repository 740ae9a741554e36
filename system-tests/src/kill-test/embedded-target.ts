import { freePortsInARow } from '@library/infra/ports';
import { LibraryProcess } from '../library-process';
import type { Check, Injury, Target } from './target';

/** The library's own, and one for each service. */
const PORTS = 5;

/** One process on a data folder, killed and started again on what it has left. */
export class EmbeddedTarget implements Target {
  readonly settlesWithinMs = 60_000;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private library: LibraryProcess,
  ) {}

  static async start(folder: string): Promise<EmbeddedTarget> {
    const port = await freePortsInARow(PORTS);
    return new EmbeddedTarget(folder, port, await LibraryProcess.start(folder, port));
  }

  get origin(): string {
    return this.library.origin;
  }

  async hurt(): Promise<Injury> {
    await this.library.kill();
    this.library = await LibraryProcess.start(this.folder, this.port);
    return { fault: 'process killed', told: `process killed, back after ${this.library.readyMs.toFixed(0)} ms` };
  }

  async heal(): Promise<void> {
    // It was started again each time.
  }

  async verify(): Promise<readonly Check[]> {
    const answer = await fetch(`${this.origin}/ops/verify`);
    return ((await answer.json()) as { readonly checks: readonly Check[] }).checks;
  }

  async stop(): Promise<readonly string[]> {
    const code = await this.library.stop();
    return code === 0 ? [] : [`Asked to stop, the process ended with code ${code}.`];
  }

  abandon(): Promise<void> {
    return this.library.kill();
  }
}

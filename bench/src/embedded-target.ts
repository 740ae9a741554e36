import { Client } from '@library/system-tests/client';
import { bytesIn, LibraryProcess } from '@library/system-tests/library-process';
import { prefill } from '@library/system-tests/prefill';
import type { Population } from '@library/system-tests/prefill';
import { cpuSecondsOf, memoryMbOf } from './process-cost';
import { FULL } from './target';
import type { Calls, Target } from './target';

/** The whole library in one process, on a folder. */
export class EmbeddedTarget implements Target {
  readonly name = 'embedded';
  readonly restsOn = [
    'one journal on local disk, made durable (fdatasync) before anything is answered, and SQL files that follow it (journal_mode=wal, synchronous=full, or it would not start)',
  ];
  readonly linesLogged = undefined;

  private constructor(
    private readonly folder: string,
    readonly population: Population,
    private library: LibraryProcess,
  ) {}

  /** Filled, it is started anew: what it kept in memory meanwhile is not measured. */
  static async start(folder: string, isFilled: boolean, population = FULL): Promise<EmbeddedTarget> {
    const target = new EmbeddedTarget(folder, population, await LibraryProcess.start(folder));
    if (!isFilled) return target;
    const calls = target.calls(64);
    try {
      await prefill(calls, population);
      await target.restart();
      return target;
    } catch (error) {
      await target.stop();
      throw error;
    } finally {
      calls.close();
    }
  }

  /** Stops it and starts it anew on its folder; answers in how many milliseconds it was ready. */
  async restart(): Promise<number> {
    await this.library.stop();
    this.library = await LibraryProcess.start(this.folder);
    return this.readyMs;
  }

  get readyMs(): number {
    return this.library.readyMs;
  }

  calls(connections: number): Calls {
    return new Client(this.library.origin, connections);
  }

  costs() {
    const { pid } = this.library;
    return [{ process: 'library', cpuSeconds: cpuSecondsOf(pid), memoryMb: memoryMbOf(pid) }];
  }

  get bytesKept(): number {
    return bytesIn(this.folder);
  }

  async verify(): Promise<readonly string[]> {
    const calls = this.calls(1);
    const { body } = await calls.get('/ops/verify');
    calls.close();
    const { checks } = body as { readonly checks: readonly { readonly id: string; readonly offenders: string[] }[] };
    return checks.flatMap(({ id, offenders }) => offenders.map((offender) => `${id}: ${offender}`));
  }

  async stop(): Promise<readonly string[]> {
    const code = await this.library.stop();
    return code === 0 ? [] : [`The library ended with code ${code} when asked to stop.`];
  }
}

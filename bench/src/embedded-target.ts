import { Client } from '@library/system-tests/client';
import { bytesIn, LibraryProcess } from '@library/system-tests/library-process';
import { prefill } from './load';
import { cpuSecondsOf, memoryMbOf } from './process-cost';
import { FULL } from './target';
import type { Calls, Target } from './target';

/** The whole library in one process, on a folder. */
export class EmbeddedTarget implements Target {
  readonly name = 'embedded';
  readonly restsOn = ['SQL files on local disk, each commit made durable before it is answered'];
  readonly linesLogged = undefined;
  readonly population = FULL;

  private constructor(
    private readonly folder: string,
    private readonly library: LibraryProcess,
  ) {}

  /** Filled, it is started anew: what it kept in memory meanwhile is not measured. */
  static async start(folder: string, isFilled: boolean): Promise<EmbeddedTarget> {
    const first = new EmbeddedTarget(folder, await LibraryProcess.start(folder));
    const calls = first.calls(64);
    if (isFilled) await prefill(calls, FULL);
    calls.close();
    await first.stop();
    return new EmbeddedTarget(folder, await LibraryProcess.start(folder));
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

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ServingProcess } from '@library/infra/serving-process';

const PROGRAM = join(__dirname, '..', '..', 'standalone', 'dist', 'main.js');
/** As `npm start` has them: with more room for what is young, it is seldom moved, and then there is little of it. */
const OPTIONS = ['--enable-source-maps', '--max-semi-space-size=64'];
/** A folder may have millions of sagas in it. */
const READY_WITHIN_MS = 300_000;

/** The library as it is started by anybody: a process of its own, on a folder. It ends with this process, however that ends. */
export class LibraryProcess {
  private constructor(
    private readonly process: ServingProcess,
    readonly origin: string,
    /** Milliseconds from the start of the process until it was ready. */
    readonly readyMs: number,
  ) {}

  /** `port` 0 takes any free ones. Rejects with what the process said when it ends before it is ready, or takes too long. */
  static async start(
    folder: string,
    port = 0,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<LibraryProcess> {
    const begun = performance.now();
    const library = ServingProcess.start('The library', process.execPath, [...OPTIONS, PROGRAM], {
      env: { ...process.env, DATA_DIR: folder, HTTP_PORT: String(port), LOG_LEVEL: 'warn', ...environment },
      log: (line) => process.stderr.write(`${line}\n`),
    });
    const origin = await library.listens(READY_WITHIN_MS);
    return new LibraryProcess(library, origin, performance.now() - begun);
  }

  get pid(): number {
    return this.process.pid!;
  }

  /** Asks it to stop, and ends it when it does not; resolves with its exit code, which is null then. */
  async stop(): Promise<number | null> {
    return (await this.process.stop()).code;
  }

  /** `kill -9`: nothing of it runs any more, whatever it was doing. */
  kill(): Promise<void> {
    return this.process.kill();
  }
}

/** Bytes of all files in a folder. */
export function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAM = join(__dirname, '..', '..', 'standalone', 'dist', 'main.js');
/** As `npm start` has them: with more room for what is young, it is seldom moved, and then there is little of it. */
const OPTIONS = ['--enable-source-maps', '--max-semi-space-size=64'];

/** The library as it is started by anybody: a process of its own, on a folder. */
export class LibraryProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly origin: string,
    /** Milliseconds from the start of the process until it was ready. */
    readonly readyMs: number,
  ) {}

  /** `port` 0 takes any free ones. Rejects with what the process said when it ends before it is ready. */
  static async start(
    folder: string,
    port = 0,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<LibraryProcess> {
    const begun = performance.now();
    const child = spawn(process.execPath, [...OPTIONS, PROGRAM], {
      env: { ...process.env, DATA_DIR: folder, HTTP_PORT: String(port), LOG_LEVEL: 'warn', ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const origin = await originSaidBy(child);
    return new LibraryProcess(child, origin, performance.now() - begun);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Asks it to stop; resolves with its exit code. */
  stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  /** `kill -9`: nothing of it runs any more, whatever it was doing. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  private end(signal: NodeJS.Signals): Promise<number | null> {
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null) return Promise.resolve(exitCode);
    return new Promise((resolve) => {
      this.child.once('exit', resolve);
      this.child.kill(signal);
    });
  }
}

/** Bytes of all files in a folder. */
export function bytesIn(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function originSaidBy(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [, origin] = /open at (http:\/\/\S+)/.exec(said) ?? [];
      if (origin !== undefined) resolve(origin);
    });
    child.once('exit', (code) =>
      reject(new Error(`The library ended with code ${code} before it was ready:\n${said}`)),
    );
  });
}

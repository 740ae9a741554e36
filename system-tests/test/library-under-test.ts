import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import type { SagaTiming } from '@library/shared-kernel/saga/timing';
import type { Logger } from '@library/shared-kernel/service/logger';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { Library } from '@library/standalone/library';
import type { LibrarySettings } from '@library/standalone/library';
import { serve } from '@library/standalone/serving';
import type { Serving } from '@library/standalone/serving';

/** Two minutes take one second, so that a test can wait for silence. */
export const HURRIED: SagaTiming = {
  ...DEFAULT_TIMING,
  resendAfterMs: [50, 100, 200],
  expiresAfterMs: 1_000,
  insistAfterMs: 50,
  longestWaitMs: 2_000,
  attentionAfterMs: 1_500,
  graceMs: 100,
};

const SILENT: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

type Settings = Partial<Pick<LibrarySettings, 'timing' | 'between' | 'zone' | 'logger'>>;

/** An answer as a test looks at it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any; // eslint-disable-line typescript/no-explicit-any -- what a test then expects of it is the check
}

/** The whole library on a folder of its own, behind real ports: as its users meet it, and as a test can hurt it. */
export class LibraryUnderTest {
  readonly clock: SystemClock;
  private open: { readonly library: Library; readonly serving: Serving } | undefined;

  private constructor(
    readonly folder: string,
    private readonly settings: Settings,
  ) {
    this.clock = new SystemClock();
  }

  static async start(settings: Settings = {}): Promise<LibraryUnderTest> {
    const under = new LibraryUnderTest(mkdtempSync(join(tmpdir(), 'library-test-')), settings);
    await under.begin();
    return under;
  }

  get library(): Library {
    if (!this.open) throw new Error('The library under test has not been started.');
    return this.open.library;
  }

  port(service: string): number {
    const port = this.open?.serving.ports[service];
    if (port === undefined) throw new Error(`No port of "${service}".`);
    return port;
  }

  async begin(): Promise<void> {
    const library = await Library.open({
      folder: this.folder,
      zone: 'Asia/Seoul',
      clock: this.clock,
      timing: HURRIED,
      logger: SILENT,
      ...this.settings,
    });
    await library.start();
    this.open = { library, serving: await serve(library, { host: '127.0.0.1', port: 0 }) };
  }

  /** Stops as SIGTERM does, and leaves the folder. */
  async pause(): Promise<void> {
    const { open } = this;
    this.open = undefined;
    await open?.serving.stop(1_000);
    await open?.library.stop();
  }

  async stop(): Promise<void> {
    await this.pause();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get(path: string, service = 'library', headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.call('GET', path, undefined, service, headers);
  }

  post(
    path: string,
    body: unknown,
    service = 'library',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return this.call('POST', path, body, service, headers);
  }

  put(path: string): Promise<Answer> {
    return this.call('PUT', path, undefined, 'library', {});
  }

  private async call(
    method: string,
    path: string,
    body: unknown,
    service: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const answer = await fetch(`http://127.0.0.1:${this.port(service)}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
  }
}

/** Tries until it holds, for `ms` at most; then it fails as it failed last. */
export async function eventually(expectation: () => Promise<void> | void, ms = 5_000): Promise<void> {
  const until = Date.now() + ms;
  for (;;) {
    try {
      await expectation();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessageLog } from '@library/shared-kernel/messaging/message-log';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import type { SagaTiming } from '@library/shared-kernel/saga/timing';
import type { Logger } from '@library/shared-kernel/service/logger';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { Library } from '@library/standalone/library';
import { serve } from '@library/standalone/serving';
import type { Serving } from '@library/standalone/serving';
import { Pliable } from './over-http';
import type { Settings } from './over-http';

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

export const SILENT: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** The whole library on a folder of its own, behind real ports: as its users meet it, and as a test can hurt it. */
export class LibraryUnderTest extends Pliable {
  readonly clock: SystemClock;
  private open: { readonly library: Library; readonly serving: Serving } | undefined;

  private constructor(
    readonly folder: string,
    private readonly settings: Settings,
  ) {
    super();
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

  get log(): MessageLog {
    return this.library.log;
  }

  port(service: string): number {
    const port = this.open?.serving.ports[service];
    if (port === undefined) throw new Error(`No port of "${service}".`);
    return port;
  }

  async unsound(): Promise<readonly string[]> {
    const { body } = await this.get('/ops/verify');
    const { ok, checks } = body as {
      readonly ok: boolean;
      readonly checks: readonly { offenders: readonly string[] }[];
    };
    const offenders = checks.flatMap((check) => check.offenders);
    return ok || offenders.length > 0 ? offenders : ['It says that not all is well, and not what.'];
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
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen, type Listening } from '@library/shared-kernel/http/listening';
import { serviceApp } from '@library/shared-kernel/http/service-app';
import { DEFAULT_TIMING, type SagaTiming } from '@library/shared-kernel/saga/timing';
import type { Logger } from '@library/shared-kernel/service/logger';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { Library, type LibrarySettings } from '@library/standalone/library';
import { operatorRoutes } from '@library/standalone/operator-routes';

/** Two minutes take two seconds. */
const HURRIED: SagaTiming = {
  ...DEFAULT_TIMING,
  resendAfterMs: [100, 200, 400],
  expiresAfterMs: 2_000,
  insistAfterMs: 100,
  longestWaitMs: 2_000,
  attentionAfterMs: 2_000,
  graceMs: 500,
};

const LOUD: Logger = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields, message) => console.error(message, fields),
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** What a test expects of it is the check. */
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'operated-library-'));
}

/** A library in a folder of its own, answering to everybody; a route that answers with what it does not document throws. */
export class OpenLibrary {
  private readonly titles = new Map<number, string>();
  private readonly names = new Map<string, string>();

  private constructor(
    readonly library: Library,
    private readonly listening: Listening,
  ) {}

  static async open(settings: Partial<LibrarySettings> = {}): Promise<OpenLibrary> {
    const library = await Library.open({
      zone: 'Asia/Seoul',
      clock: new SystemClock(),
      timing: HURRIED,
      logger: LOUD,
      ...settings,
      folder: settings.folder ?? newFolder(),
    });
    await library.start();
    const { clock, logger } = library.settings;
    const routes = [
      ...library.services.flatMap((service) => service.routes),
      ...operatorRoutes(library, library.services),
    ];
    const ready = { messages: () => library.services.map(({ notReady }) => notReady()).find(Boolean) ?? 'ok' };
    const about = { name: 'library', version: '0', summary: 'Under test.' };
    const app = serviceApp(
      { ...about, routes, health: ready, metrics: [], speakers: [] },
      { clock, log: logger, checkAnswers: true, settled: () => library.journal.settled() },
    );
    return new OpenLibrary(library, await listen(app, { host: '127.0.0.1', port: 0 }));
  }

  get origin(): string {
    return `http://127.0.0.1:${this.listening.port}`;
  }

  get folder(): string {
    return this.library.settings.folder;
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await fetch(this.origin + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  async get(path: string): Promise<Answer> {
    return this.ask('GET', path);
  }

  async post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.ask('POST', path, body, headers);
  }

  /** Answers its number. */
  async addBook(title: string): Promise<number> {
    const particulars = {
      author: '한강',
      isbn: '9788936434120',
      classification: 'LITERATURE',
      source: 'SUPPLY',
      location: 'JEONGJA',
    };
    const { body } = await this.post('/books', { title, ...particulars });
    this.titles.set(body.no, title);
    return body.no as number;
  }

  async addMember(id: string, name: string): Promise<void> {
    this.names.set(id, name);
    await this.post('/members', { id, name, email: `${id}@example.org` });
  }

  async rent(
    member: string,
    no: number,
    headers: Readonly<Record<string, string>> = { Prefer: 'wait=10' },
  ): Promise<Answer> {
    const item = { no, title: this.titles.get(no) ?? 'Of no title' };
    return this.post(
      `/rental-cards/${member}/rentals`,
      { memberName: this.names.get(member) ?? member, item },
      headers,
    );
  }

  /** Waits until it is so. */
  async until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (const latest = Date.now() + 10_000; !(await isSo());) {
      if (Date.now() > latest) throw new Error(`It did not come about: ${String(isSo)}`);
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }

  /** As SIGTERM does; the folder stays. */
  async stop(): Promise<void> {
    await this.listening.stop(1_000);
    await this.library.stop();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

import type { LibrarySettings } from '@library/standalone/library';
import type { MessageLog } from '@library/shared-kernel/messaging/message-log';
import type { SystemClock } from '@library/shared-kernel/time/system-clock';

/** An answer as a test looks at it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any; // eslint-disable-line typescript/no-explicit-any -- what a test then expects of it is the check
}

/** A library behind real ports, as its users meet it, whatever it runs on. */
export abstract class OverHttp {
  /** Of a service, or of `library`: all of them on one origin. */
  abstract port(service: string): number;
  abstract stop(): Promise<void>;

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

/** What a scenario may settle about the library that it starts. */
export type Settings = Partial<Pick<LibrarySettings, 'timing' | 'between' | 'logger'>>;

/** A library over HTTP whose time can be shifted, whose topics can be written to, and which can be asked whether all is well. */
export abstract class Pliable extends OverHttp {
  abstract readonly clock: SystemClock;
  abstract readonly log: MessageLog;
  /** Ends it as SIGTERM does, until `begin`. */
  abstract pause(): Promise<void>;
  abstract begin(): Promise<void>;
  /** A sentence for each violation of an invariant that further looks still show. */
  abstract unsound(): Promise<readonly string[]>;
}

export type StartLibrary = (settings?: Settings) => Promise<Pliable>;

/** Tries until it holds, for `ms` at most; then it fails as it failed last. */
export async function eventually<T>(expectation: () => Promise<T> | T, ms = 5_000): Promise<T> {
  const until = Date.now() + ms;
  for (;;) {
    try {
      return await expectation();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

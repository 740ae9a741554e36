import { CannotDo, EXIT, type Exit } from './exit';

/** A request beyond its path. */
export interface AskedFor {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long to wait for the answer; as long as it takes when absent. */
  readonly timeoutMs?: number;
}

export interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}

interface Problem {
  readonly status: number;
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly sagaId?: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** Nobody answers there. */
export class NothingAnswers extends CannotDo {
  constructor(
    readonly url: string,
    start: string,
  ) {
    super(
      EXIT.unavailable,
      `Nothing answers at ${url}. Start the library with ${start}, or name another address with --url.`,
    );
  }
}

/** Somebody answers there who does not do what was asked, such as the gateway of a distributed library. */
export class NotDoneThere extends CannotDo {
  constructor(
    readonly origin: string,
    { message, problem }: CannotDo,
  ) {
    super(EXIT.notFound, message, problem);
  }
}

/** Trap: a thing that is not found has the same code; only the sentence tells them apart. Ours, and the gateway's. */
const NO_SUCH_PATH = /^(There is nothing at this path|No service has this path)/;

/** The running library, asked over HTTP. */
export class LibraryApi {
  /** `start`: the command that is said to start it. */
  constructor(
    readonly origin: string,
    private readonly start = '`npm start`',
  ) {}

  /** Throws CannotDo when the answer is a problem, and NotDoneThere when the path is; NothingAnswers when there is none. */
  async ask<Body>(
    method: string,
    path: string,
    { query = {}, body, headers = {}, timeoutMs }: AskedFor = {},
  ): Promise<Answer<Body>> {
    const response = await this.fetch(this.urlOf(path, query), {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
    });
    const text = await response.text();
    const isJson = /^application\/(problem\+)?json\b/.test(response.headers.get('Content-Type') ?? '');
    if (!isJson)
      throw new CannotDo(
        EXIT.failed,
        `${this.origin} answers, but not as the library does. Name another address with --url.`,
      );

    const answered = JSON.parse(text) as unknown;
    if (!response.ok) throw this.refusal(answered as Problem);
    return { status: response.status, body: answered as Body };
  }

  /** A stream of events; the caller reads it. */
  async stream(path: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const response = await this.fetch(this.urlOf(path, {}), { headers: { Accept: 'text/event-stream', ...headers } });
    if (response.ok) return response;
    throw this.refusal((await response.json()) as Problem);
  }

  private refusal(problem: Problem): CannotDo {
    const refused = cannotDo(problem);
    const isPath = problem.code === 'not-found' && NO_SUCH_PATH.test(problem.detail ?? '');
    return isPath ? new NotDoneThere(this.origin, refused) : refused;
  }

  private urlOf(path: string, query: NonNullable<AskedFor['query']>): URL {
    const url = new URL(path, this.origin);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    return url;
  }

  private async fetch(url: URL, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (isLineFault(error)) throw new NothingAnswers(this.origin, this.start);
      throw error;
    }
  }
}

/** `fetch` tells whatever goes wrong below HTTP by a TypeError with a cause, also when the line breaks in an answer. */
export function isLineFault(error: unknown): boolean {
  const { name, cause } = error as Partial<Error>;
  return name === 'TypeError' && cause !== undefined;
}

function cannotDo(problem: Problem): CannotDo {
  const { status, title = 'It cannot be done', detail = '', sagaId, errors = [] } = problem;
  const lines = [
    `${title}: ${inCommands(detail)}`,
    ...errors.map(({ path, message }) => `  ${path}: ${message}`),
    ...(sagaId === undefined ? [] : [`\`library saga ${sagaId}\` tells how it went.`]),
  ];
  return new CannotDo(exitOf(status), lines.join('\n'), problem);
}

/** What problems advise to those who ask over HTTP, and how it is done here. */
const IN_COMMANDS: readonly (readonly [overHttp: string, here: string])[] = [
  ['Look it up under /books', '`library book ls` lists those that there are'],
  [', or with POST /rental-cards', ''],
  ['Register the member with POST /members', 'Register the member with `library member add`'],
  ['GET /sagas lists', '`library saga ls` lists'],
  ['GET /ops/parked lists', '`library parked ls` lists'],
  ['POST /ops/outbox/publications', '`library outbox publish`'],
  ['Look at the card for', '`library card` shows'],
  ['Put right what `errors` lists; /docs shows what is expected', 'Put this right'],
  ['Leave out what `errors` lists', 'Leave this out'],
  ['This Idempotency-Key', 'This --key'],
];

/** The same sentences, with commands in place of requests. */
export function inCommands(detail: string): string {
  return IN_COMMANDS.reduce((text, [overHttp, here]) => text.replace(overHttp, here), detail);
}

function exitOf(status: number): Exit {
  if (status === 404) return EXIT.notFound;
  if ([403, 409, 422].includes(status)) return EXIT.conflict;
  if ([408, 429, 503, 507].includes(status)) return EXIT.unavailable;
  return status < 500 ? EXIT.usage : EXIT.failed;
}

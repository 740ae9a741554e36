import { Agent, createServer, request as ask } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BODY_LIMIT_BYTES } from '@library/shared-kernel/http/json-body';
import { KINDS } from '@library/shared-kernel/http/problem-kinds';
import { LOCALHOST } from './ports';

/** The first words of the paths that each service answers to; a path belongs to one of them. */
const PATHS = {
  'rental-service': ['/rental-cards', '/overdue-markings', '/sagas', '/ops/sagas', '/api/RentalCard'],
  'book-service': ['/books', '/api/book'],
  'member-service': ['/members', '/api/Member'],
  'bestbook-service': ['/best-books', '/ops/best-books', '/api/books'],
} as const;

export type ServiceName = keyof typeof PATHS;

export const SERVICES = Object.keys(PATHS) as readonly ServiceName[];

/** Which service answers to a path, and by which path it knows it; undefined when each has one of its own, or none has. */
export function whoAnswers(url: string): { readonly service: ServiceName; readonly path: string } | undefined {
  for (const service of SERVICES) {
    if (PATHS[service].some((words) => isUnder(url, words))) return { service, path: url };
    // What every service has, such as its metrics, is found under the service's name.
    if (isUnder(url, `/${service}`)) return { service, path: url.slice(service.length + 1).replace(/^(?!\/)/, '/') };
  }
  return undefined;
}

function isUnder(url: string, words: string): boolean {
  return url.startsWith(words) && /^([/?#]|$)/.test(url.slice(words.length));
}

/** Where the instances of a service are, as `http://host:port`; asked anew for each request, so they may come and go. */
export type Instances = (service: ServiceName) => readonly string[];

/** Longer than any answer that is waited for on purpose. */
const SILENT_FOR_MS = 60_000;
/** Below the time after which a service hangs up an idle connection: what is sent at that moment is lost. */
const IDLE_FOR_MS = 4_000;
const HEALTH_WITHIN_MS = 3_000;

/** Of one connection only, by the rules of HTTP. */
const HOP_BY_HOP = [
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * One origin for several services, by path, and for the instances of each in turn. For development and tests, on this
 * machine only. It changes nothing that passes, and adds no header that says so: to a service, whoever asks is on this machine.
 */
export class Gateway {
  private readonly agent = new Agent({ keepAlive: true, noDelay: true, timeout: IDLE_FOR_MS });
  private readonly turns = new Map<ServiceName, number>();

  private constructor(
    private readonly server: Server,
    private readonly instances: Instances,
  ) {}

  /** `port` 0, the default, takes a free one. Rejects when another program has the port. */
  static async start(instances: Instances, port = 0): Promise<Gateway> {
    const server = createServer({ noDelay: true });
    const gateway = new Gateway(server, instances);
    server.on('request', (request, response) => void gateway.answer(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, LOCALHOST, resolve);
    });
    return gateway;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://${LOCALHOST}:${this.port}`;
  }

  /** Cuts off whatever is still being answered. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    this.agent.destroy();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    const answers = whoAnswers(url);
    if (answers === undefined) return this.answerItself(url, response);

    const body = await bodyOf(request);
    if (body === undefined) return;
    if (body === 'too-large') return problem(response, 413, 'too-large', KINDS['too-large'].detail);
    await this.passOn({ method, path: answers.path, headers, body }, answers.service, response);
  }

  /** To one instance after the other, as long as it is certain that nobody has begun to do it, or harmless. */
  private async passOn(asked: Asked, service: ServiceName, response: ServerResponse): Promise<void> {
    const instances = this.inTurn(service);
    for (const instance of instances) {
      const outcome = await this.tryAt(instance, asked, response);
      if (outcome === 'answered') return;
      if (outcome === 'unknown' && !isHarmlessTwice(asked)) {
        problem(
          response,
          502,
          'no-answer',
          `${service} ended before it answered. It may have done it: ask before you repeat it.`,
        );
        return;
      }
    }
    response.setHeader('Retry-After', '1');
    problem(response, 503, 'service-unreachable', `No instance of ${service} can be reached at the moment.`);
  }

  private inTurn(service: ServiceName): readonly string[] {
    const instances = this.instances(service);
    const turn = this.turns.get(service) ?? 0;
    this.turns.set(service, turn + 1);
    return instances.map((_, at) => instances[(turn + at) % instances.length]!);
  }

  /** `unreached` when it has certainly not been asked, `unknown` when it ended before it answered. */
  private tryAt(
    instance: string,
    { method, path, headers, body }: Asked,
    response: ServerResponse,
  ): Promise<'answered' | 'unreached' | 'unknown'> {
    return new Promise((resolve) => {
      const sent = ask(`${instance}${path}`, {
        agent: this.agent,
        method,
        headers: endToEnd(headers),
        timeout: SILENT_FOR_MS,
      });
      // A client that has gone away waits for nothing any more: then whoever asks for it goes away too.
      const leave = () => sent.destroy();
      response.once('close', leave);

      sent.once('timeout', leave);
      sent.on('error', (error: NodeJS.ErrnoException) => {
        response.off('close', leave);
        if (response.headersSent) response.destroy();
        resolve(response.destroyed ? 'answered' : error.code === 'ECONNREFUSED' ? 'unreached' : 'unknown');
      });
      sent.once('response', (answer) => {
        // A stream of events is silent for as long as it likes.
        sent.setTimeout(0);
        response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
        response.flushHeaders();
        answer.on('data', (chunk: Buffer) => {
          if (!response.write(chunk)) answer.pause();
        });
        response.on('drain', () => answer.resume());
        answer.once('error', () => response.destroy());
        answer.once('end', () => {
          response.off('close', leave);
          response.end();
        });
        resolve('answered');
      });
      sent.end(body);
    });
  }

  private async answerItself(url: string, response: ServerResponse): Promise<void> {
    const [path = '/'] = url.split('?');
    if (path === '/health/live') return json(response, 200, { status: 'live' });
    if (path === '/health/ready') return this.answerHealth(response);
    if (path === '/') return json(response, 200, { name: 'gateway', services: this.whereabouts() });
    problem(
      response,
      404,
      'not-found',
      `No service has this path alone. What each has of its own is under its name, as in /book-service/metrics.`,
    );
  }

  private whereabouts() {
    return Object.fromEntries(
      SERVICES.map((service) => [service, { paths: PATHS[service], instances: this.instances(service) }]),
    );
  }

  /** Ready when every service has an instance, and every instance says so of itself. */
  private async answerHealth(response: ServerResponse): Promise<void> {
    const asked = SERVICES.flatMap((service) =>
      this.instances(service).map(async (instance) => [`${service} ${instance}`, await healthOf(instance)] as const),
    );
    const checks = Object.fromEntries([
      ...SERVICES.filter((service) => this.instances(service).length === 0).map((service) => [
        service,
        'It does not run.',
      ]),
      ...(await Promise.all(asked)),
    ]) as Readonly<Record<string, string>>;
    const wrong = Object.entries(checks).filter(([, said]) => said !== 'ok');
    if (wrong.length === 0) return json(response, 200, { status: 'ready', checks });
    const detail = wrong.map(([name, said]) => `${name}: ${said}`).join(' ');
    problem(response, 503, 'not-ready', detail, { checks });
  }
}

/** `ok`, or what it waits for. */
export async function healthOf(instance: string, withinMs = HEALTH_WITHIN_MS): Promise<string> {
  try {
    const answer = await fetch(`${instance}/health/ready`, { signal: AbortSignal.timeout(withinMs) });
    if (answer.ok) return 'ok';
    const { detail } = (await answer.json()) as { readonly detail?: string };
    return detail ?? `It answers ${answer.status}.`;
  } catch {
    return 'It cannot be reached.';
  }
}

/** Undefined when the client goes away in the middle of it. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | 'too-large' | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length <= BODY_LIMIT_BYTES) chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  return length > BODY_LIMIT_BYTES ? 'too-large' : Buffer.concat(chunks);
}

/** Whether it may be asked again where nobody knows whether it was done. */
function isHarmlessTwice({ method, headers }: Asked): boolean {
  return method === 'GET' || method === 'HEAD' || 'idempotency-key' in headers;
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)));
}

function json(response: ServerResponse, status: number, body: unknown, type = 'application/json'): void {
  response.writeHead(status, { 'Content-Type': `${type}; charset=utf-8` }).end(JSON.stringify(body));
}

/** As the services say it. */
function problem(response: ServerResponse, status: number, code: string, detail: string, more: object = {}): void {
  if (response.headersSent || response.destroyed) return;
  const title = code.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase());
  json(response, status, { type: 'about:blank', title, status, detail, code, ...more }, 'application/problem+json');
}

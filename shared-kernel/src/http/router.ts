import { performance } from 'node:perf_hooks';
import { Router } from 'express';
import type { IRouter, Request, RequestHandler, Response } from 'express';
import type { Histogram } from 'prom-client';
import { z } from 'zod';
import type { IdempotencyKey } from '../domain/identifiers';
import { isRefusal } from '../domain/refusal';
import type { Clock } from '../time/clock';
import { answerCheck } from './answer-check';
import { sendJson, sendNothing, sendProblem } from './answering';
import { answeredCorrelation, traceparentOf } from './correlation';
import { idempotencyKeyOf } from './idempotency-key';
import { readerOf } from './input';
import { readJson } from './json-body';
import { waitSecondsOf } from './prefer';
import { isProblem, problem } from './problem';
import type { PlainAnswer, Route, RouteRequest } from './routes';
import { streamEvents, type ServerSentEvent } from './server-sent-events';
import { STOPPING } from './stopping';

/** What routes need to be answered. */
export interface RoutingWorld {
  readonly clock: Clock;
  /** How long answers take, streams excepted. */
  readonly seconds: Histogram<'method' | 'path' | 'status'>;
  /** Answers a request whose handling threw this. */
  readonly failed: (thrown: unknown, response: Response) => void;
  /** Throws when a route answers with what it does not document. */
  readonly checkAnswers: boolean;
  /** Absent where all that an answer rests on is durable by then. */
  readonly settled?: Settled;
}

/**
 * Resolves, or is undefined, when all that an answer may rest on can no longer be lost; rejects with a Fault when it may.
 * Nobody outside hears of anything before.
 */
export type Settled = () => Promise<void> | undefined;

const NO_FIELDS = z.object({});
const EVENT_ID = /^[\x21-\x7e]{1,200}$/;

/**
 * Answers these routes, whatever their order: a literal path goes before one with a parameter. HEAD is answered where GET is.
 * What none of them answers goes on, at last to `nothingHere`.
 */
export function mount(routes: readonly Route[], router: IRouter, world: RoutingWorld): void {
  const shapes = new Map<string, string>();
  const sections = new Map<string, Router>();
  for (const path of literalFirst(routes)) {
    const shape = path.replaceAll(/\{\w+\}/g, '{}');
    const twin = shapes.get(shape);
    if (twin !== undefined) throw new Error(`${twin} and ${path} are one path. Name their parameters alike.`);
    shapes.set(shape, path);
    if (sectionOf(path).startsWith('{')) throw new Error(`${path} begins with a parameter. Put a name before it.`);

    const here = routes.filter((route) => route.path === path);
    const methods = here.map(({ method }) => method);
    if (new Set(methods).size < methods.length) throw new Error(`${path} has two routes with the same method.`);

    const section = sections.get(sectionOf(path)) ?? Router({ caseSensitive: true });
    sections.set(sectionOf(path), section);
    const mounted = section.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const route of here) mounted[lowerCase(route.method)](handlerOf(route, world));
    mounted.all(onlyAllowing(methods));
  }

  // Express tries every path in turn, and a library has many: most of them are left out by their first part.
  router.use((request, response, next) => {
    const section = sections.get(sectionOf(request.path));
    if (section) section(request, response, next);
    else next();
  });
}

/** The first part of a path. */
function sectionOf(path: string): string {
  return path.split('/', 2)[1] ?? '';
}

/** Comes last on a path: remembers what it would have answered. */
export function onlyAllowing(methods: readonly Route['method'][]): RequestHandler {
  const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
  return (_request, response, next) => {
    allowedOf(response).push(...allowed);
    next();
  };
}

/** Comes last of all: a path that exists, but not with this method, is a 405, any other a 404. */
export const nothingHere: RequestHandler = (request, response) => {
  const allowed = allowedOf(response);
  const headers = { Allow: [...new Set([...allowed, 'OPTIONS'])].join(', ') };

  if (allowed.length === 0) sendProblem(response, problem('not-found'));
  else if (request.method === 'OPTIONS') sendNothing(response, 204, headers);
  else sendProblem(response, problem('method-not-allowed'), headers);
};

/** Parse, call, translate. */
function handlerOf(route: Route, world: RoutingWorld): RequestHandler {
  const lenient = route.unknownFields === 'ignored';
  const readParams = readerOf(route.params ?? NO_FIELDS, 'path', lenient);
  const readQuery = readerOf(route.query ?? NO_FIELDS, 'query', lenient);
  const readBody = route.body && readerOf(route.body, 'body', lenient);
  const takesKey = route.headers?.includes('Idempotency-Key');
  const takesWait = route.headers?.includes('Prefer');
  const settled = world.settled ?? (() => undefined);
  const checked = world.checkAnswers ? answerCheck(route) : (answer: PlainAnswer) => answer;
  const observe = observerOf(route, world.seconds);

  return async (request, response) => {
    const began = performance.now();
    try {
      const params = readParams(request.params);
      const query = readQuery(request.query);
      const key = takesKey ? idempotencyKeyOf(request.get('Idempotency-Key')) : undefined;
      const waitSeconds = takesWait ? waitSecondsOf(request.get('Prefer')) : undefined;
      if (waitSeconds !== undefined) response.setHeader('Preference-Applied', `wait=${waitSeconds}`);
      const body = readBody?.(await readJson(request));

      const asked = new Asked(params, query, body, key, waitSeconds, request, response);
      const answer = checked(await route.handle(asked));
      const events = request.method === 'HEAD' ? undefined : eventsOf(answer);
      if (events) return await streamEvents(response, eachSettled(settled, events), world.clock);
      const settling = settled();
      if (settling) await settling;
      write(answer, response);
    } catch (thrown) {
      world.failed(thrown, response);
    }
    observe(response, performance.now() - began);
  };
}

class Asked implements RouteRequest {
  readonly correlation: string;
  readonly traceparent: string | undefined;
  private abort: AbortController | undefined;

  constructor(
    readonly params: unknown,
    readonly query: unknown,
    readonly body: unknown,
    readonly key: IdempotencyKey | undefined,
    readonly waitSeconds: number | undefined,
    private readonly request: Request,
    private readonly response: Response,
  ) {
    this.correlation = answeredCorrelation(response);
    this.traceparent = traceparentOf(request.headers);
  }

  get lastEventId(): string | undefined {
    const id = this.request.get('Last-Event-ID');
    return id !== undefined && EVENT_ID.test(id) ? id : undefined;
  }

  // Made when asked for: most requests never wait.
  get signal(): AbortSignal {
    if (this.abort) return this.abort.signal;

    const abort = (this.abort = new AbortController());
    if (this.response.destroyed) abort.abort();
    const { response } = this;
    response.once(STOPPING, () => abort.abort());
    // Whoever has been answered waits for nothing any more.
    response.once('close', () => {
      if (!response.writableFinished) abort.abort();
    });
    return abort.signal;
  }
}

function write(answer: PlainAnswer, response: Response): void {
  if (isRefusal(answer)) sendProblem(response, problem(answer.refused));
  else if (isProblem(answer)) sendProblem(response, answer);
  else if ('body' in answer) sendJson(response, answer.status, answer.body, answer.headers);
  else sendNothing(response, answer.status, answer.headers);
}

function eventsOf(answer: PlainAnswer) {
  return isRefusal(answer) || isProblem(answer) ? undefined : answer.events;
}

async function* eachSettled(settled: Settled, events: AsyncIterable<ServerSentEvent>): AsyncIterable<ServerSentEvent> {
  for await (const event of events) {
    await settled();
    yield event;
  }
}

function observerOf({ method, path }: Route, seconds: RoutingWorld['seconds']) {
  const byStatus = new Map<number, { observe(value: number): void }>();

  return (response: Response, ms: number) => {
    const status = response.statusCode;
    const observed = byStatus.get(status) ?? seconds.labels({ method, path, status: String(status) });
    byStatus.set(status, observed);
    observed.observe(ms / 1_000);
  };
}

/** Each path once. `{` sorts behind every letter, so that `/books/popular` is asked before `/books/{no}`. */
function literalFirst(routes: readonly Route[]): string[] {
  return [...new Set(routes.map(({ path }) => path))].toSorted((one, other) => (one < other ? -1 : 1));
}

function lowerCase<Method extends Route['method']>(method: Method): Lowercase<Method> {
  return method.toLowerCase() as Lowercase<Method>;
}

/** The methods of the paths that matched so far. */
function allowedOf(response: Response): string[] {
  const { locals } = response as Response<unknown, { allowed?: string[] }>;
  return (locals.allowed ??= []);
}

import { randomUUID } from 'node:crypto';
import express, { Router, type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import { Histogram, Registry } from 'prom-client';
import type { Logger } from '../service/logger';
import { Fault } from '../store/fault';
import type { Clock } from '../time/clock';
import { JSON_TYPE, send, sendProblem } from './answering';
import { asyncApiOf, type Speaker } from './asyncapi';
import { answeredCorrelation, correlationOf } from './correlation';
import { DOCS_PAGE } from './docs-page';
import { healthRoutes, type HealthChecks } from './health';
import { metricsText } from './metrics';
import { openApiOf, type About } from './openapi';
import { forgeryIn, opsGuard } from './ops-guard';
import { problem, problemOf } from './problem';
import { mount, nothingHere, onlyAllowing, type Settled } from './router';
import type { Route } from './routes';
import { API_HEADERS, PAGE_HEADERS, setHeaders } from './security-headers';

export const MOST_HEADERS = 100;

/** What one origin answers to, beside its routes: health, metrics, documents and the page that shows them. */
export interface HttpService extends About {
  readonly routes: readonly Route[];
  /** What has to be well for it to do its work. */
  readonly health: HealthChecks;
  readonly metrics: readonly Registry[];
  /** Whose messages `/asyncapi.json` describes. */
  readonly speakers: readonly Speaker[];
}

export interface HttpWorld {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** Names under which something on this machine, such as a proxy, passes requests on to us. */
  readonly knownHosts?: readonly string[];
  /** For tests: a route that answers with what it does not document throws. */
  readonly checkAnswers?: boolean;
  /** What every answer waits for, those about its health excepted; absent where what was decided is durable by then. */
  readonly settled?: Settled;
}

export function serviceApp(service: HttpService, world: HttpWorld): Express {
  const { clock, log } = world;
  const failed = failing(log);
  const ownMetrics = new Registry();
  const seconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'How long answers took, streams excepted.',
    labelNames: ['method', 'path', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [ownMetrics],
  });

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.set('query parser', 'simple');

  const health = healthRoutes(service.health, clock);
  const routes = [...service.routes, ...health];
  const routing = { clock, seconds, failed, checkAnswers: world.checkAnswers ?? false };
  app.use(arrival(new Set(world.knownHosts)));
  app.use('/ops', opsGuard);
  mount(health, app, routing);
  mount(service.routes, app, { ...routing, ...(world.settled && { settled: world.settled }) });
  app.use(pagesOf({ ...service, routes, metrics: [...service.metrics, ownMetrics] }));
  app.use(nothingHere);
  app.use(((thrown, _request, response, _next) => failed(thrown, response)) satisfies ErrorRequestHandler);
  return app;
}

/** What every request meets first, and the only thing that costs every request. */
function arrival(knownHosts: ReadonlySet<string>): RequestHandler {
  return (request, response, next) => {
    setHeaders(response, API_HEADERS);
    response.setHeader('X-Correlation-ID', correlationOf(request.headers));

    const code = request.rawHeaders.length > 2 * MOST_HEADERS ? 'headers-too-large' : forgeryIn(request, knownHosts);
    if (code) sendProblem(response, problem(code));
    else next();
  };
}

function failing(log: HttpWorld['log']) {
  return (thrown: unknown, response: Response): void => {
    const incident = randomUUID();
    const answer = problemOf(thrown, incident);
    const fields = { incident, correlation: answeredCorrelation(response), err: thrown };

    if (answer.code === 'bug') log.error(fields, 'A request failed in a way nobody foresaw.');
    else if (thrown instanceof Fault) log.warn(fields, 'A request could not be served for the moment.');
    sendProblem(response, answer);
  };
}

/** What describes the service; each document is made when it is first asked for. */
function pagesOf(service: HttpService): Router {
  const pages = Router({ caseSensitive: true });
  const page = (path: string, type: string, textOf: () => string | Promise<string>, headers = API_HEADERS) =>
    pages
      .route(path)
      .get(async (_request, response) => {
        setHeaders(response, headers);
        send(response, 200, type, await textOf());
      })
      .all(onlyAllowing(['GET']));

  const document = (path: string, make: () => object) => page(path, JSON_TYPE, once(make));

  document('/', () => indexOf(service));
  document('/openapi.json', () => openApiOf(service, service.routes));
  if (service.speakers.length > 0) document('/asyncapi.json', () => asyncApiOf(service, service.speakers));
  page('/metrics', Registry.PROMETHEUS_CONTENT_TYPE, () => metricsText(service.metrics));
  page('/docs', 'text/html; charset=utf-8', () => DOCS_PAGE.html, PAGE_HEADERS);
  page('/docs/page.css', 'text/css; charset=utf-8', () => DOCS_PAGE.css, PAGE_HEADERS);
  page('/docs/page.js', 'text/javascript; charset=utf-8', () => DOCS_PAGE.js, PAGE_HEADERS);
  return pages;
}

function indexOf({ name, version, summary, speakers }: HttpService) {
  const links = {
    docs: '/docs',
    openapi: '/openapi.json',
    ...(speakers.length > 0 ? { asyncapi: '/asyncapi.json' } : {}),
    live: '/health/live',
    ready: '/health/ready',
    metrics: '/metrics',
  };
  return { name, version, summary, links };
}

function once(make: () => object): () => string {
  let text: string | undefined;
  return () => (text ??= JSON.stringify(make()));
}

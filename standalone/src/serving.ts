import { gateway } from '@library/shared-kernel/http/gateway';
import { listen } from '@library/shared-kernel/http/listening';
import type { Listening } from '@library/shared-kernel/http/listening';
import { serviceApp } from '@library/shared-kernel/http/service-app';
import type { HttpService, HttpWorld } from '@library/shared-kernel/http/service-app';
import type { Service } from '@library/shared-kernel/service/service';
import { VERSION } from '@library/shared-kernel/service/version';
import type { Library } from './library';
import { operatorRoutes } from './operator-routes';

const SPEAKERS = {
  'rental-service': 'rental',
  'book-service': 'book',
  'member-service': 'member',
  'bestbook-service': 'bestbook',
} as const;

export interface ServingSettings {
  readonly host: string;
  /** The port of the whole library; the services get the four after it. 0 takes any free ones. */
  readonly port: number;
}

/** Where the library answers. */
export interface Serving {
  /** By service, and `library` for all of them on one origin. */
  readonly ports: Readonly<Record<string, number>>;
  stop(budgetMs: number): Promise<void>;
}

/** Serves each service on a port of its own, and all of them on one origin. When a port is taken, none is. */
export async function serve(library: Library, { host, port }: ServingSettings): Promise<Serving> {
  const { clock, logger } = library.settings;
  const world: HttpWorld = { clock, log: logger, settled: () => library.journal.settled() };
  const services = library.services.map((service) => httpServiceOf(service, library));
  const operators: HttpService = {
    name: 'operations',
    version: VERSION,
    summary: 'What operators see and do.',
    routes: operatorRoutes(library, library.services),
    health: {},
    metrics: [library.metrics],
    speakers: [],
  };
  const about = {
    name: 'library',
    version: VERSION,
    summary: 'A library that lends books: four services and the sagas that keep them in agreement.',
  };

  const apps = [
    { name: 'library', app: gateway(about, [...services, operators], world) },
    ...services.map((service, at) => ({
      name: service.name,
      app: serviceApp(
        { ...service, routes: [...service.routes, ...operatorRoutes(library, [library.services[at]!])] },
        world,
      ),
    })),
  ];

  const listening: Listening[] = [];
  const stop = async (budgetMs: number) => {
    await Promise.all(listening.map((one) => one.stop(budgetMs)));
  };
  try {
    for (const [at, { app }] of apps.entries())
      listening.push(await listen(app, { host, port: port === 0 ? 0 : port + at }));
  } catch (error) {
    await stop(0);
    throw error;
  }
  return { ports: Object.fromEntries(apps.map(({ name }, at) => [name, listening[at]!.port])), stop };
}

function httpServiceOf({ name, summary, routes, notReady }: Service, { metrics, files }: Library): HttpService {
  const speaker = SPEAKERS[name as keyof typeof SPEAKERS];
  return {
    name,
    version: VERSION,
    summary,
    routes,
    health: { messages: () => notReady() ?? 'ok', storage: () => files[speaker].commits.failure?.message ?? 'ok' },
    metrics: [metrics],
    speakers: [speaker],
  };
}

import type { Express } from 'express';
import type { HealthChecks } from './health';
import type { About } from './openapi';
import { serviceApp, type HttpService, type HttpWorld } from './service-app';

/**
 * Several services on one origin, in one process. Their paths are disjoint, or this throws. What each has of its own is
 * merged: ready when all are, one set of metrics, one document of each kind.
 */
export function gateway(about: About, services: readonly HttpService[], world: HttpWorld): Express {
  return serviceApp(
    {
      ...about,
      routes: services.flatMap(({ routes }) => routes),
      health: Object.fromEntries(services.flatMap(checksOf)),
      metrics: services.flatMap(({ metrics }) => metrics),
      speakers: services.flatMap(({ speakers }) => speakers),
    },
    world,
  );
}

function checksOf({ name, health }: HttpService): [string, HealthChecks[string]][] {
  return Object.entries(health).map(([check, ask]) => [`${name}: ${check}`, ask]);
}

import { Counter, Registry } from 'prom-client';
import request from 'supertest';
import { z } from 'zod';
import { gateway } from '../../src/http/gateway';
import { route } from '../../src/http/routes';
import type { HttpService } from '../../src/http/service-app';
import { KeptLog, ManualClock } from './sample-service';

const ABOUT = { name: 'library', version: '1.2.3', summary: 'Lends books.' };

function service(name: 'book' | 'member', more: Partial<HttpService> = {}): HttpService {
  const registry = new Registry();
  registry.setDefaultLabels({ service: name });
  new Counter({ name: 'handled_total', help: 'Messages handled.', registers: [registry] }).inc(name === 'book' ? 1 : 2);
  return {
    name: `${name}-service`,
    version: '1.2.3',
    summary: `The ${name} service.`,
    routes: [
      route({
        method: 'GET',
        path: `/${name}s`,
        summary: `Lists the ${name}s`,
        answers: { 200: { description: 'All.', schema: z.object({ of: z.string() }) } },
        handle: () => ({ status: 200, body: { of: name } }),
      }),
    ],
    health: { database: () => 'ok' },
    metrics: [registry],
    speakers: [name],
    ...more,
  };
}

const gatewayOf = (...services: HttpService[]) =>
  gateway(ABOUT, services, { clock: new ManualClock(), log: new KeptLog() });

describe('the gateway', () => {
  it('answers for each service', async () => {
    const app = gatewayOf(service('book'), service('member'));

    await request(app).get('/books').expect(200, { of: 'book' });
    await request(app).get('/members').expect(200, { of: 'member' });
    await request(app).get('/cards').expect(404);
    await request(app).post('/members').expect(405);
  });

  it('is ready when all are, and says who is not', async () => {
    const app = gatewayOf(service('book'), service('member', { health: { database: () => 'Down.' } }));
    const { body } = await request(app).get('/health/ready').expect(503);

    expect(body.checks).toEqual({ 'book-service: database': 'ok', 'member-service: database': 'Down.' });
    await request(gatewayOf(service('book'), service('member')))
      .get('/health/ready')
      .expect(200);
  });

  it('has one document of each kind', async () => {
    const app = gatewayOf(service('book'), service('member'));
    const { body: openApi } = await request(app).get('/openapi.json').expect(200);
    const { body: asyncApi } = await request(app).get('/asyncapi.json').expect(200);
    const { body: index } = await request(app).get('/').expect(200);

    expect(Object.keys(openApi.paths as object)).toEqual(['/books', '/members', '/health/live', '/health/ready']);
    expect(Object.keys(asyncApi.operations as object)).toEqual(
      expect.arrayContaining(['bookSendsEventResult', 'memberSendsEventResult']),
    );
    expect(index).toMatchObject({ name: 'library', links: { docs: '/docs' } });
  });

  it('has one set of metrics: each metric once, with everybody’s series', async () => {
    const { text } = await request(gatewayOf(service('book'), service('member')))
      .get('/metrics')
      .expect(200);

    expect(text.match(/^# TYPE handled_total counter$/gm)).toHaveLength(1);
    expect(text).toContain('handled_total{service="book"} 1\nhandled_total{service="member"} 2\n');
  });

  it('has each series once, also when services count the same: the first one’s', async () => {
    const metrics = [1, 2].map((count) => {
      const registry = new Registry();
      new Counter({ name: 'restarts_total', help: 'Restarts.', registers: [registry] }).inc(count);
      return registry;
    });
    const { text } = await request(gatewayOf(service('book', { metrics }), service('member', { metrics })))
      .get('/metrics')
      .expect(200);

    expect(text.match(/^restarts_total .*$/gm)).toEqual(['restarts_total 1']);
  });

  it('refuses two services that want the same path', () => {
    expect(() => gatewayOf(service('book'), service('book'))).toThrow('/books has two routes with the same method');
  });
});

import { Script } from 'node:vm';
import { Counter, Registry } from 'prom-client';
import request from 'supertest';
import type { HealthChecks } from '../../src/http/health';
import { serviceApp } from '../../src/http/service-app';
import { KeptLog, ManualClock, sampleApp, sampleService } from './sample-service';

const appWith = (health: HealthChecks, clock = new ManualClock()) =>
  serviceApp(sampleService({ health }), { clock, log: new KeptLog() });

describe('the index', () => {
  it('names the service and what it offers', async () => {
    const app = sampleApp();
    const { body } = await request(app).get('/').expect(200);

    expect(body).toMatchObject({ name: 'sample-service', version: '1.2.3' });
    for (const link of Object.values(body.links as Record<string, string>)) await request(app).get(link).expect(200);
  });
});

describe('health', () => {
  it('is alive as long as it answers', async () => {
    await request(appWith({ database: () => 'Down.' }))
      .get('/health/live')
      .expect(200, { status: 'live' });
  });

  it('is ready when every check is ok', async () => {
    const app = appWith({ database: () => 'ok', consumer: () => Promise.resolve('ok') });
    await request(app)
      .get('/health/ready')
      .expect(200, { status: 'ready', checks: { database: 'ok', consumer: 'ok' } });
  });

  it('is not ready when one is not, and says which and why', async () => {
    const app = appWith({ database: () => 'ok', consumer: () => 'Its loop has ended.' });
    const { body } = await request(app).get('/health/ready').expect(503).expect('Retry-After', '5');

    expect(body).toMatchObject({
      code: 'not-ready',
      detail: 'consumer: Its loop has ended.',
      checks: { database: 'ok', consumer: 'Its loop has ended.' },
    });
  });

  it('is not ready when a check fails, and does not say more than that', async () => {
    const app = appWith({
      database: () => Promise.reject(new Error('mongodb://user:secret@host')),
      broker: () => {
        throw new Error('secret');
      },
    });
    const { body, text } = await request(app).get('/health/ready').expect(503);

    expect(body.checks).toEqual({ database: 'The check itself failed.', broker: 'The check itself failed.' });
    expect(text).not.toContain('secret');
  });

  it('is not ready when a check does not answer', async () => {
    const clock = new ManualClock();
    const app = appWith({ database: () => new Promise<string>(() => clock.pass(2_000)) }, clock);
    const { body } = await request(app).get('/health/ready').expect(503);

    expect(body.checks).toEqual({ database: 'No answer within 2 s.' });
    expect(clock.waiting).toBe(0);
  });

  it('keeps no timer of a check that has answered', async () => {
    const clock = new ManualClock();
    await request(appWith({ database: () => 'ok' }, clock))
      .get('/health/ready')
      .expect(200);

    expect(clock.waiting).toBe(0);
  });

  it('asks anew each time', async () => {
    let said = 'ok';
    const app = appWith({ database: () => said });
    await request(app).get('/health/ready').expect(200);
    said = 'Down.';
    await request(app).get('/health/ready').expect(503);
  });
});

describe('metrics', () => {
  it('are those of the service, and how long its answers took', async () => {
    const registry = new Registry();
    new Counter({ name: 'loans_total', help: 'Loans.', registers: [registry] }).inc(3);
    const app = serviceApp(sampleService({ metrics: [registry] }), { clock: new ManualClock(), log: new KeptLog() });
    await request(app).get('/books/7').expect(200);
    await request(app).get('/books/x').expect(400);

    const { text } = await request(app)
      .get('/metrics')
      .expect(200)
      .expect('Content-Type', /^text\/plain; version=0\.0\.4/);
    expect(text).toMatch(/^loans_total 3$/m);
    expect(text).toMatch(
      /^http_request_duration_seconds_count\{method="GET",path="\/books\/\{no\}",status="200"\} 1$/m,
    );
    expect(text).toMatch(
      /^http_request_duration_seconds_count\{method="GET",path="\/books\/\{no\}",status="400"\} 1$/m,
    );
  });
});

describe('the page of documents', () => {
  it('[Q10] runs its own script and style, and nothing else', async () => {
    const app = sampleApp();
    const { text, headers } = await request(app)
      .get('/docs')
      .expect(200)
      .expect('Content-Type', 'text/html; charset=utf-8');

    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).toContain("script-src 'self'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(text).not.toMatch(/<script(?![^>]* src="\/)|<style| on\w+=|style=|https?:/);
    for (const [, link] of text.matchAll(/(?:src|href)="(\/[^"]+)"/g))
      await request(app)
        .get(link ?? '')
        .expect(200);
  });

  it('[Q10] puts text into the page only as text', async () => {
    const { text } = await request(sampleApp())
      .get('/docs/page.js')
      .expect(200)
      .expect('Content-Type', 'text/javascript; charset=utf-8');

    expect(() => new Script(text)).not.toThrow();
    expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
  });
});

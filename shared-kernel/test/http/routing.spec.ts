import request from 'supertest';
import { z } from 'zod';
import { refuse } from '../../src/domain/refusal';
import { problem } from '../../src/http/problem';
import { route, type Route } from '../../src/http/routes';
import { memberParam } from '../../src/http/parameters';
import { serviceApp } from '../../src/http/service-app';
import { Fault } from '../../src/store/fault';
import { KeptLog, ManualClock, SAGA, sampleApp, sampleService } from './sample-service';

const RENTALS = '/rental-cards/jenny/rentals';
const RENT = { memberName: '제니', item: { no: 1, title: '종' } };

const answers = { 204: { description: 'Done.' } };
const handle = () => ({ status: 204 }) as const;
const member = z.object({ member: memberParam });
const appOf = (...routes: Route[]) =>
  serviceApp(sampleService({ routes }), { clock: new ManualClock(), log: new KeptLog() });

const drifting = (answer: object) =>
  route({
    method: 'GET',
    path: '/a',
    summary: '',
    answers: { 200: { description: '', schema: z.object({ id: z.string() }) } },
    problems: ['card-not-found'],
    handle: () => answer as { status: 200; body: { id: string } },
  });

describe('a route', () => {
  it('answers with its status, its body and its headers', async () => {
    const { body, headers } = await request(sampleApp()).post(RENTALS).send(RENT).expect(202);

    expect(body).toEqual({ id: SAGA, status: 'RUNNING' });
    expect(headers['location']).toBe(`/sagas/${SAGA}`);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('answers with nothing where nothing is to be said', async () => {
    const { text } = await request(sampleApp()).put('/books/7/shelf').expect(204);
    expect(text).toBe('');
  });

  it('turns a refusal into its problem', async () => {
    const { body } = await request(sampleApp({ refuseWith: 'limit-reached' }))
      .post(RENTALS)
      .send(RENT)
      .expect(409)
      .expect('Content-Type', 'application/problem+json');

    expect(body).toEqual(problem('limit-reached'));
  });

  it('says which saga was undone, and why', async () => {
    const { body } = await request(sampleApp({ undoneBy: 'book-not-available' }))
      .post(RENTALS)
      .send(RENT)
      .expect(409);
    expect(body).toMatchObject({ code: 'book-not-available', sagaId: SAGA });
  });

  it('with a literal path goes before one with a parameter, whatever their order', async () => {
    await request(sampleApp()).get('/books/newest').expect(200, { no: 99 });
  });

  it('is found with a slash at the end, and in no other spelling', async () => {
    await request(sampleApp()).get('/books/7/').expect(200);
    await request(sampleApp()).get('/Books/7').expect(404);
    await request(sampleApp()).get('//books/7').expect(404);
  });

  it('answers HEAD as it answers GET, without the body', async () => {
    const { text, headers } = await request(sampleApp()).head('/books/7').expect(200);

    expect(text).toBeUndefined();
    expect(headers['content-length']).toBe('8');
  });
});

describe('a request for nothing that is there', () => {
  it('is a 404 when the path is unknown', async () => {
    const { body } = await request(sampleApp())
      .get('/nothing')
      .expect(404)
      .expect('Content-Type', 'application/problem+json');
    expect(body).toMatchObject({ code: 'not-found' });
  });

  it.each([
    ['delete', '/books/7', 'GET, HEAD, OPTIONS'],
    ['get', RENTALS, 'POST, OPTIONS'],
    ['post', '/books/newest', 'GET, HEAD, OPTIONS'],
    ['post', '/openapi.json', 'GET, HEAD, OPTIONS'],
  ] as const)('is a 405 when the path is known: %s %s', async (method, path, allow) => {
    const { body } = await request(sampleApp())[method](path).expect(405).expect('Allow', allow);
    expect(body).toMatchObject({ code: 'method-not-allowed' });
  });

  it('may ask what is allowed', async () => {
    await request(sampleApp()).options(RENTALS).expect(204).expect('Allow', 'POST, OPTIONS');
  });
});

describe('a failure', () => {
  it('of the world says when to try again, is logged, and leaks nothing', async () => {
    const log = new KeptLog();
    const failWith = new Fault('database-down', 'mongodb://user:secret@host does not answer.');
    const { text, body } = await request(sampleApp({ failWith }, { log }))
      .post(RENTALS)
      .set('X-Correlation-ID', 'shop-42')
      .send(RENT)
      .expect(503)
      .expect('Retry-After', '5');

    expect(body).toMatchObject({ code: 'unavailable' });
    expect(text).not.toContain('secret');
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { correlation: 'shop-42', err: failWith } }]);
  });

  it('that nobody foresaw shows nothing but where to look in the log', async () => {
    const log = new KeptLog();
    const { text, body } = await request(sampleApp({ failWith: new TypeError('secret is undefined') }, { log }))
      .post(RENTALS)
      .send(RENT)
      .expect(500);

    expect(body.code).toBe('bug');
    expect(text).not.toContain('secret');
    expect(log.lines).toHaveLength(1);
    expect(body.instance).toBe(`urn:uuid:${String(log.lines[0]?.fields['incident'])}`);
  });

  it('that is the client’s own is not logged', async () => {
    const log = new KeptLog();
    await request(sampleApp({}, { log })).post(RENTALS).send({}).expect(400);
    await request(sampleApp({}, { log })).get('/books/%zz').expect(400);

    expect(log.lines).toEqual([]);
  });
});

describe('an answer', () => {
  it('is nothing that a browser runs, guesses at, frames or keeps', async () => {
    const { headers } = await request(sampleApp()).get('/books/7').expect(200);

    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('a declaration that makes no sense', () => {
  it('is refused when path and params do not name the same', () => {
    expect(() => route({ method: 'GET', path: '/a/{id}', summary: '', params: member, answers, handle })).toThrow(
      '/a/{id}',
    );
    expect(() => route({ method: 'GET', path: '/a', summary: '', params: member, answers, handle })).toThrow('/a');
    expect(() => route({ method: 'GET', path: '/a/{member}', summary: '', answers, handle })).toThrow('/a/{member}');
  });

  it('is refused when a GET takes a body', () => {
    expect(() => route({ method: 'GET', path: '/a', summary: '', body: z.object({}), answers, handle })).toThrow(
      'takes no body',
    );
  });

  it('is refused when two routes are one', () => {
    const one = route({ method: 'GET', path: '/a', summary: '', answers, handle });
    expect(() => appOf(one, one)).toThrow('/a has two routes');
  });

  it('is refused when one path has two spellings', () => {
    const one = route({ method: 'GET', path: '/a/{member}', summary: '', params: member, answers, handle });
    const params = z.object({ id: memberParam });
    const other = route({ method: 'PUT', path: '/a/{id}', summary: '', params, answers, handle });

    expect(() => appOf(one, other)).toThrow('/a/{id} and /a/{member} are one path');
  });

  it('is refused when a path begins with a parameter', () => {
    const one = route({ method: 'GET', path: '/{member}/a', summary: '', params: member, answers, handle });

    expect(() => appOf(one)).toThrow('/{member}/a begins with a parameter');
  });

  it('does not compile when it answers with what it does not list', () => {
    // It is `tsc -b` that sees this one fail.
    const declared = [
      // @ts-expect-error 200 is not documented
      route({ method: 'GET', path: '/a', summary: '', answers, handle: () => ({ status: 200, body: {} }) }),
      // @ts-expect-error limit-reached is not listed
      route({ method: 'GET', path: '/a', summary: '', answers, handle: () => refuse('limit-reached') }),
      route({
        method: 'GET',
        path: '/a',
        summary: '',
        answers: { 200: { description: '', schema: z.object({ id: z.string() }) } },
        // @ts-expect-error the body lacks a field
        handle: () => ({ status: 200, body: {} }),
      }),
    ];
    expect(declared).toHaveLength(3);
  });
});

describe('a route under test', () => {
  it.each([
    [{ status: 200, body: { id: 'x', password: '1111' } }, 'answer.password'],
    [{ status: 200, body: {} }, 'answer.id'],
    [{ status: 204 }, 'answers 204'],
    [refuse('limit-reached'), 'refuses with limit-reached'],
    [problem('too-many-keys'), 'answers the problem too-many-keys'],
  ])('fails when it answers with what it does not document: %j', async (answer, complaint) => {
    const log = new KeptLog();
    const app = serviceApp(sampleService({ routes: [drifting(answer)] }), {
      clock: new ManualClock(),
      log,
      checkAnswers: true,
    });
    await request(app).get('/a').expect(500);

    expect(String(log.lines[0]?.fields['err'])).toContain(complaint);
  });

  it.each([[{ status: 200, body: { id: 'x' } }], [refuse('card-not-found')]])(
    'passes with what it documents: %j',
    async (answer) => {
      const app = serviceApp(sampleService({ routes: [drifting(answer)] }), {
        clock: new ManualClock(),
        log: new KeptLog(),
        checkAnswers: true,
      });
      const { status } = await request(app).get('/a');

      expect(status).not.toBe(500);
    },
  );
});

import { once } from 'node:events';
import { Agent, get, request, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { listen, urlOf, type Listening } from '../../src/http/listening';
import { route } from '../../src/http/routes';
import { serviceApp } from '../../src/http/service-app';
import { STOPPING } from '../../src/http/stopping';
import { KeptLog, ManualClock, sampleApp, sampleService } from './sample-service';

const HOST = '127.0.0.1';

/** An app whose answers wait until they are let go. */
function holding() {
  const held: (() => void)[] = [];
  const app: RequestListener = (incoming, response) => {
    if (incoming.url === '/begun') response.write('begun');
    held.push(() => response.end('done'));
  };
  const arrived = async (count: number) => {
    while (held.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  return { app, arrived, letGo: () => held.forEach((answer) => answer()) };
}

const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

describe('a server', () => {
  const servers: Listening[] = [];
  const sockets: Socket[] = [];

  const serve = async (app: RequestListener = sampleApp()) => {
    const server = await listen(app, { host: HOST, port: 0 });
    servers.push(server);
    return server;
  };
  const dial = async ({ port }: Listening) => {
    const socket = connect(port, HOST);
    sockets.push(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await once(socket, 'connect');
    return { socket, text: () => text, closed: once(socket, 'close') };
  };

  afterEach(async () => {
    jest.restoreAllMocks();
    for (const socket of sockets.splice(0)) socket.destroy();
    await Promise.all(servers.splice(0).map((server) => server.stop(0)));
  });

  it('answers on the port that it was given', async () => {
    const { port } = await serve();
    const [response] = (await once(get({ host: HOST, port, path: '/books/7', agent: false }), 'response')) as [
      IncomingMessage,
    ];

    expect(response.statusCode).toBe(200);
  });

  it('makes requests and answers of the kind that Express wants, and leaves it nothing to change', async () => {
    const changed: object[] = [];
    const setPrototype = Object.setPrototypeOf.bind(Object);
    jest.spyOn(Object, 'setPrototypeOf').mockImplementation((target: object, prototype) => {
      if (Object.getPrototypeOf(target) !== prototype) changed.push(target);
      return setPrototype(target, prototype) as unknown;
    });
    const { port } = await serve();
    changed.length = 0;

    const [response] = (await once(get({ host: HOST, port, path: '/books/7', agent: false }), 'response')) as [
      IncomingMessage,
    ];

    expect(response.statusCode).toBe(200);
    expect(changed).toHaveLength(0);
  });

  it('[O10] says in a sentence that its port is taken, and how to take another', async () => {
    const { port } = await serve();

    await expect(listen(sampleApp(), { host: HOST, port })).rejects.toMatchObject({
      name: 'Fault',
      code: 'port-taken',
      retryable: false,
      message: `Cannot listen on port ${port} of 127.0.0.1: another program has it. Stop that one, or choose another port with HTTP_PORT.`,
    });
  });

  it.each(['203.0.113.1', 'no-such-host.invalid'])(
    '[O10] says in a sentence that this machine is not %s',
    async (host) => {
      await expect(listen(sampleApp(), { host, port: 0 })).rejects.toMatchObject({
        code: 'host-unknown',
        retryable: false,
        message: expect.stringContaining('HTTP_HOST'),
      });
    },
  );

  it('[Q9] refuses headers that are too long, with a problem', async () => {
    const { socket, text, closed } = await dial(await serve());
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\n${'X-Many: 1\r\n'.repeat(10_000)}\r\n`);
    await closed;

    expect(text()).toMatch(/^HTTP\/1\.1 431 /);
    expect(text()).toContain('"code":"headers-too-large"');
  });

  it.each(['nonsense\r\n\r\n', 'GET / HTTP/1.1\r\nHost: localhost\r\nX-Bad: a\0b\r\n\r\n'])(
    '[Q3] refuses what is no request, with a problem: %j',
    async (bytes) => {
      const { socket, text, closed } = await dial(await serve());
      socket.write(bytes);
      await closed;

      expect(text()).toMatch(/^HTTP\/1\.1 400 /);
      expect(text()).toContain('"code":"malformed-request"');
    },
  );

  it('refuses a request without a Host, with a problem', async () => {
    const { socket, text, closed } = await dial(await serve());
    socket.write('GET /books/7 HTTP/1.1\r\nConnection: close\r\n\r\n');
    await closed;

    expect(text()).toMatch(/^HTTP\/1\.1 400 /);
    expect(text()).toContain('"code":"malformed-request"');
  });

  it('cuts a connection that sends nonsense in the middle of an answer', async () => {
    const { app, arrived } = holding();
    const { socket, text, closed } = await dial(await serve(app));
    socket.write('GET /begun HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await arrived(1);
    while (!text().includes('begun')) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.write('nonsense\r\n\r\n');
    await closed;

    expect(text()).not.toContain('malformed-request');
  });

  it('[Q9] answers a body that is too large before it has read it', async () => {
    const { port } = await serve();
    const upload = request({ host: HOST, port, method: 'POST', path: '/rental-cards/jenny/rentals', agent: false });
    upload.setHeader('Content-Type', 'application/json').on('error', () => undefined);
    upload.write('x'.repeat(17 * 1024));
    const [response] = (await once(upload, 'response')) as [IncomingMessage];
    upload.destroy();

    expect(response.statusCode).toBe(413);
  });

  it.each([
    ['headers', 'GET /books/7 HTTP/1.1\r\nHost: localhost\r\n'],
    [
      'body',
      'POST /rental-cards/jenny/rentals HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    ],
  ])('[M9] gives up on a client that does not finish its %s', async (_what, bytes) => {
    const patience = {
      headersTimeout: 100,
      requestTimeout: 200,
      keepAliveTimeout: 100,
      connectionsCheckingInterval: 20,
    };
    const server = await listen(sampleApp(), { host: HOST, port: 0 }, patience);
    servers.push(server);
    const { socket, text, closed } = await dial(server);
    socket.write(bytes);
    await closed;

    expect(text()).toMatch(/^HTTP\/1\.1 408 /);
    expect(text()).toContain('"code":"too-slow"');
  });

  describe('that stops', () => {
    it('[O1] takes no new connection', async () => {
      const server = await serve();
      await server.stop(1_000);
      const socket = connect(server.port, HOST);
      const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];

      expect(error.code).toBe('ECONNREFUSED');
    });

    it('[O1] closes idle connections at once', async () => {
      const server = await serve();
      const agent = new Agent({ keepAlive: true });
      const [response] = (await once(get({ host: HOST, port: server.port, path: '/books/7', agent }), 'response')) as [
        IncomingMessage,
      ];
      response.resume();
      await once(response, 'end');
      await dial(server);
      const began = Date.now();
      await server.stop(10_000);

      expect(Date.now() - began).toBeLessThan(1_000);
      agent.destroy();
    });

    it('[O1] lets what is in flight finish, and says that the connection closes', async () => {
      const { app, arrived, letGo } = holding();
      const server = await serve(app);
      const agent = new Agent({ keepAlive: true });
      const asked = get({ host: HOST, port: server.port, agent });
      await arrived(1);
      let isStopped = false;
      const stopped = server.stop(10_000).then(() => (isStopped = true));
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(isStopped).toBe(false);

      letGo();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      response.resume();
      await stopped;

      expect(response.statusCode).toBe(200);
      expect(response.headers.connection).toBe('close');
      agent.destroy();
    });

    it('[O1] tells a request that waits to answer with what there is', async () => {
      const waiting = route({
        method: 'GET',
        path: '/outcome',
        summary: 'Waits',
        answers: { 202: { description: 'Not yet.', schema: z.object({ status: z.string() }) } },
        handle: async ({ signal }) => {
          if (!signal.aborted) await once(signal, 'abort');
          return { status: 202, body: { status: 'RUNNING' } };
        },
      });
      const world = { clock: new ManualClock(), log: new KeptLog() };
      const server = await serve(serviceApp(sampleService({ routes: [waiting] }), world));
      const asked = get({ host: HOST, port: server.port, path: '/outcome', agent: false });
      const answered = once(asked, 'response');
      await once(asked, 'finish');
      await new Promise((resolve) => setTimeout(resolve, 50));
      await server.stop(10_000);

      const [response] = (await answered) as [IncomingMessage];
      expect(response.statusCode).toBe(202);
    });

    it('[O1] lets an answer finish that has begun, and then closes its connection', async () => {
      const { app, arrived, letGo } = holding();
      const server = await serve(app);
      const agent = new Agent({ keepAlive: true });
      const answered = once(get({ host: HOST, port: server.port, path: '/begun', agent }), 'response');
      await arrived(1);
      const [response] = (await answered) as [IncomingMessage];
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      const ended = once(response, 'end');

      const began = Date.now();
      const stopped = server.stop(10_000);
      letGo();
      await stopped;

      // The last of it may still be on its way.
      await ended;
      expect(text).toBe('begundone');
      expect(Date.now() - began).toBeLessThan(2_000);
      agent.destroy();
    });

    it('[O1] cuts off the rest when the budget is spent', async () => {
      const { app, arrived } = holding();
      const server = await serve(app);
      const failed = once(get({ host: HOST, port: server.port, agent: false }), 'error');
      await arrived(1);
      await server.stop(50);

      const [error] = (await failed) as [NodeJS.ErrnoException];
      expect(error.code).toBe('ECONNRESET');
    });

    it('has forgotten what was answered, and what waited behind it when the client went away', async () => {
      const told: string[] = [];
      const seen: string[] = [];
      const server = await serve((incoming, response) => {
        seen.push(incoming.url!);
        response.once(STOPPING, () => told.push(incoming.url!));
        if (incoming.url === '/answered') response.end();
      });
      const [gone, stays] = [await dial(server), await dial(server)];
      gone.socket.write(ask('/first') + ask('/behind'));
      stays.socket.write(ask('/answered') + ask('/waits'));
      while (seen.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
      gone.socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 50));

      await server.stop(0);

      expect(told).toEqual(['/waits']);
    });

    it('stops once, however often it is told to', async () => {
      const server = await serve();
      const first = server.stop(1_000);

      expect(server.stop(5)).toBe(first);
      await first;
    });
  });
});

it.each([
  ['127.0.0.1', 'http://127.0.0.1:8080'],
  ['localhost', 'http://localhost:8080'],
  ['0.0.0.0', 'http://127.0.0.1:8080'],
  ['::', 'http://127.0.0.1:8080'],
  ['::1', 'http://[::1]:8080'],
])('what listens on %s is reached at %s', (host, origin) => {
  expect(urlOf({ host, port: 8080 })).toBe(origin);
  expect(URL.canParse(origin)).toBe(true);
});

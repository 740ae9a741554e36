import { createServer, type Server } from 'node:http';
import request from 'supertest';
import { sampleApp } from './sample-service';

/** The sample as it looks to somebody at another address. */
function seenFrom(remoteAddress: string, localAddress = '127.0.0.1', knownHosts: readonly string[] = []): Server {
  const app = sampleApp({}, { knownHosts });
  return createServer((incoming, response) => {
    Object.defineProperty(incoming.socket, 'remoteAddress', { value: remoteAddress });
    Object.defineProperty(incoming.socket, 'localAddress', { value: localAddress });
    app(incoming, response);
  });
}

const put = (headers: Record<string, string>) =>
  request(seenFrom('127.0.0.1')).put('/books/7/shelf').set('Host', 'localhost:8080').set(headers);

describe('operators’ calls', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])(
    '[Q6] are answered to this machine: %s',
    async (address) => {
      await request(seenFrom(address)).post('/ops/pause').expect(204);
    },
  );

  it.each(['10.0.0.7', '192.168.1.1', '::ffff:10.0.0.7', 'fe80::1', '127.0.0.1.evil', ''])(
    '[Q6] are refused to others: %s',
    async (address) => {
      const { body } = await request(seenFrom(address)).post('/ops/pause').expect(403);
      expect(body).toMatchObject({ code: 'loopback-only' });
    },
  );

  it('[Q6] are refused to others whether they exist or not, and not in any spelling', async () => {
    await request(seenFrom('10.0.0.7')).get('/ops/anything').expect(403);
    await request(seenFrom('10.0.0.7')).post('/ops/pause/').expect(403);
    for (const path of ['/OPS/pause', '//ops/pause', '/%6fps/pause', '/x/../ops/pause']) {
      const { status } = await request(seenFrom('10.0.0.7')).post(path);
      expect([403, 404]).toContain(status);
    }
  });

  it.each(['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via'])(
    '[Q6] are not opened by a header, and closed by one that says that others ask: %s',
    async (header) => {
      await request(seenFrom('10.0.0.7')).post('/ops/pause').set(header, '127.0.0.1').expect(403);
      await request(seenFrom('127.0.0.1')).post('/ops/pause').set(header, '10.0.0.7').expect(403);
    },
  );

  it('are the only ones that others may not make', async () => {
    await request(seenFrom('10.0.0.7')).get('/books/7').expect(200);
  });
});

describe('the Host of a request that comes to this machine’s own address', () => {
  it.each(['localhost:8081', 'LOCALHOST', '127.0.0.1:1', '[::1]:8081', 'library.localhost'])(
    '[Q13] may be %s',
    async (host) => {
      await request(seenFrom('127.0.0.1')).get('/books/7').set('Host', host).expect(200);
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil-localhost',
    '10.0.0.7',
    'localhost:80:80',
  ])('[Q13] is not %s: DNS may have been rebound', async (host) => {
    const { body } = await request(seenFrom('127.0.0.1')).get('/books/7').set('Host', host).expect(421);
    expect(body).toMatchObject({ code: 'unknown-host' });
  });

  it('may be a name that was made known', async () => {
    await request(seenFrom('127.0.0.1', '127.0.0.1', ['library.example']))
      .get('/books/7')
      .set('Host', 'library.example')
      .expect(200);
  });

  it('may be any name when it came to another address', async () => {
    await request(seenFrom('10.0.0.7', '10.0.0.1')).get('/books/7').set('Host', 'library.example').expect(200);
  });
});

describe('a request that changes something', () => {
  it.each<[string, Record<string, string>]>([
    ['a program', {}],
    ['a page of this origin', { Origin: 'http://localhost:8080', 'Sec-Fetch-Site': 'same-origin' }],
    ['a page of this origin, over TLS that ends before us', { Origin: 'https://localhost:8080' }],
  ])('[Q13] may come from %s', async (_whom, headers) => {
    const { status } = await put(headers);
    expect(status).toBe(204);
  });

  it.each<[string, Record<string, string>]>([
    ['a page of another site', { Origin: 'https://evil.example' }],
    ['a page of another port', { Origin: 'http://localhost:3000' }],
    ['a page without an origin', { Origin: 'null' }],
    ['a page whose browser says so', { 'Sec-Fetch-Site': 'cross-site' }],
  ])('[Q13] never comes from %s', async (_whom, headers) => {
    const { body } = await put(headers).expect(403);
    expect(body).toMatchObject({ code: 'cross-site' });
  });

  it('is no GET, which any page may make: it cannot read the answer', async () => {
    await request(seenFrom('127.0.0.1')).get('/books/7').set('Origin', 'https://evil.example').expect(200);
  });
});

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { TcpProxy } from '@library/infra/tcp-proxy';

/** Long enough for a byte to come through on this machine, if it comes at all. */
const A_WHILE_MS = 100;

/** Answers each chunk with the same in capitals, and remembers what it was told. */
class Echo {
  told = '';
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        this.told += bytes.toString();
        socket.write(bytes.toString().toUpperCase());
      });
      socket.on('end', () => socket.end());
    });
  }

  static async start(): Promise<Echo> {
    const server = createServer({ allowHalfOpen: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Echo(server);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

class Client {
  heard = '';
  error: string | undefined;
  readonly closed: Promise<unknown>;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (bytes) => (this.heard += bytes.toString()));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code));
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  static async to({ port }: TcpProxy): Promise<Client> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Client(socket);
  }

  say(text: string): void {
    this.socket.write(text);
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  async hears(text: string): Promise<void> {
    await until(() => this.heard === text);
  }
}

async function until(isSo: () => boolean): Promise<void> {
  const end = Date.now() + 5_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`Not so after 5 s: ${isSo.toString()}`);
    await pause(5);
  }
}

describe('a TCP proxy', () => {
  let server: Echo;
  let proxy: TcpProxy;
  let client: Client;

  beforeEach(async () => {
    server = await Echo.start();
    proxy = await TcpProxy.to('127.0.0.1', server.port);
    client = await Client.to(proxy);
    client.say('one ');
    await client.hears('ONE ');
  });

  afterEach(async () => {
    client.destroy();
    await proxy.close();
    server.close();
  });

  it('passes bytes both ways, and counts connections and bytes', () => {
    expect(proxy).toMatchObject({ connections: 1, open: 1, bytesToServer: 4, bytesToClient: 4 });
  });

  it('passes large amounts whole, and the end after them', async () => {
    const large = 'x'.repeat(5_000_000);
    client.say(large);
    client.end();
    await client.closed;

    expect(client.heard.length).toBe(4 + large.length);
    expect(client.error).toBeUndefined();
    await until(() => proxy.open === 0);
  });

  it('resets all connections and refuses new ones when it is cut, until it is restored', async () => {
    proxy.cut();
    await client.closed;
    expect(client.error).toBe('ECONNRESET');
    await expect(Client.to(proxy)).rejects.toMatchObject({ code: 'ECONNREFUSED' });

    await proxy.restore();
    client = await Client.to(proxy);
    client.say('two ');
    await client.hears('TWO ');
  });

  it('lets what clients say arrive, and swallows the answer', async () => {
    proxy.swallowAnswers();
    client.say('two ');
    await until(() => server.told === 'one two ');
    await pause(A_WHILE_MS);

    expect(client.heard).toBe('ONE ');
  });

  it('ends a connection that has missed an answer when it is restored, and no other', async () => {
    const idle = await Client.to(proxy);
    proxy.swallowAnswers();
    client.say('two ');
    await until(() => server.told === 'one two ');
    await pause(A_WHILE_MS);
    await proxy.restore();

    await client.closed;
    expect(client.heard).toBe('ONE ');
    idle.say('three ');
    await idle.hears('THREE ');
    idle.destroy();
  });

  it('holds back what goes to the server, and delivers it when it is restored', async () => {
    proxy.partition('to-server');
    client.say('two ');
    await pause(A_WHILE_MS);
    expect(server.told).toBe('one ');

    await proxy.restore();
    await client.hears('ONE TWO ');
  });

  it('holds back also what was delayed when the partition began', async () => {
    proxy.delay(A_WHILE_MS);
    client.say('two ');
    await pause(A_WHILE_MS / 4);
    proxy.partition('to-server');
    await pause(2 * A_WHILE_MS);
    expect(server.told).toBe('one ');
  });

  it('holds back what goes to the client, and delivers it when it is restored', async () => {
    proxy.partition('to-client');
    client.say('two ');
    await until(() => server.told === 'one two ');
    await pause(A_WHILE_MS);
    expect(client.heard).toBe('ONE ');

    await proxy.restore();
    await client.hears('ONE TWO ');
  });

  it('delays both directions, and delivers at once when the delay ends', async () => {
    proxy.delay(A_WHILE_MS);
    const begun = performance.now();
    client.say('two ');
    await client.hears('ONE TWO ');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(2 * A_WHILE_MS - 5);

    proxy.delay(60_000);
    client.say('three ');
    await pause(A_WHILE_MS / 4);
    proxy.delay(0);
    await client.hears('ONE TWO THREE ');
  });

  it('ends a client’s connection when the server is not there', async () => {
    server.close();
    const late = await Client.to(proxy);
    await late.closed;
    await until(() => proxy.open === 0);

    expect(late.heard).toBe('');
  });

  it('listens on the port it was told, and leaves it when it is closed', async () => {
    const { port } = proxy;
    await proxy.close();
    const again = await TcpProxy.to('127.0.0.1', server.port, { port });
    expect(again.address).toBe(`127.0.0.1:${port}`);
    await again.close();
  });
});

import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { Connection } from '../../src/kafka/connection';
import { SystemClock } from '../../src/time/system-clock';

describe('a connection to brokers that never answer', () => {
  let broker: Server;
  let sockets: Socket[];
  let connection: Connection;

  beforeEach(async () => {
    sockets = [];
    broker = createServer((socket) => sockets.push(socket.on('error', () => undefined).resume()));
    await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', resolve));
    const { port } = broker.address() as AddressInfo;
    connection = new Connection({
      brokers: [`127.0.0.1:${port}`],
      clientId: 'spec',
      clock: new SystemClock(),
      random: Math.random,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      onFailure: () => undefined,
    });
  });
  afterEach(() => broker.close());

  it('is given up at once when it is ended, and is not opened again', async () => {
    const opened = once(broker, 'connection');
    const reached = connection.reach().catch(String);
    await opened;
    const closed = new Promise((resolve) => sockets[0]!.once('close', resolve));

    connection.end();

    expect(await reached).toContain('given up');
    await closed;
    expect(sockets).toHaveLength(1);
  });
});

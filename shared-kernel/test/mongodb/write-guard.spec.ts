import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { endWritesWithTheirConnection } from '../../src/mongodb/write-guard';

const { Connection } = createRequire(__filename)('mongodb/lib/cmap/connection');

/** The driver's connection, with a socket that says that it is full, and never takes anything again. */
function fullConnection() {
  const connection = new EventEmitter();
  return Object.assign(Object.setPrototypeOf(connection, Connection.prototype), {
    address: 'here:27017',
    socket: Object.assign(new EventEmitter(), { write: () => false }),
  });
}

const MESSAGE = { toBin: () => [Buffer.from('a command')] };

describe('a write that waits for its socket', () => {
  beforeAll(endWritesWithTheirConnection);

  it('ends when its connection ends [I2]', async () => {
    const connection = fullConnection();

    const written = connection.writeCommand(MESSAGE, { agreedCompressor: 'none' }).catch(String);
    connection.emit('close');

    expect(await written).toContain('The connection to here:27017 ended while it was written to.');
    expect(connection.listenerCount('close')).toBe(0);
  });

  it('goes on when the socket takes more', async () => {
    const connection = fullConnection();

    const written = connection.writeCommand(MESSAGE, { agreedCompressor: 'none' });
    await new Promise(setImmediate);
    connection.socket.emit('drain');

    await expect(written).resolves.toBeUndefined();
    expect(connection.listenerCount('close')).toBe(0);
  });
});

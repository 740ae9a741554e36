import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { freePortsInARow, LOCALHOST } from '@library/infra/ports';

describe('free ports in a row', () => {
  const servers: Server[] = [];
  const listen = async (port: number) => {
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, LOCALHOST, resolve);
    });
  };
  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });

  it('can all be listened on, and are none that a system hands out to connections', async () => {
    const first = await freePortsInARow(5);
    for (let at = 0; at < 5; at++) await listen(first + at);

    expect(first).toBeGreaterThanOrEqual(20_000);
    expect(first + 4).toBeLessThan(32_000);
  });

  it('are others where one of them is taken', async () => {
    const dice: number[] = [];
    const { random } = Math;
    jest.spyOn(Math, 'random').mockImplementation(() => dice[dice.push(random()) - 1]!);
    const taken = await freePortsInARow(5);
    await listen(taken + 4);
    jest.spyOn(Math, 'random').mockReturnValueOnce(dice.at(-1)!);

    expect(await freePortsInARow(5)).not.toBe(taken);
  });
});

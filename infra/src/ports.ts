import { createServer } from 'node:net';
import { InfraFailure } from './infra-failure';

export const LOCALHOST = '127.0.0.1';

/**
 * Below the ports that systems hand out to connections by themselves: a server that was killed finds its port free when it
 * comes back, instead of taken by one of the clients that were looking for it.
 */
const [LOWEST, HIGHEST] = [20_000, 32_000];
const ATTEMPTS = 50;

/** Ports that nobody listens on now, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  for (let attempt = 0; found.size < count; attempt++) {
    if (attempt > ATTEMPTS * count) throw noneFree();
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

/** The first of so many ports in a row that nobody listens on now. */
export async function freePortsInARow(count: number): Promise<number> {
  for (let attempt = 0; attempt <= ATTEMPTS; attempt++) {
    const first = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST - count));
    const ports = Array.from({ length: count }, (_, at) => first + at);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  throw noneFree();
}

/** Rejects with a sentence when another program listens there. */
export async function assertFree(port: number): Promise<void> {
  if (await isFree(port)) return;
  throw new InfraFailure(
    `Port ${port} cannot be listened on: another program has it. Stop that program, or choose another port.`,
  );
}

function noneFree(): InfraFailure {
  return new InfraFailure(`No free port was found from ${LOWEST} to ${HIGHEST}.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, LOCALHOST, () => server.close(() => resolve(true)));
  });
}

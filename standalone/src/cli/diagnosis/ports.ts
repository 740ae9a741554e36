import { connect } from 'node:net';
import { urlOf } from '@library/shared-kernel/http/listening';
import { LibraryApi, NothingAnswers } from '../library-api';
import { bad, ok, warn, type Finding } from './finding';

const SERVICES = ['library', 'rental-service', 'book-service', 'member-service', 'bestbook-service'];
const PATIENCE_MS = 1_000;

/** Whether the ports that a start takes are free, or ours already. */
export async function portFindings(host: string, first: number): Promise<readonly Finding[]> {
  if (first === 0) return [ok('ports', 'A start takes any free ones.')];
  const from = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return Promise.all(SERVICES.map((name, at) => portFinding(from, first + at, name)));
}

async function portFinding(host: string, port: number, name: string): Promise<Finding> {
  const what = `port ${port}`;
  if (!(await isTaken(host, port))) return ok(what, 'Free.');

  const there = await nameAt(urlOf({ host, port }));
  if (there === name) return ok(what, `The ${name === 'library' ? 'whole library' : name} answers there.`);
  if (there !== undefined && SERVICES.includes(there)) {
    return warn(what, `${there} answers there.`, 'Another library runs with other ports; HTTP_PORT tells them apart.');
  }
  return bad(what, 'Another program has it.', 'Stop that one, or choose other ports with HTTP_PORT.');
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.setTimeout(PATIENCE_MS, () => done(true));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}

/** What whoever answers there calls itself; undefined when it is none of ours. */
async function nameAt(origin: string): Promise<string | undefined> {
  try {
    const { body } = await new LibraryApi(origin).ask<{ name?: string }>('GET', '/', { timeoutMs: PATIENCE_MS });
    return body.name;
  } catch (error) {
    if (
      error instanceof NothingAnswers ||
      (error as Error).name === 'CannotDo' ||
      (error as Error).name === 'TimeoutError'
    )
      return undefined;
    throw error;
  }
}

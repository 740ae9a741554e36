import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { sendProblem } from './answering';
import { problem } from './problem';
import type { EdgeCode } from './problem-kinds';

const LOOPBACK_ADDRESS = /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/;
const LOOPBACK_NAME = /^(([a-z0-9-]+\.)*localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Operators' calls are answered to this machine only, until there is a login. The socket says who asks; a header can only
 * make it worse: what a proxy on this machine passes on comes from somewhere else.
 */
export const opsGuard: RequestHandler = (request, response, next) => {
  const { headers, socket } = request;
  const isPassedOn = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => name in headers);
  if (LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '') && !isPassedOn) next();
  else sendProblem(response, problem('loopback-only'));
};

/**
 * Why a request is not what its user meant to send, if so. A page of any site can make a browser send requests to this
 * machine, under a name of its own (DNS rebinding) or across sites (CSRF); the browser tells which by Host and Origin.
 * A name in front of this machine, such as a proxy's, has to be among `knownHosts`.
 */
export function forgeryIn(request: IncomingMessage, knownHosts: ReadonlySet<string>): EdgeCode | undefined {
  const { headers, method = '', socket } = request;
  const host = (headers.host ?? '').toLowerCase();
  const name = host.replace(/:\d*$/, '');
  if (!LOOPBACK_NAME.test(name) && !knownHosts.has(name) && LOOPBACK_ADDRESS.test(socket.localAddress ?? '')) {
    return 'unknown-host';
  }
  if (SAFE_METHODS.has(method)) return undefined;

  const isForeign = headers.origin !== undefined && hostOf(headers.origin) !== host.replace(/:(80|443)$/, '');
  return isForeign || headers['sec-fetch-site'] === 'cross-site' ? 'cross-site' : undefined;
}

/** Without the scheme: TLS may end in front of us. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host.replace(/:(80|443)$/, '') : undefined;
}

import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { isIPv6, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Fault } from '../store/fault';
import { PassingLists } from '../store/passing-lists';
import { sendProblem } from './answering';
import { messageClassesOf } from './message-classes';
import { problem } from './problem';
import type { EdgeCode } from './problem-kinds';
import { MOST_HEADERS } from './service-app';
import { STOPPING } from './stopping';

/** Where a server listens; port 0 takes any free one. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The URL under which this machine reaches what listens there. */
export function urlOf({ host, port }: Address): string {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${isIPv6(reached) ? `[${reached}]` : reached}:${port}`;
}

/** A server that takes requests. */
export interface Listening {
  readonly port: number;
  /**
   * Takes no new connection, closes idle ones at once, ends streams and waiting, lets what is in flight finish within
   * the budget, and cuts off the rest. Resolves when nothing is left; again and again the same.
   */
  stop(budgetMs: number): Promise<void>;
}

/** For how long a client may dawdle with its headers, its whole request, and its next one; and how often that is looked at. */
const PATIENCE = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
};

/** Rejects with a Fault, in a sentence for whoever started it, when it cannot listen there. */
export async function listen(app: RequestListener, address: Address, patience = PATIENCE): Promise<Listening> {
  const server = createServer({
    ...patience,
    ...messageClassesOf(app),
    maxHeaderSize: 16 * 1024,
    requireHostHeader: false,
  });
  server.maxHeadersCount = MOST_HEADERS;
  const inFlight = inFlightOf(server);
  const connections = connectionsOf(server);
  server.on('clientError', (error, socket) => refuse(error, socket, inFlight));
  server.on('request', wantingHost(app));

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(faultOf(error, address)));
    server.listen(address.port, address.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  let stopped: Promise<void> | undefined;
  return { port, stop: (budgetMs) => (stopped ??= stop(server, connections, inFlight, budgetMs)) };
}

/** Node would refuse it by itself, and say nothing. */
function wantingHost(app: RequestListener): RequestListener {
  return (request, response) => {
    if (request.headers.host === undefined && request.httpVersion === '1.1') {
      const detail = 'A request of HTTP/1.1 has a Host header, and this one has none. Check what sends it.';
      sendProblem(response, problem('malformed-request', { detail }), { Connection: 'close' });
    } else {
      app(request, response);
    }
  };
}

/** The answers that are not complete yet, by connection. */
type InFlight = PassingLists<Duplex, ServerResponse>;

function inFlightOf(server: Server): InFlight {
  const inFlight: InFlight = new PassingLists();
  // Trap: an answer that still waits behind another one of its connection never says that it is closed.
  server.on('connection', (socket) => socket.once('close', () => inFlight.take(socket)));
  server.on('request', ({ socket }, response) => {
    inFlight.add(socket, response);
    if (!server.listening) response.setHeader('Connection', 'close');
    response.once('close', () => {
      inFlight.remove(socket, response);
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
  });
  return inFlight;
}

function connectionsOf(server: Server): ReadonlySet<Socket> {
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  return connections;
}

function stop(server: Server, connections: ReadonlySet<Socket>, inFlight: InFlight, budgetMs: number): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => server.closeAllConnections(), budgetMs);
    server.close(() => {
      clearTimeout(giveUp);
      resolve();
    });
    server.closeIdleConnections();
    // Node does not count one as idle that has never said anything, such as a browser keeps for later.
    for (const connection of connections) if (connection.bytesRead === 0) connection.destroy();

    for (const response of [...inFlight.keys].flatMap((socket) => inFlight.of(socket))) {
      if (!response.headersSent) response.setHeader('Connection', 'close');
      response.emit(STOPPING);
    }
  });
}

/** What Node refuses by itself gets a problem too, when nothing else is being said on that connection. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex, inFlight: InFlight): void {
  const isAnswering = inFlight.of(socket).some((response) => response.socket === socket && response.headersSent);
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering) {
    socket.destroy();
    return;
  }
  const { status, ...said } = problem(REFUSALS[error.code ?? ''] ?? 'malformed-request');
  const body = JSON.stringify({ ...said, status });
  socket.end(
    [
      `HTTP/1.1 ${status} ${said.title}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ].join('\r\n'),
  );
}

const REFUSALS: Readonly<Record<string, EdgeCode>> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'too-slow',
};

const FAULTS: Readonly<Record<string, readonly [code: string, why: string]>> = {
  EADDRINUSE: ['port-taken', 'another program has it. Stop that one, or choose another port with HTTP_PORT.'],
  EACCES: ['port-forbidden', 'the system does not allow it. Choose a port above 1023 with HTTP_PORT.'],
  EADDRNOTAVAIL: ['host-unknown', 'this machine has no such address. Choose another one with HTTP_HOST.'],
  ENOTFOUND: ['host-unknown', 'there is no host of that name. Choose another one with HTTP_HOST.'],
};

function faultOf(error: NodeJS.ErrnoException, { host, port }: Address): Error {
  const [code, why] = FAULTS[error.code ?? ''] ?? [];
  if (code === undefined) return error;
  return new Fault(code, `Cannot listen on port ${port} of ${host}: ${why}`, false, { cause: error });
}

import type { ServerResponse } from 'node:http';
import { retryAfterOf, type Problem } from './problem';

export const JSON_TYPE = 'application/json; charset=utf-8';

/** Headers of one answer. */
export type Headers = Readonly<Record<string, string>>;

export function sendJson(response: ServerResponse, status: number, body: unknown, headers?: Headers): void {
  send(response, status, JSON_TYPE, JSON.stringify(body), headers);
}

export function sendProblem(response: ServerResponse, problem: Problem, headers?: Headers): void {
  const retryAfter = retryAfterOf(problem);
  send(response, problem.status, 'application/problem+json', JSON.stringify(problem), {
    ...headers,
    ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
  });
}

export function sendNothing(response: ServerResponse, status: number, headers?: Headers): void {
  response.writeHead(status, { ...headers }).end();
}

/** Nothing happens to a client that has gone, or that has its answer. */
export function send(response: ServerResponse, status: number, type: string, text: string, headers?: Headers): void {
  if (response.headersSent) return;
  response.writeHead(status, { ...headers, 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

import { createHash } from 'node:crypto';
import type { Keyed } from '../store/kept-answer';
import type { Route, RouteRequest } from './routes';

/**
 * A hash of what is asked: the same whenever the same call comes with the same body, in whatever order its fields are.
 * `path` is the one that was called, with its parameters filled in; `body` is what the route has read, so that a default
 * and the same value sent are one.
 */
export function askedOf(method: Route['method'], path: string, body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([method, path, body], fieldsInOrder))
    .digest('base64url');
}

/** The request as a use case takes it that answers a repeated one as it did the first time. */
export function keyed({ key, body }: Pick<RouteRequest, 'key' | 'body'>, method: Route['method'], path: string): Keyed {
  return key === undefined ? {} : { key, asked: askedOf(method, path, body) };
}

function fieldsInOrder(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

import type { IdempotencyKey } from '../domain/identifiers';

/** How long an answer is kept for a request that comes again, in milliseconds. */
export const KEYS_KEPT_MS = 24 * 60 * 60 * 1_000;

/** What a request was answered, and a hash of what it asked: the same key must ask for the same. */
export interface KeptAnswer<Answer> {
  readonly asked: string;
  readonly answer: Answer;
}

/** A request that may come again: its key, and a hash of what it asks. One without a key never does. */
export type Keyed =
  { readonly key: IdempotencyKey; readonly asked: string } | { readonly key?: undefined; readonly asked?: undefined };

/** The key was sent before, with another request. */
export interface KeyReused {
  readonly misused: 'idempotency-key-reused';
}

/** That; or, where there is a limit, as many keys are kept as there may be. */
export type Misuse = KeyReused | { readonly misused: 'too-many-keys' };

export function isMisuse(answer: unknown): answer is Misuse {
  return typeof answer === 'object' && answer !== null && 'misused' in answer;
}

/** The entry under which a record keeps the answer to a key, beside its other entries. */
export function entryOf(key: IdempotencyKey): string {
  return `${KEY_PREFIX}${key}`;
}

export function isKeyEntry(entry: string): boolean {
  return entry.startsWith(KEY_PREFIX);
}

const KEY_PREFIX = 'key:';

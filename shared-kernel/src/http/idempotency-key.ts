import { idempotencyKey, type IdempotencyKey } from '../domain/identifiers';
import { turnAway } from './problem';

export const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,200}$/;

/** The key, when the client sent one. Turns away what is not 1 to 200 visible ASCII characters; two headers are not one key. */
export function idempotencyKeyOf(header: string | undefined): IdempotencyKey | undefined {
  if (header === undefined) return undefined;
  if (!IDEMPOTENCY_KEY.test(header)) {
    turnAway('invalid-input', {
      path: 'header.Idempotency-Key',
      message: 'An Idempotency-Key has 1 to 200 visible ASCII characters, without spaces.',
    });
  }
  return idempotencyKey(header);
}

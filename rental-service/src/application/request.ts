import type { SagaCause } from '@library/shared-kernel/saga/saga';
import { Fault } from '@library/shared-kernel/store/fault';
import { KEYS_KEPT_MS } from '@library/shared-kernel/store/kept-answer';
import type { Keyed, Misuse } from '@library/shared-kernel/store/kept-answer';
import type { Answered } from './answered';
import type { RentalRecord } from './rental-record';

/** The most keys that one card keeps. */
export const KEY_LIMIT = 1_000;

/** Where a request comes from, and how it is recognised when it comes again. */
export type Request = Keyed & { readonly cause: SagaCause };

/**
 * Answers a request once. When its key is known it is answered as it was; otherwise `decide` answers, and the answer is
 * kept. Throws a Fault, having decided nothing, while too many messages of the card wait to be published.
 */
export function answerOnce(
  record: RentalRecord,
  { key, asked }: Request,
  now: number,
  decide: () => Answered,
): Answered | Misuse {
  const kept = key && record.keptAnswer(key);
  if (kept) return kept.asked === asked ? kept.answer : { misused: 'idempotency-key-reused' };
  if (key && record.keptKeys >= KEY_LIMIT) return { misused: 'too-many-keys' };
  if (record.outbox.full)
    throw new Fault('outbox-full', 'Too many messages of this card wait to be published; try again when they are out.');

  const answer = decide();
  if (key) record.keep(key, { asked, answer }, now + KEYS_KEPT_MS);
  return answer;
}

/** The entries that a change is about for this request's sake. */
export function aboutKey({ key }: Request): readonly string[] {
  return key === undefined ? [] : [key];
}

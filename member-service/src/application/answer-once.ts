import { entryOf, KEYS_KEPT_MS } from '@library/shared-kernel/store/kept-answer';
import type { Keyed, KeptAnswer, KeyReused } from '@library/shared-kernel/store/kept-answer';
import type { MemberRecord } from './member-record';

/** Answers a request once: when its key is known it is answered as it was; otherwise `decide` answers, and that is kept. */
export function answerOnce<Answer>(
  { entries }: MemberRecord,
  { key, asked }: Keyed,
  now: number,
  decide: () => Answer,
): Answer | KeyReused {
  if (key === undefined) return decide();

  const entry = entryOf(key);
  const kept = entries.get(entry) as KeptAnswer<Answer> | undefined;
  if (kept) return kept.asked === asked ? kept.answer : { misused: 'idempotency-key-reused' };

  const answer = decide();
  entries.set(entry, { asked, answer } satisfies KeptAnswer<Answer>, now + KEYS_KEPT_MS);
  return answer;
}

/** The entries that a change is about for this request's sake. */
export function aboutKey({ key }: Keyed): readonly string[] {
  return key === undefined ? [] : [entryOf(key)];
}

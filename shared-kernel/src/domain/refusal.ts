/** Every business "no" there is, on the wire and in problem documents: facts in kebab-case. */
export const REFUSAL_CODES = [
  'already-rented',
  'book-not-available',
  'book-not-found',
  'book-withdrawn',
  'card-not-found',
  'card-unavailable',
  'clearing-in-progress',
  'expired',
  'item-not-rented',
  'items-not-returned',
  'limit-reached',
  'member-already-exists',
  'member-closed',
  'member-not-found',
  'not-enough-points',
  'rent-in-progress',
  'return-in-progress',
  'too-late',
  'withdrawn',
  'wrong-amount',
] as const;

export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** A business "no": a value that is returned, never thrown. */
export interface Refusal<Code extends RefusalCode = RefusalCode> {
  readonly refused: Code;
}

export function refuse<Code extends RefusalCode>(code: Code): Refusal<Code> {
  return { refused: code };
}

export function isRefusal(answer: unknown): answer is Refusal {
  return typeof answer === 'object' && answer !== null && 'refused' in answer;
}

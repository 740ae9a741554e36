import type { EventContract } from '@library/shared-kernel/contracts/event-contract';
import {
  itemRentedContract,
  itemReturnedContract,
  overdueClearedContract,
} from '@library/shared-kernel/contracts/events';
import { isRefusal, type Refusal, type RefusalCode } from '@library/shared-kernel/domain/refusal';
import { keyed } from '@library/shared-kernel/http/asked';
import { problem, undone, type Problem } from '@library/shared-kernel/http/problem';
import type { RouteRequest } from '@library/shared-kernel/http/routes';
import type { Saga } from '@library/shared-kernel/saga/saga';
import { isMisuse, type Misuse } from '@library/shared-kernel/store/kept-answer';
import type { Answered } from '../../../application/answered';
import type { Request } from '../../../application/request';
import type { Sagas } from '../../../application/sagas';
import type { RentalCard } from '../../../domain/rental-card';

type RefusalsOf<Method extends 'rent' | 'return' | 'clear'> = Extract<
  ReturnType<RentalCard[Method]>,
  Refusal
>['refused'];

/** A call that begins a saga: why it may be refused at once, and why what it began may be undone. */
interface Begins<Refused extends RefusalCode = RefusalCode, Reason extends RefusalCode = RefusalCode> {
  readonly problems: readonly (Refused | Misuse['misused'])[];
  readonly undoneBy: readonly Reason[];
}

export const RENT = begins(
  every<RefusalsOf<'rent'>>({
    'already-rented': true,
    'card-unavailable': true,
    'clearing-in-progress': true,
    'limit-reached': true,
    'rent-in-progress': true,
    'return-in-progress': true,
  }),
  itemRentedContract,
);

/** Why there is no loan that could end, or be late. */
export const NO_LOAN = every<RefusalsOf<'return'> | 'card-not-found'>({
  'card-not-found': true,
  'item-not-rented': true,
  'rent-in-progress': true,
  'return-in-progress': true,
});

export const RETURN = begins(NO_LOAN, itemReturnedContract);

export const CLEARING = begins(
  every<RefusalsOf<'clear'> | 'card-not-found'>({
    'card-not-found': true,
    'clearing-in-progress': true,
    'items-not-returned': true,
    'wrong-amount': true,
  }),
  overdueClearedContract,
);

/** What a request has led to, as far as somebody has waited for it. */
export type Outcome<Call extends Begins> =
  { readonly underWay: Saga } | { readonly completed: Saga } | { readonly no: No<Call> };

type No<Call extends Begins> =
  Refusal<Extract<Call['problems'][number], RefusalCode>> | Problem<Misuse['misused'] | Call['undoneBy'][number]>;

/** Waits so long, or not at all: then the saga is called under way, whatever has become of it. */
export async function outcomeOf<Call extends Begins>(
  sagas: Pick<Sagas, 'ended'>,
  answered: Answered | Misuse,
  waitMs: number | undefined,
  request: Pick<RouteRequest, 'signal'>,
): Promise<Outcome<Call>> {
  if (isMisuse(answered)) return { no: problem(answered.misused) };
  // What is stored for a key names no codes in its type; it is an answer to the same call.
  if (isRefusal(answered)) return { no: answered as No<Call> };

  const { saga: id } = answered;
  const saga = await sagas.ended(id, waitMs ?? 0, request.signal);
  if (!saga) throw new Error(`The saga ${id} was begun, and cannot be found.`);
  if (waitMs === undefined) return { underWay: saga };

  switch (saga.status) {
    case 'COMPLETED':
      return { completed: saga };
    case 'COMPENSATED':
      return { no: undone(saga.reason!, id) as No<Call> };
    case 'RUNNING':
    case 'CONFIRMING':
    case 'COMPENSATING':
      return { underWay: saga };
  }
}

/** The request as a use case takes it; everything that follows from it bears its correlation. */
export function requestOf(request: RouteRequest, path: string): Request {
  const { correlation, traceparent } = request;
  const cause = { correlation, causation: correlation, ...(traceparent === undefined ? {} : { traceparent }) };
  return { ...keyed(request, 'POST', path), cause };
}

function begins<Refused extends RefusalCode, Reason extends RefusalCode>(
  refusals: readonly Refused[],
  { answeredBy }: EventContract<unknown, { readonly [name: string]: readonly Reason[] }>,
): Begins<Refused, Reason | 'expired'> {
  return {
    problems: [...refusals, 'idempotency-key-reused', 'too-many-keys'],
    undoneBy: [...Object.values(answeredBy).flat(), 'expired'],
  };
}

/** The compiler misses any that is left out. */
function every<Code extends string>(codes: Readonly<Record<Code, true>>): readonly Code[] {
  return Object.keys(codes) as Code[];
}

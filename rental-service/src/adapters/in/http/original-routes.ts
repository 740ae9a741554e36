import { bookNoSchema, memberIdSchema } from '@library/shared-kernel/contracts/bodies';
import type { MemberId } from '@library/shared-kernel/domain/identifiers';
import { isRefusal, refuse, type Refusal } from '@library/shared-kernel/domain/refusal';
import { givenMemberName, givenTitle } from '@library/shared-kernel/http/names';
import { alsoSpelled, memberParam } from '@library/shared-kernel/http/parameters';
import { route, type Route } from '@library/shared-kernel/http/routes';
import { z } from 'zod';
import type { ReturnedItem } from '../../../domain/card-item';
import type { RentalCardState } from '../../../domain/rental-card';
import { listReturned } from './history';
import { inOriginalWords } from './original-sentences';
import {
  originalCard,
  originalCardSchema,
  originalClearing,
  originalClearingSchema,
  originalItem,
  originalItemSchema,
  originalReturned,
  originalReturnedSchema,
} from './original-shapes';
import { CLEARING, NO_LOAN, outcomeOf, RENT, requestOf, RETURN } from './outcome';
import type { RentalUseCases } from './use-cases';

/** Whoever reads a card right after a request, as scripts do, finds there what it did. */
const WAIT_MS = 5_000;
const MOST_RETURNED = 1_000;
const RETURNED_AT_ONCE = 20;

const user = z.object({ userId: memberParam });

const anySpelling = <Body extends z.ZodType>(body: Body) => alsoSpelled({ UserId: 'userId', UserNm: 'userNm' }, body);

const cardAnswers = {
  200: { description: 'The card after it was done.', schema: originalCardSchema },
  202: { description: 'The card while it is being done, which takes unusually long.', schema: originalCardSchema },
} as const;

const begins = { method: 'POST', unknownFields: 'ignored', headers: ['Idempotency-Key'] } as const;
const reads = { method: 'GET', unknownFields: 'ignored', params: user, problems: ['card-not-found'] } as const;

/** The calls of the original system, for the scripts of those who know it. */
export function originalRoutes(useCases: RentalUseCases): readonly Route[] {
  return [
    opening(useCases),
    reading(useCases),
    readingItems(useCases),
    readingReturned(useCases),
    rentals(useCases),
    returns(useCases),
    makingOverdue(useCases),
    clearances(useCases),
  ];
}

function opening({ openCard }: RentalUseCases): Route {
  return route({
    method: 'POST',
    path: '/api/RentalCard/',
    summary: 'Open a member’s card, as in the original system',
    description: 'Also with `UserId` and `UserNm`, here and below. Other fields are ignored.',
    unknownFields: 'ignored',
    body: anySpelling(z.object({ userId: memberIdSchema, userNm: givenMemberName })),
    answers: {
      200: { description: 'The card was there already.', schema: originalCardSchema },
      201: { description: 'The card, opened now.', schema: originalCardSchema },
    },
    handle: async ({ body: { userId: id, userNm: name } }) => {
      const { card, opened } = await openCard.execute({ id, name });
      const body = originalCard(card);
      return opened ? { status: 201, body } : { status: 200, body };
    },
  });
}

function reading({ cards }: RentalUseCases): Route {
  return route({
    ...reads,
    path: '/api/RentalCard/{userId}',
    summary: 'Read one card, as in the original system',
    answers: { 200: { description: 'The card.', schema: originalCardSchema } },
    handle: async ({ params: { userId } }) => {
      const card = await find(cards, userId);
      return card ? { status: 200, body: originalCard(card) } : inOriginalWords(refuse('card-not-found'));
    },
  });
}

function readingItems({ cards }: RentalUseCases): Route {
  return route({
    ...reads,
    path: '/api/RentalCard/{userId}/rentbook',
    summary: 'Read what is on a card, as in the original system',
    answers: { 200: { description: 'The books.', schema: z.array(originalItemSchema) } },
    handle: async ({ params: { userId } }) => {
      const card = await find(cards, userId);
      return card ? { status: 200, body: card.items.map(originalItem) } : inOriginalWords(refuse('card-not-found'));
    },
  });
}

function readingReturned(useCases: RentalUseCases): Route {
  return route({
    ...reads,
    path: '/api/RentalCard/{userId}/returnbook',
    summary: 'Read which loans have ended, as in the original system',
    description: `The newest ${MOST_RETURNED} or so of them, the oldest first.`,
    answers: { 200: { description: 'The loans that have ended.', schema: z.array(originalReturnedSchema) } },
    handle: async ({ params: { userId } }) => {
      if (!(await find(useCases.cards, userId))) return inOriginalWords(refuse('card-not-found'));
      const returned = await newestReturned(useCases, userId);
      return { status: 200, body: returned.toReversed().map(originalReturned) };
    },
  });
}

function rentals(useCases: RentalUseCases): Route {
  const path = '/api/RentalCard/rent';
  return route({
    ...begins,
    path,
    summary: 'Rent a book, as in the original system',
    body: anySpelling(
      z.object({ userId: memberIdSchema, userNm: givenMemberName, itemId: bookNoSchema, itemTitle: givenTitle }),
    ),
    answers: cardAnswers,
    ...RENT,
    handle: async (request) => {
      const { userId: id, userNm: name, itemId: no, itemTitle: title } = request.body;
      const answered = await useCases.rentItem.execute({ id, name }, { no, title }, requestOf(request, path));

      const outcome = await outcomeOf<typeof RENT>(useCases.sagas, answered, WAIT_MS, request);
      if ('no' in outcome) return inOriginalWords(outcome.no);
      const body = originalCard((await find(useCases.cards, id))!);
      return 'completed' in outcome ? { status: 200, body } : { status: 202, body };
    },
  });
}

function returns(useCases: RentalUseCases): Route {
  const path = '/api/RentalCard/return';
  return route({
    ...begins,
    path,
    summary: 'Return a book, as in the original system',
    body: anySpelling(z.object({ userId: memberIdSchema, itemId: bookNoSchema })),
    answers: cardAnswers,
    ...RETURN,
    handle: async (request) => {
      const { userId: id, itemId: no } = request.body;
      const answered = await useCases.returnItem.execute(id, no, requestOf(request, path));

      const outcome = await outcomeOf<typeof RETURN>(useCases.sagas, answered, WAIT_MS, request);
      if ('no' in outcome) return inOriginalWords(outcome.no);
      const body = originalCard((await find(useCases.cards, id))!);
      return 'completed' in outcome ? { status: 200, body } : { status: 202, body };
    },
  });
}

function makingOverdue({ makeOverdue }: RentalUseCases): Route {
  return route({
    method: 'POST',
    path: '/api/RentalCard/overdue',
    summary: 'Make a loan late by a day, as in the original system',
    description: 'Its way to show lateness without waiting for it: the book was due yesterday.',
    unknownFields: 'ignored',
    body: anySpelling(z.object({ userId: memberIdSchema, itemId: bookNoSchema })),
    answers: { 200: cardAnswers[200] },
    problems: NO_LOAN,
    handle: async ({ body: { userId, itemId } }) => {
      const card = await makeOverdue.execute(userId, itemId);
      if (isRefusal(card)) return inOriginalWords(card as Refusal<(typeof NO_LOAN)[number]>);
      return { status: 200, body: originalCard(card) };
    },
  });
}

function clearances(useCases: RentalUseCases): Route {
  const path = '/api/RentalCard/clearoverdue';
  return route({
    ...begins,
    path,
    summary: 'Pay the late fee of a card in points, as in the original system',
    body: anySpelling(z.object({ userId: memberIdSchema, point: z.int().nonnegative() })),
    answers: {
      200: { description: 'What is left on the card after it was done.', schema: originalClearingSchema },
      202: {
        description: 'The same while it is being done, which takes unusually long.',
        schema: originalClearingSchema,
      },
    },
    ...CLEARING,
    handle: async (request) => {
      const { userId: id, point } = request.body;
      const answered = await useCases.clearOverdue.execute(id, point, requestOf(request, path));

      const outcome = await outcomeOf<typeof CLEARING>(useCases.sagas, answered, WAIT_MS, request);
      if ('no' in outcome) return inOriginalWords(outcome.no);
      const body = originalClearing((await find(useCases.cards, id))!);
      return 'completed' in outcome ? { status: 200, body } : { status: 202, body };
    },
  });
}

async function find(cards: RentalUseCases['cards'], member: MemberId): Promise<RentalCardState | undefined> {
  return (await cards.read(member))?.card?.snapshot();
}

async function newestReturned(useCases: RentalUseCases, member: MemberId): Promise<readonly ReturnedItem[]> {
  const returned: ReturnedItem[] = [];
  for (let before = {}; ;) {
    const { items, next } = await listReturned(useCases, member, { limit: RETURNED_AT_ONCE, ...before });
    returned.push(...items);
    if (next === undefined || returned.length >= MOST_RETURNED) return returned;
    before = { before: next };
  }
}

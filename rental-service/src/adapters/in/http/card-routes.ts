import { memberIdSchema } from '@library/shared-kernel/contracts/bodies';
import { givenIdName } from '@library/shared-kernel/http/names';
import { sagaParam, flagParam, memberParam } from '@library/shared-kernel/http/parameters';
import { isRefusal, refuse } from '@library/shared-kernel/domain/refusal';
import { cursorTo, pageFrom, pageOf, pageQuery } from '@library/shared-kernel/http/cursor';
import { route, type Route } from '@library/shared-kernel/http/routes';
import { z } from 'zod';
import { cardSchema, cardShape, returnedSchema, returnedShape } from './card-shapes';
import { listReturned } from './history';
import type { RentalUseCases } from './use-cases';

export const oneCard = z.object({ member: memberParam });

/** Members' cards, and what has become of the loans on them. */
export function cardRoutes(useCases: RentalUseCases): readonly Route[] {
  return [opening(useCases), listing(useCases), reading(useCases), readingHistory(useCases), marking(useCases)];
}

function opening({ openCard }: RentalUseCases): Route {
  return route({
    method: 'POST',
    path: '/rental-cards',
    summary: 'Open a member’s card',
    description: 'A member has one card: opened again, it is the same one, with the name that it was opened with.',
    body: z.object({ member: givenIdName }),
    answers: {
      200: { description: 'The card was there already.', schema: cardSchema },
      201: { description: 'The card, opened now.', schema: cardSchema, headers: { Location: 'Where the card is.' } },
    },
    handle: async ({ body: { member } }) => {
      const { card, opened } = await openCard.execute(member);
      if (!opened) return { status: 200, body: cardShape(card) };
      return { status: 201, body: cardShape(card), headers: { Location: `/rental-cards/${member.id}` } };
    },
  });
}

function listing({ lists }: RentalUseCases): Route {
  return route({
    method: 'GET',
    path: '/rental-cards',
    summary: 'List the cards, by member',
    query: z.object({
      overdue: flagParam.optional().meta({ description: 'true: only cards on which a book is marked overdue.' }),
      ...pageQuery(memberIdSchema),
    }),
    answers: { 200: { description: 'One page of them.', schema: pageOf(cardSchema) } },
    handle: async ({ query: { overdue = false, limit, cursor } }) => {
      const found = await lists.list(
        { overdue },
        { limit: limit + 1, ...(cursor === undefined ? {} : { after: cursor }) },
      );
      return { status: 200, body: pageFrom(found.map(cardShape), limit, ({ member }) => member.id) };
    },
  });
}

function reading({ cards }: RentalUseCases): Route {
  return route({
    method: 'GET',
    path: '/rental-cards/{member}',
    summary: 'Read one member’s card',
    params: oneCard,
    answers: { 200: { description: 'The card.', schema: cardSchema } },
    problems: ['card-not-found'],
    handle: async ({ params: { member } }) => {
      const card = (await cards.read(member))?.card;
      return card ? { status: 200, body: cardShape(card.snapshot()) } : refuse('card-not-found');
    },
  });
}

function readingHistory(useCases: RentalUseCases): Route {
  return route({
    method: 'GET',
    path: '/rental-cards/{member}/history',
    summary: 'Read which loans of a member have ended',
    params: oneCard,
    query: z.object(pageQuery(sagaParam)),
    answers: {
      200: {
        description: 'One page of them, the newest first. It may be short of its limit and yet have a `next`.',
        schema: pageOf(returnedSchema),
      },
    },
    problems: ['card-not-found'],
    handle: async ({ params: { member }, query: { limit, cursor } }) => {
      if (!(await useCases.cards.read(member))?.card) return refuse('card-not-found');

      const page = { limit, ...(cursor === undefined ? {} : { before: cursor }) };
      const { items, next } = await listReturned(useCases, member, page);
      const more = next === undefined ? {} : { next: cursorTo(next) };
      return { status: 200, body: { items: items.map(returnedShape), ...more } };
    },
  });
}

function marking({ markOverdue }: RentalUseCases): Route {
  return route({
    method: 'POST',
    path: '/overdue-markings',
    summary: 'Mark what is past due: on one card or, without `member`, in the whole library, as is done every minute',
    description: 'Books being rented or returned are left to the next time. Doing it again marks nothing twice.',
    body: z.object({ member: memberIdSchema.exactOptional() }),
    answers: {
      200: {
        description: 'How many books were marked now.',
        schema: z.object({ marked: z.int().nonnegative() }),
      },
    },
    problems: ['card-not-found'],
    handle: async ({ body: { member } }) => {
      const marked = member === undefined ? await markOverdue.execute() : await markOverdue.onCard(member);
      return isRefusal(marked) ? marked : { status: 200, body: { marked } };
    },
  });
}

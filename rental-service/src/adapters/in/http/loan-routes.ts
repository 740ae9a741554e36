import { bookNoSchema } from '@library/shared-kernel/contracts/bodies';
import { givenItem, givenMemberName } from '@library/shared-kernel/http/names';
import { route, type Route, type RouteRequest } from '@library/shared-kernel/http/routes';
import type { Saga } from '@library/shared-kernel/saga/saga';
import { z } from 'zod';
import { rented, renting, type CardItem } from '../../../domain/card-item';
import { oneCard } from './card-routes';
import { cardItemSchema, cardSchema, cardShape, itemShape, returnedSchema, returnedShape } from './card-shapes';
import { findReturned } from './history';
import { CLEARING, outcomeOf, RENT, requestOf, RETURN } from './outcome';
import type { RentalUseCases } from './use-cases';
import { sagaSchema, sagaShape } from './saga-shapes';

const HEADERS = ['Idempotency-Key', 'Prefer'] as const;

const underWay = {
  description: 'It is under way. When the same was under way already, this is that saga, and nothing new has begun.',
  schema: sagaSchema,
  headers: { Location: 'Where the saga is.' },
} as const;

/** What begins a saga: answered at once with the saga or, with `Prefer: wait=N`, with what has become of it. */
export function loanRoutes(useCases: RentalUseCases): readonly Route[] {
  return [rentals(useCases), returns(useCases), clearances(useCases)];
}

function rentals(useCases: RentalUseCases): Route {
  return route({
    method: 'POST',
    path: '/rental-cards/{member}/rentals',
    summary: 'Rent a book',
    description: 'Opens the member’s card when there is none. Name and title are taken as they are given.',
    params: oneCard,
    headers: HEADERS,
    body: z.object({ memberName: givenMemberName, item: givenItem }),
    answers: { 201: { description: 'The loan, as it was made.', schema: cardItemSchema }, 202: underWay },
    ...RENT,
    handle: async (request) => {
      const { member } = request.params;
      const { memberName: name, item } = request.body;
      const asked = requestOf(request, `/rental-cards/${member}/rentals`);
      const answered = await useCases.rentItem.execute({ id: member, name }, item, asked);

      const outcome = await outcomeOf<typeof RENT>(useCases.sagas, answered, waitMs(request), request);
      if ('no' in outcome) return outcome.no;
      if ('underWay' in outcome) return accepted(outcome.underWay);
      return { status: 201, body: itemShape(loanOf(useCases, outcome.completed)) };
    },
  });
}

function returns(useCases: RentalUseCases): Route {
  return route({
    method: 'POST',
    path: '/rental-cards/{member}/returns',
    summary: 'Return a book',
    description: 'The late fee is fixed by the day on which this is asked, however long it takes.',
    params: oneCard,
    headers: HEADERS,
    body: z.object({ item: z.object({ no: bookNoSchema }) }),
    answers: { 200: { description: 'The loan that has ended.', schema: returnedSchema }, 202: underWay },
    ...RETURN,
    handle: async (request) => {
      const { member } = request.params;
      const asked = requestOf(request, `/rental-cards/${member}/returns`);
      const answered = await useCases.returnItem.execute(member, request.body.item.no, asked);

      const outcome = await outcomeOf<typeof RETURN>(useCases.sagas, answered, waitMs(request), request);
      if ('no' in outcome) return outcome.no;
      if ('underWay' in outcome) return accepted(outcome.underWay);
      const [returned] = await findReturned(useCases, member, [outcome.completed.id]);
      return { status: 200, body: returnedShape(returned!) };
    },
  });
}

function clearances(useCases: RentalUseCases): Route {
  return route({
    method: 'POST',
    path: '/rental-cards/{member}/clearances',
    summary: 'Pay the late fee of a card in points, so that it can be rented on again',
    description: 'Only when no book is left on the card, and with exactly as many points as the fee amounts to.',
    params: oneCard,
    headers: HEADERS,
    body: z.object({ points: z.int().positive() }),
    answers: { 200: { description: 'The card, as it is now.', schema: cardSchema }, 202: underWay },
    ...CLEARING,
    handle: async (request) => {
      const { member } = request.params;
      const asked = requestOf(request, `/rental-cards/${member}/clearances`);
      const answered = await useCases.clearOverdue.execute(member, request.body.points, asked);

      const outcome = await outcomeOf<typeof CLEARING>(useCases.sagas, answered, waitMs(request), request);
      if ('no' in outcome) return outcome.no;
      if ('underWay' in outcome) return accepted(outcome.underWay);
      const card = (await useCases.cards.read(member))!.card!;
      return { status: 200, body: cardShape(card.snapshot()) };
    },
  });
}

function accepted(saga: Saga) {
  return { status: 202, body: sagaShape(saga), headers: { Location: `/sagas/${saga.id}` } } as const;
}

function waitMs({ waitSeconds }: RouteRequest): number | undefined {
  return waitSeconds === undefined ? undefined : waitSeconds * 1_000;
}

/** The loan as it was made, whatever has become of it since: who asks again under the same key gets the same answer. */
function loanOf({ calendar }: Pick<RentalUseCases, 'calendar'>, { id, announced, startedAt }: Saga): CardItem {
  return rented(renting(announced.item!, id, calendar.dayOf(startedAt)));
}

import { textSchema } from '@library/shared-kernel/contracts/bodies';
import { PARTICIPANTS, SAGA_TYPES, type ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import type { SagaId } from '@library/shared-kernel/domain/identifiers';
import { cursorTo, pageOf, pageQuery } from '@library/shared-kernel/http/cursor';
import { flagParam, memberParam, sagaParam } from '@library/shared-kernel/http/parameters';
import { problem } from '@library/shared-kernel/http/problem';
import { route, type Route } from '@library/shared-kernel/http/routes';
import type { ServerSentEvent } from '@library/shared-kernel/http/server-sent-events';
import { hasEnded, SAGA_STATUSES, stepsOf, type Saga } from '@library/shared-kernel/saga/saga';
import { z } from 'zod';
import type { SagaFilter } from '../../../application/ports';
import type { RentalUseCases } from './use-cases';
import { sagaEventSchema, sagaEventShape, sagaSchema, sagaShape, toldSagaSchema, toldSagaShape } from './saga-shapes';

const oneSaga = z.object({ id: sagaParam });

const noSuchSaga = () =>
  problem('not-found', { detail: 'No saga has this id. GET /sagas lists those that there are.' });

/** How rents, returns and clearings are getting on, and what an operator can do about it. */
export function sagaRoutes(useCases: RentalUseCases): readonly Route[] {
  return [listing(useCases), reading(useCases), following(useCases), settling(useCases)];
}

function listing({ sagas }: RentalUseCases): Route {
  return route({
    method: 'GET',
    path: '/sagas',
    summary: 'List the sagas, the newest first',
    query: z.object({
      status: z.enum(SAGA_STATUSES).optional(),
      type: z.enum(SAGA_TYPES).optional(),
      member: memberParam.optional(),
      attention: flagParam.optional().meta({ description: 'true: only those that somebody should look at.' }),
      ...pageQuery(sagaParam),
    }),
    answers: {
      200: {
        description: 'One page of them. It may be short of its limit and yet have a `next`.',
        schema: pageOf(sagaSchema),
      },
    },
    handle: async ({ query: { limit, cursor, ...filter } }) => {
      const page = { limit, ...(cursor === undefined ? {} : { before: cursor }) };
      const { sagas: found, next } = await sagas.list(filter as SagaFilter, page);
      const more = next === undefined ? {} : { next: cursorTo(next) };
      return { status: 200, body: { items: found.map(sagaShape), ...more } };
    },
  });
}

function reading({ sagas }: RentalUseCases): Route {
  return route({
    method: 'GET',
    path: '/sagas/{id}',
    summary: 'Read one saga, with its story',
    params: oneSaga,
    answers: { 200: { description: 'The saga.', schema: toldSagaSchema } },
    problems: ['not-found'],
    handle: async ({ params: { id } }) => {
      const saga = await sagas.find(id);
      return saga ? { status: 200, body: toldSagaShape(saga) } : noSuchSaga();
    },
  });
}

function following({ sagas }: RentalUseCases): Route {
  return route({
    method: 'GET',
    path: '/sagas/{id}/events',
    summary: 'Follow what happens to a saga, until it has ended',
    params: oneSaga,
    answers: {
      200: { description: 'What has happened, and what happens from now on, each once.', events: sagaEventSchema },
      204: { description: 'It has ended, and nothing has happened after `Last-Event-ID`: no need to come back.' },
    },
    problems: ['not-found'],
    handle: async ({ params: { id }, lastEventId, signal }) => {
      const saga = await sagas.find(id);
      if (!saga) return noSuchSaga();

      const from = numberAfter(lastEventId);
      if (hasEnded(saga) && from >= saga.story.length) return { status: 204 };
      return { status: 200, events: eventsOf(sagas, id, from, signal) };
    },
  });
}

function settling({ sagas, settleSaga }: RentalUseCases): Route {
  return route({
    method: 'POST',
    path: '/ops/sagas/{id}/settlements',
    summary: 'Record that a participant’s part was seen to by hand',
    description: 'It then counts as the answer of that participant, which the saga no longer waits for.',
    params: oneSaga,
    body: z.object({
      participant: z.enum(PARTICIPANTS),
      actor: textSchema(100).meta({ description: 'Who has seen to it.' }),
      reason: textSchema(500),
    }),
    answers: { 200: { description: 'The saga, as it is now.', schema: toldSagaSchema } },
    problems: ['not-found', 'too-late'],
    handle: async ({ params: { id }, body: { participant, ...by } }) => {
      const settled = await settleSaga.execute(id, participant, by);
      const saga = await sagas.find(id);
      if (!saga) return noSuchSaga();
      if (settled === 'applied') return { status: 200, body: toldSagaShape(saga) };
      return problem('too-late', { title: 'Not awaited', detail: whyNot(saga, participant) });
    },
  });
}

/** Ids are numbers in the story. One that was never given out means that nothing was seen yet. */
function numberAfter(lastEventId: string | undefined): number {
  return lastEventId !== undefined && /^\d{1,9}$/.test(lastEventId) ? Number(lastEventId) + 1 : 0;
}

async function* eventsOf(sagas: RentalUseCases['sagas'], id: SagaId, from: number, signal: AbortSignal) {
  for await (const { number, event } of sagas.story(id, from, signal)) {
    yield { id: String(number), data: sagaEventShape(number, event) } satisfies ServerSentEvent;
  }
}

/** Why there is nothing to settle, and what to do instead. */
function whyNot(saga: Saga, participant: ParticipantName): string {
  const awaited = stepsOf(saga).filter(([, { state }]) => state === 'undoing' || state === 'confirming');
  if (hasEnded(saga)) {
    return `This saga has ended (${saga.status}), and that never changes. Put right what is wrong with a new return, or with an adjustment of points.`;
  }
  if (awaited.length === 0) {
    return 'This saga is still asking, and gives up by itself when nobody answers. Settle what it waits for after that.';
  }
  return `This saga does not wait for ${participant}, but for ${awaited.map(([name]) => name).join(', ')}. Settle that.`;
}

import { z } from 'zod';
import { textSchema } from '../contracts/bodies';
import { pageFrom, pageOf, pageQuery } from '../http/cursor';
import { problem } from '../http/problem';
import { route, type Route } from '../http/routes';
import type { Parking } from '../messaging/parking';
import type { Handled, ReplayParked } from '../messaging/replay-parked';
import {
  operatorSchema,
  PARK_STATES,
  parkedInFullSchema,
  parkedInFullShape,
  parkedSchema,
  parkedShape,
} from './parked-shapes';

const oneParked = z.object({ id: z.string().max(100).meta({ description: 'The id of a parked message.' }) });

const handledSchema = z.object({
  did: z
    .enum(['released', 'obsolete', 'failed-again', 'discarded', 'restored', 'nothing'])
    .meta({ description: 'What was done; `nothing` when the state of the message does not allow it.' }),
  parked: parkedInFullSchema,
});

const bulkSchema = z
  .object({
    parked: z.int().meta({ description: 'As many were parked when it began.' }),
    released: z.int(),
    obsolete: z.int().meta({ description: 'Their groups had no use for them any more.' }),
    failedAgain: z.int().meta({ description: 'They are parked again.' }),
    skipped: z.int().meta({ description: 'Somebody else saw to them meanwhile, or their group does not run here.' }),
    stoppedBy: z.string().optional().meta({ description: 'What ended it early; the others are still parked.' }),
  })
  .meta({ id: 'BulkRelease', description: 'How far a release of many has come.' });

/** Looking at what is parked. */
export function parkedRoutes(parking: Pick<Parking, 'find' | 'list'>): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/ops/parked',
      summary: 'List the messages that could not be handled, the newest first',
      query: z.object({
        group: textSchema(200).optional().meta({ description: 'Who could not handle them.' }),
        state: z.enum(PARK_STATES).optional(),
        ...pageQuery(z.string()),
      }),
      answers: { 200: { description: 'One page of them.', schema: pageOf(parkedSchema) } },
      handle: async ({ query: { limit, cursor, group, state } }) => {
        const found = await parking.list({
          limit: limit + 1,
          ...(group === undefined ? {} : { group }),
          ...(state === undefined ? {} : { state }),
          ...(cursor === undefined ? {} : { before: cursor }),
        });
        return { status: 200, body: pageFrom(found.map(parkedShape), limit, ({ id }) => id) };
      },
    }),
    route({
      method: 'GET',
      path: '/ops/parked/{id}',
      summary: 'Read one parked message: its bytes, its headers, and what was done about it',
      params: oneParked,
      answers: { 200: { description: 'The message.', schema: parkedInFullSchema } },
      problems: ['not-found'],
      handle: async ({ params: { id } }) => {
        const entry = await parking.find(id);
        return entry ? { status: 200, body: parkedInFullShape(entry) } : notParked(id);
      },
    }),
  ];
}

/** Doing something about what is parked. */
export function replayRoutes(replay: ReplayParked): readonly Route[] {
  return [
    acting('release', 'Give a parked message back to the group that parked it', (id, by) => replay.release(id, by)),
    acting('discard', 'Set a parked message aside for good; it can be restored', (id, by) => replay.discard(id, by)),
    acting('restore', 'Take the discard of a message back', (id, by) => replay.restore(id, by)),
    route({
      method: 'POST',
      path: '/ops/parked/releases',
      summary: 'Release all messages that are parked now, the oldest first',
      description:
        'One by one, and each noted by itself: asked again after an interruption, it goes on where that was. What is parked meanwhile is left for the next time.',
      body: z.object({
        group: textSchema(200).exactOptional().meta({ description: 'Only what this group could not handle.' }),
        ...operatorSchema.shape,
      }),
      answers: { 200: { description: 'How far it came.', schema: bulkSchema } },
      handle: async ({ body: { group, ...by } }) => ({ status: 200, body: await replay.releaseAll(group, by) }),
    }),
  ];
}

function acting(
  verb: 'release' | 'discard' | 'restore',
  summary: string,
  act: (id: string, by: z.output<typeof operatorSchema>) => Promise<Handled | undefined>,
): Route {
  return route({
    method: 'POST',
    path: `/ops/parked/{id}/${verb}`,
    summary,
    params: oneParked,
    body: operatorSchema,
    answers: { 200: { description: 'What was done, and the message as it is now.', schema: handledSchema } },
    problems: ['not-found'],
    handle: async ({ params: { id }, body: by }) => {
      const handled = await act(id, by);
      return handled
        ? { status: 200, body: { did: handled.did, parked: parkedInFullShape(handled.entry) } }
        : notParked(id);
    },
  });
}

function notParked(id: string) {
  return problem('not-found', {
    detail: `No parked message has the id ${JSON.stringify(id)}, or its group does not run here. GET /ops/parked lists them.`,
  });
}

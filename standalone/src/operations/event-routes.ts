import type { LogView } from '@library/shared-kernel/embedded/log-reader';
import { sagaParam } from '@library/shared-kernel/http/parameters';
import { route, type Route } from '@library/shared-kernel/http/routes';
import type { LogMessage } from '@library/shared-kernel/messaging/message-log';
import type { Saga } from '@library/shared-kernel/saga/saga';
import type { Archive } from '@library/shared-kernel/store/records';
import type { Clock } from '@library/shared-kernel/time/clock';
import { z } from 'zod';
import { findNewest, findWithin, type Found, type Span } from './flow';
import { flowEventSchema, flowOf } from './flow-event';

const HOUR_MS = 3_600_000;
/** Two clocks, or two looks at one, may differ by so much. */
const MARGIN_MS = 5_000;
/** Answers to copies that were sent again may still come when a saga has ended. */
const AFTERMATH_MS = 60_000;

const query = z
  .object({
    saga: sagaParam.optional(),
    correlation: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'What ties everything together that followed from one request.' }),
    since: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'With `correlation`: the earliest time that is looked at; left out, an hour ago.' }),
  })
  .refine(({ saga, correlation }) => (saga === undefined) !== (correlation === undefined), {
    path: ['saga'],
    message: 'Either a saga or a correlation is wanted.',
  });

/** Following one flow through all topics. `archive` is the one in which sagas are kept that have ended. */
export function eventRoutes(
  log: Pick<LogView, 'topics' | 'read'>,
  archive: Pick<Archive, 'find'>,
  clock: Pick<Clock, 'now'>,
): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/ops/events',
      summary:
        'List all messages of one saga, or of all that followed from one request, in the order in which things happened',
      query,
      answers: {
        200: {
          description: 'They; every copy that was sent is there.',
          schema: z.object({
            items: z.array(flowEventSchema),
            complete: z
              .boolean()
              .meta({ description: 'False when there was too much to look through: give a later `since`.' }),
          }),
        },
      },
      handle: async ({ query: { saga, correlation, since } }) => {
        const found =
          saga === undefined
            ? await followedFrom(correlation, since === undefined ? clock.now() - HOUR_MS : Date.parse(since))
            : await messagesOf(saga);
        return { status: 200, body: { items: flowOf(found.messages), complete: found.complete } };
      },
    }),
  ];

  function followedFrom(correlation: string | undefined, from: number): Promise<Found> {
    const wants = ({ headers, time }: LogMessage) => headers['ce_correlationid'] === correlation && time >= from;
    return findWithin(log, { from, to: Infinity }, wants);
  }

  async function messagesOf(saga: string): Promise<Found> {
    const wants = ({ headers }: LogMessage) => headers['ce_sagaid'] === saga;
    const found = await findWithin(log, spanOf(saga, (await archive.find('saga', saga)) as Saga | undefined), wants);
    return found.messages.length > 0 ? found : findNewest(log, wants);
  }
}

/** While a saga is in flight, its id says when it began, and there may be messages of it until now. */
function spanOf(saga: string, ended: Saga | undefined): Span {
  const from = (ended?.startedAt ?? Number.parseInt(saga.replace('-', '').slice(0, 12), 16)) - MARGIN_MS;
  return { from, to: ended?.endedAt === undefined ? Infinity : ended.endedAt + AFTERMATH_MS };
}

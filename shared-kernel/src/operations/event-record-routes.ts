import { z } from 'zod';
import { pageFrom, pageOf, pageQuery } from '../http/cursor';
import { sagaParam } from '../http/parameters';
import { problem } from '../http/problem';
import { route, type Route } from '../http/routes';
import type { OutgoingMessage } from '../messaging/event-message';
import type { EventRecord, EventRecords } from '../messaging/event-records';
import type { MessageLog } from '../messaging/message-log';
import type { Clock } from '../time/clock';
import type { Publisher } from './outbox-routes';

const MOST_RECORDS_WAITING = 1_000;

const eventFields = {
  id: z.string().meta({ description: '`ce_id`.' }),
  topic: z.string(),
  saga: z.string().optional(),
  at: z.iso.datetime().meta({ description: 'When it happened.' }),
};

const publishedSchema = z
  .object({
    ...eventFields,
    type: z.string().optional(),
    key: z.string().optional(),
    publishedAt: z.iso.datetime(),
    lastPublishedAt: z.iso.datetime().meta({ description: 'Later than `publishedAt` when it was sent again.' }),
    times: z.int().positive().meta({ description: 'How often it was published.' }),
  })
  .meta({ id: 'PublishedEvent', description: 'An event that is in its topic.' });

const waitingEventSchema = z
  .object({ ...eventFields, record: z.string() })
  .meta({ id: 'WaitingEvent', description: 'An event that is not published yet.' });

const placeSchema = z.object({ publishedAt: z.number(), id: z.string() });

/** Whether and when each event of a service was published; and publishing one again. */
export function eventRecordRoutes(
  events: EventRecords,
  { operations }: Publisher,
  log: Pick<MessageLog, 'publish'>,
  clock: Pick<Clock, 'now'>,
): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/ops/outbox/events',
      summary: 'List the events that this service has published, the newest first, and those that it has not yet',
      description: 'Of the last 30 days. What is not published yet is with the first page, whole.',
      query: z.object({
        saga: sagaParam.optional(),
        topic: z.string().max(200).optional(),
        ...pageQuery(placeSchema),
      }),
      answers: {
        200: {
          description: 'They.',
          schema: pageOf(publishedSchema).extend({ waiting: z.array(waitingEventSchema) }),
        },
      },
      handle: async ({ query: { limit, cursor, saga, topic } }) => {
        const found = await events.list({
          limit: limit + 1,
          ...(saga === undefined ? {} : { saga }),
          ...(topic === undefined ? {} : { topic }),
          ...(cursor === undefined ? {} : { before: cursor }),
        });
        const { items, ...next } = pageFrom(found, limit, ({ publishedAt, id }) => ({ publishedAt, id }));
        const waiting = cursor === undefined ? await waitingOf(saga, topic) : [];
        return { status: 200, body: { items: items.map(publishedShape), waiting, ...next } };
      },
    }),
    route({
      method: 'POST',
      path: '/ops/outbox/events/{id}/publications',
      summary: 'Publish an event again, as it was: the same id, body and headers',
      description: 'Whoever has had it answers as before; nothing is done twice.',
      params: z.object({ id: z.string().max(200).meta({ description: '`ce_id` of a published event.' }) }),
      body: z.object({}),
      answers: { 200: { description: 'It is in its topic once more.', schema: publishedSchema } },
      problems: ['not-found'],
      handle: async ({ params: { id } }) => {
        const record = await events.find(id);
        if (!record) return notPublished(id);
        await log.publish([record.event]);
        await events.note([record.event], clock.now());
        return { status: 200, body: publishedShape((await events.find(id)) ?? record) };
      },
    }),
  ];

  /** One that is published, and not dropped yet, is among the published. */
  async function waitingOf(saga: string | undefined, topic: string | undefined) {
    const records = await operations.findWaiting(MOST_RECORDS_WAITING);
    const wanted = records.flatMap(({ id, waiting }) =>
      waiting
        .filter(
          (event) => (saga === undefined || event.saga === saga) && (topic === undefined || event.topic === topic),
        )
        .map((event) => ({ record: id, event })),
    );
    const known = await Promise.all(wanted.map(({ event }) => events.find(event.id)));
    return wanted.filter((_, at) => !known[at]).map(({ record, event }) => waitingShape(record, event));
  }
}

function publishedShape({ id, event, publishedAt, lastPublishedAt, times }: EventRecord) {
  const { topic, key, headers, time } = event;
  const { ce_type: type, ce_sagaid: saga } = headers;
  return {
    id,
    topic,
    ...(type === undefined ? {} : { type }),
    ...(saga === undefined ? {} : { saga }),
    ...(key === undefined ? {} : { key }),
    at: new Date(time).toISOString(),
    publishedAt: new Date(publishedAt).toISOString(),
    lastPublishedAt: new Date(lastPublishedAt).toISOString(),
    times,
  };
}

function waitingShape(record: string, { id, topic, saga, time }: OutgoingMessage) {
  return { record, id, topic, saga, at: new Date(time).toISOString() };
}

function notPublished(id: string) {
  return problem('not-found', {
    detail: `No event ${JSON.stringify(id)} of this service was published in the last 30 days. What waits is published by POST /ops/outbox/publications.`,
  });
}

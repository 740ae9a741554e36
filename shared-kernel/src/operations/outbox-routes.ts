import { z } from 'zod';
import { wholeNumberParam } from '../http/parameters';
import { route, type Route } from '../http/routes';
import type { Operations } from '../service/service';
import type { WaitingRecord } from '../store/records';
import type { Clock } from '../time/clock';

const MOST_RECORDS = 100;
const RECORDS_AT_ONCE = 100_000;

const waitingSchema = z
  .object({
    service: z.string(),
    record: z.string().meta({ description: 'The member, or the number of the book.' }),
    waitingMs: z.int().meta({ description: 'How long ago the oldest of them happened: none waits for longer.' }),
    messages: z.array(
      z.object({
        id: z.string(),
        topic: z.string(),
        saga: z.string(),
        at: z.iso.datetime().meta({ description: 'When it happened.' }),
      }),
    ),
  })
  .meta({ id: 'WaitingRecord', description: 'A record whose messages wait to be published.' });

/** A service whose outboxes can be looked at. */
export interface Publisher {
  readonly name: string;
  readonly operations: Pick<Operations, 'findWaiting'>;
}

/** Looking at what waits to be published. */
export function outboxRoutes(services: readonly Publisher[], clock: Pick<Clock, 'now'>): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/ops/outbox',
      summary: 'List the records whose messages wait to be published, the longest waiting first',
      description:
        'What was published within the last second may still be among them: it is dropped with the next change.',
      query: z.object({
        limit: wholeNumberParam(1, MOST_RECORDS)
          .default(20)
          .meta({ description: 'Records of each service.', default: 20 }),
      }),
      answers: {
        200: {
          description: 'They.',
          schema: z.object({
            items: z.array(waitingSchema),
            more: z.boolean().meta({ description: 'Whether some service has more of them than `limit`.' }),
          }),
        },
      },
      handle: async ({ query: { limit } }) => {
        const found = await Promise.all(
          services.map(async ({ name, operations }) => ({ name, records: await operations.findWaiting(limit + 1) })),
        );
        const now = clock.now();
        const items = found.flatMap(({ name, records }) =>
          records.slice(0, limit).map((record) => waitingShape(name, record, now)),
        );
        return {
          status: 200,
          body: {
            items: items.toSorted((one, other) => other.waitingMs - one.waitingMs),
            more: found.some(({ records }) => records.length > limit),
          },
        };
      },
    }),
  ];
}

/** Having published what waits. */
export function publicationRoutes(
  services: readonly { readonly operations: Pick<Operations, 'publishWaiting'> }[],
): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/ops/outbox/publications',
      summary: 'Publish what waits in the outboxes, now',
      description: 'What is on its way already is left out. It is published by itself too, within seconds.',
      body: z.object({}),
      answers: {
        200: {
          description: 'It is on its way.',
          schema: z.object({ records: z.int().meta({ description: 'Records that had something to publish.' }) }),
        },
      },
      handle: async () => {
        const counts = await Promise.all(services.map(({ operations }) => operations.publishWaiting(RECORDS_AT_ONCE)));
        return { status: 200, body: { records: counts.reduce((sum, count) => sum + count, 0) } };
      },
    }),
  ];
}

function waitingShape(service: string, { id, waiting }: WaitingRecord, now: number): z.input<typeof waitingSchema> {
  const oldest = Math.min(now, ...waiting.map(({ time }) => time));
  return {
    service,
    record: id,
    waitingMs: now - oldest,
    messages: waiting.map(({ id: messageId, topic, saga, time }) => ({
      id: messageId,
      topic,
      saga,
      at: new Date(time).toISOString(),
    })),
  };
}

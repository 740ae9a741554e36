import type { Clock } from '../time/clock';
import { MessageRejected } from './message-log';
import type { MessageLog, Publication } from './message-log';

/** Whether and when an event was published, and as what. Times are milliseconds since the epoch. */
export interface EventRecord {
  /** `ce_id` */
  readonly id: string;
  readonly event: Publication;
  readonly publishedAt: number;
  /** Later than `publishedAt` when it was sent again. */
  readonly lastPublishedAt: number;
  readonly times: number;
}

/** Where a list of records goes on: behind this one. */
export type EventPlace = Pick<EventRecord, 'publishedAt' | 'id'>;

/** A record of each event that was published; it expires after 30 days. */
export interface EventRecords {
  /** Notes that the log has taken these at this time; resolves when that is durable. Each has a `ce_id`. */
  note(events: readonly Publication[], at: number): Promise<void>;
  find(id: string): Promise<EventRecord | undefined>;
  /** The newest first. */
  list(asked: {
    readonly saga?: string;
    readonly topic?: string;
    readonly limit: number;
    readonly before?: EventPlace;
  }): Promise<readonly EventRecord[]>;
}

export const EVENT_RECORDS_KEPT_MS = 30 * 24 * 60 * 60 * 1_000;

/**
 * The same log, which says that it took events only when that is noted: so what an outbox has dropped as published has a
 * record. When noting fails, publishing does. What the log has taken already is only noted when it is published again, so
 * that a database that stays away does not fill the topics.
 */
export function noting(log: MessageLog, records: Pick<EventRecords, 'note'>, clock: Pick<Clock, 'now'>): MessageLog {
  /** What the log took that is still to be noted, as it took it, and when; by `ce_id`. */
  const taken = new Map<string, { readonly event: Publication; readonly at: number }>();
  const isTaken = (event: Publication) => taken.has(idOf(event));

  return {
    publish: async (events) => {
      await publishAmong(
        log,
        events,
        events.filter((event) => !isTaken(event)),
      );
      const now = clock.now();
      for (const event of events) if (!isTaken(event)) taken.set(idOf(event), { event, at: now });
      const unnoted = events.map((event) => taken.get(idOf(event))!);
      for (const time of new Set(unnoted.map(({ at }) => at))) {
        const together = unnoted.filter(({ at }) => at === time);
        await records.note(
          together.map(({ event }) => event),
          time,
        );
      }
      for (const event of events) taken.delete(idOf(event));
    },
    consume: (settings, handle) => log.consume(settings, handle),
    read: (topic, partition, offset, limit) => log.read(topic, partition, offset, limit),
    ends: (topic) => log.ends(topic),
    backlog: (group, topics) => log.backlog(group, topics),
    get reachable() {
      return log.reachable;
    },
  };
}

/** Publishes some of the events; one that is rejected is told by its place among all. */
async function publishAmong(
  log: Pick<MessageLog, 'publish'>,
  events: readonly Publication[],
  some: readonly Publication[],
): Promise<void> {
  if (some.length === 0) return;
  try {
    await log.publish(some);
  } catch (error) {
    if (!(error instanceof MessageRejected)) throw error;
    throw new MessageRejected(events.indexOf(some[error.index]!), error.message);
  }
}

/** The `ce_id`, which every event has. */
export function idOf({ headers }: Publication): string {
  return headers['ce_id'] ?? '';
}

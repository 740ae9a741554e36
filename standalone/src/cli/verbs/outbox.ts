import type { Page } from '../answers';
import type { Call } from '../call';
import { counted, duration, table } from '../display';
import { EACH_SERVICE } from '../syntax';
import { andMore, LIMIT_OPTION, listed } from '../pages';
import { Times } from '../times';
import type { Told } from '../told';
import type { Verb } from '../verb';

interface Waiting {
  readonly service: string;
  readonly record: string;
  readonly waitingMs: number;
  readonly messages: readonly { readonly id: string; readonly topic: string; readonly saga: string }[];
}

interface Event {
  readonly id: string;
  readonly topic: string;
  readonly at: string;
}

interface Published extends Event {
  readonly publishedAt: string;
  readonly lastPublishedAt: string;
  readonly times: number;
}

const ONLY_SERVICES =
  'only the services of a distributed library do, each for itself. Ask one with --url http://localhost:8081, or up to 8084.';

/** Events on their way from the records into the topics. */
export const OUTBOX: readonly Verb[] = [
  {
    name: 'outbox ls',
    says: 'List the records whose messages wait to be published.',
    instead: EACH_SERVICE,
    options: LIMIT_OPTION,
    data: 'in-place-of-url',
    run: listWaiting,
  },
  {
    name: 'outbox publish',
    says: 'Publish what waits, now.',
    instead: EACH_SERVICE,
    run: async (call) => {
      const { body: told } = await call.ask<{ records: number }>('POST', '/ops/outbox/publications', { body: {} });
      return call.told(told, ({ records }) =>
        records === 0
          ? 'Nothing waits to be published.'
          : `The messages of ${counted(records, 'record')} are on their way.`,
      );
    },
  },
  {
    name: 'outbox events',
    says: 'Distributed: say of the events of a service whether and when they were published, the newest first.',
    instead: ONLY_SERVICES,
    more: 'Each service knows its own events: --url says which one to ask.',
    options: {
      saga: { takes: 'ID', says: 'Those of one saga.' },
      topic: { takes: 'NAME', says: 'Those of one topic.' },
      ...LIMIT_OPTION,
    },
    run: listEvents,
  },
  {
    name: 'outbox republish',
    takes: ['id'],
    says: 'Distributed: publish an event again, as it was.',
    instead: ONLY_SERVICES,
    more: 'Whoever has had it answers as before; nothing is done twice.',
    run: republish,
  },
];

async function listWaiting(call: Call): Promise<Told> {
  const waiting = await call.look<{ items: readonly Waiting[]; more: boolean }>('/ops/outbox', {
    limit: call.text('limit'),
  });
  return call.told(waiting, ({ items, more }, paint) => {
    if (items.length === 0) return 'Nothing waits to be published.';
    const rows = items.flatMap(({ service, record, waitingMs, messages }) =>
      messages.map(({ id, topic }) => [service, record, duration(waitingMs), topic, id]),
    );
    return (
      table(['service', 'record', 'since', 'topic', 'message'], rows, paint) +
      (more ? '\n… there are more: --limit shows them.' : '')
    );
  });
}

async function listEvents(call: Call): Promise<Told> {
  const times = new Times(call.environment.LIBRARY_ZONE);
  const query = { saga: call.text('saga'), topic: call.text('topic') };
  const page: Page<Published> & { readonly waiting: readonly Event[] } = await listed(
    call,
    '/ops/outbox/events',
    query,
  );
  return call.told(page, ({ items, waiting }, paint) => {
    if (items.length === 0 && waiting.length === 0) return 'There are no such events.';
    const rows = [
      ...waiting.map(({ id, topic, at }) => [times.full(at), paint.warn('not yet'), '', topic, id]),
      ...items.map(({ id, topic, at, publishedAt, times: often }) => [
        times.full(at),
        times.full(publishedAt),
        often,
        topic,
        id,
      ]),
    ];
    return table(['happened', 'published', 'times', 'topic', 'event'], rows, paint) + andMore(page);
  });
}

async function republish(call: Call): Promise<Told> {
  const path = `/ops/outbox/events/${encodeURIComponent(call.word('id'))}/publications`;
  const { body: event } = await call.ask<Published>('POST', path, { body: {} });
  return call.told(
    event,
    ({ topic, times }, paint) => `${paint.good('Published again')} to ${topic}: ${counted(times, 'time')} in all.`,
  );
}

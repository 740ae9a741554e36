import type { Call } from '../call';
import { bytes, counted, duration, table } from '../display';
import { LIMIT_OPTION } from '../pages';
import type { Told } from '../told';
import type { Verb } from '../verb';

interface Waiting {
  readonly service: string;
  readonly record: string;
  readonly waitingMs: number;
  readonly messages: readonly { readonly id: string; readonly topic: string; readonly saga: string }[];
}

interface Topic {
  readonly topic: string;
  readonly messages: number;
  readonly bytes: number;
  readonly partitions: readonly { readonly partition: number }[];
  readonly groups: readonly { readonly group: string; readonly lag: number }[];
}

/** Messages on their way: in the outboxes, and in the topics. */
export const MESSAGING: readonly Verb[] = [
  {
    name: 'outbox ls',
    says: 'List the records whose messages wait to be published.',
    options: LIMIT_OPTION,
    run: listOutbox,
  },
  {
    name: 'outbox publish',
    says: 'Publish what waits, now.',
    run: async (call) => {
      const { body: told } = await call.ask<{ records: number }>('POST', '/ops/outbox/publications', { body: {} });
      return call.told(told, ({ records }) =>
        records === 0
          ? 'Nothing waits to be published.'
          : `The messages of ${counted(records, 'record')} are on their way.`,
      );
    },
  },
  { name: 'topics', says: 'List the topics, and how far each consumer group is in them.', run: topics },
];

async function listOutbox(call: Call): Promise<Told> {
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

async function topics(call: Call): Promise<Told> {
  const { items } = await call.look<{ items: readonly Topic[] }>('/ops/topics');
  return call.told({ items }, (shown, paint) => {
    const rows = shown.items.map(({ topic, messages, bytes: weight, partitions, groups }) => {
      const read = groups.map(({ group, lag }) => (lag === 0 ? group : `${group} ${paint.warn(`${lag} behind`)}`));
      return [topic, partitions.length, messages, bytes(weight), read.join(', ')];
    });
    return rows.length === 0
      ? 'There is no topic.'
      : table(['topic', 'partitions', 'messages', 'size', 'read by'], rows, paint);
  });
}

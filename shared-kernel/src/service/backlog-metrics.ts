import { Gauge, type Registry } from 'prom-client';
import type { Backlog } from '../messaging/message-log';
import { Fault } from '../store/fault';

type Ask = () => Promise<Backlog>;

/** By registry and group: a process has one registry, however many groups consume in it. */
const WATCHED = new WeakMap<Registry, Map<string, Ask>>();

/**
 * From now on, whoever fetches the metrics is told how far this group is behind; until the answer is called. Nothing is told
 * of a group while the log cannot be asked.
 */
export function watchBacklog(metrics: Registry, group: string, ask: Ask): () => void {
  const groups = WATCHED.get(metrics) ?? watching(metrics);
  groups.set(group, ask);
  return () => groups.delete(group);
}

function watching(metrics: Registry): Map<string, Ask> {
  const groups = new Map<string, Ask>();
  WATCHED.set(metrics, groups);

  let looking: Promise<void> | undefined;
  const collect = () => (looking ??= look().finally(() => (looking = undefined)));
  const messages = new Gauge({
    name: 'library_backlog_messages',
    help: 'Messages that a group has not handled yet.',
    labelNames: ['group'],
    registers: [metrics],
    collect,
  });
  const oldest = new Gauge({
    name: 'library_backlog_oldest_seconds',
    help: 'For how long the oldest message that a group has not handled has waited, as far as this process knows; 0 when none waits.',
    labelNames: ['group'],
    registers: [metrics],
    collect,
  });

  /** Once for both, which are collected at the same time. */
  const look = async () => {
    const found = await Promise.all([...groups].map(async ([group, ask]) => ({ group, backlog: await answerOf(ask) })));
    messages.reset();
    oldest.reset();
    for (const { group, backlog } of found) {
      if (!backlog) continue;
      messages.set({ group }, backlog.messages);
      oldest.set({ group }, backlog.oldestMs / 1_000);
    }
  };
  return groups;
}

async function answerOf(ask: Ask): Promise<Backlog | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

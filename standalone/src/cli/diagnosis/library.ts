import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import type { Page, Saga } from '../answers';
import type { Call } from '../call';
import { counted, duration } from '../display';
import { CannotDo, EXIT } from '../exit';
import { bad, ok, warn, type Finding } from './finding';

const LONG_WAIT_MS = 60_000;
const SHIFTED_MS = 1_000;
const MANY_BEHIND = 1_000;

/** Whether the library that runs is ready, and what time it believes it is. */
export async function runningFindings(call: Call): Promise<readonly Finding[]> {
  return [await readyFinding(call), await clockFinding(call)];
}

/** What operators should see to, in the running library or in its folder. */
export async function operatorFindings(call: Call): Promise<readonly Finding[]> {
  return [
    ...(await topicFindings(call)),
    await parkedFinding(call),
    await outboxFinding(call),
    await attentionFinding(call),
  ];
}

async function readyFinding(call: Call): Promise<Finding> {
  try {
    await call.get('/health/ready');
    return ok('library', `It answers at ${call.api.origin}, and is ready.`);
  } catch (error) {
    if (!(error instanceof CannotDo) || error.exit !== EXIT.unavailable) throw error;
    return bad('library', error.message, 'Its log says more.');
  }
}

async function clockFinding(call: Call): Promise<Finding> {
  const { aheadMs, today, zone } = await call.get<{ aheadMs: number; today: string; zone: string }>('/ops/clock');
  if (Math.abs(aheadMs) < SHIFTED_MS) return ok('clock', `Today is ${today} in ${zone}.`);
  const by = `${duration(Math.round(Math.abs(aheadMs) / 1_000) * 1_000)} ${aheadMs > 0 ? 'ahead' : 'behind'}`;
  return warn(
    'clock',
    `It is ${by}: for the library, today is ${today}.`,
    'Good for a demonstration only. A start without LIBRARY_NOW ends it.',
  );
}

interface Topic {
  readonly topic: string;
  readonly partitions: readonly unknown[];
  readonly groups: readonly { readonly group: string; readonly lag: number }[];
}

async function topicFindings(call: Call): Promise<readonly Finding[]> {
  const { items } = await call.look<{ items: readonly Topic[] }>('/ops/topics');
  const missing = SAGA_TOPICS.filter((name) => !items.some(({ topic }) => topic === name));
  const counts = SAGA_TOPICS.flatMap((name) => items.find(({ topic }) => topic === name)?.partitions.length ?? []);
  const behind = items.flatMap(({ topic, groups }) =>
    groups.filter(({ lag }) => lag >= MANY_BEHIND).map(({ group, lag }) => `${group} is ${lag} behind in ${topic}`),
  );

  return [
    missing.length > 0
      ? bad('topics', `Missing: ${missing.join(', ')}.`, 'A start makes them; nothing is lost meanwhile.')
      : ok(
          'topics',
          `${counted(SAGA_TOPICS.length, 'topic')} with ${[...new Set(counts)].join(' or ')} partitions each.`,
        ),
    behind.length > 0
      ? warn('consumers', `${behind.join('; ')}.`, 'Wait, and look again. When it does not get less, the log says why.')
      : ok('consumers', 'All have kept up.'),
  ];
}

async function parkedFinding(call: Call): Promise<Finding> {
  const { items, next } = await call.look<Page<unknown>>('/ops/parked', { state: 'parked', limit: 100 });
  if (items.length === 0) return ok('parked', 'No message is parked.');
  const says = `${counted(items.length, 'message')}${next === undefined ? '' : ' and more'} could not be handled.`;
  return warn('parked', says, '`library parked ls` says why. Release them when the cause is repaired.');
}

async function outboxFinding(call: Call): Promise<Finding> {
  const { items } = await call.look<{ items: readonly { waitingMs: number; service: string; record: string }[] }>(
    '/ops/outbox',
    { limit: 1 },
  );
  const [oldest] = items;
  if (!oldest) return ok('outboxes', 'Nothing waits to be published.');
  const says = `The oldest message has waited for ${duration(oldest.waitingMs)} (${oldest.service}, ${oldest.record}).`;
  if (call.isFromFolder) return ok('outboxes', `${says} The next start publishes it.`);
  return oldest.waitingMs > LONG_WAIT_MS
    ? warn('outboxes', says, '`library outbox publish` tries it now; the log says what hinders it.')
    : ok('outboxes', says);
}

async function attentionFinding(call: Call): Promise<Finding> {
  const { items, next } = await call.look<Page<Saga>>('/sagas', { attention: true, limit: 100 });
  if (items.length === 0) return ok('sagas', 'None calls for a person.');
  const says = `${counted(items.length, 'saga calls', 'sagas call')}${next === undefined ? '' : ' and more'} for a person.`;
  return warn(
    'sagas',
    says,
    '`library saga ls --attention` lists them; `library saga settle` is for what was seen to by hand.',
  );
}

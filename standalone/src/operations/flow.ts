import { setImmediate } from 'node:timers/promises';
import type { LogView } from '@library/shared-kernel/embedded/log-reader';
import type { LogMessage } from '@library/shared-kernel/messaging/message-log';

/** When something happened, in milliseconds since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Found {
  readonly messages: readonly LogMessage[];
  /** False when there was more than may be looked through at once. */
  readonly complete: boolean;
}

interface Stretch {
  readonly topic: string;
  readonly partition: number;
  readonly first: number;
  readonly end: number;
}

/** Looked at in the middle of a partition: so many in a row are never all re-sent ones. */
const PROBED = 32;
const READ_AT_ONCE = 500;
/** How far before the place that the search finds it begins to read. */
const RUN_UP = 200;
const MOST_LOOKED_THROUGH = 200_000;
/** Of each partition, when the search finds nothing. */
const TAIL = 2_000;

/**
 * The messages that `wants` wants among those that happened within the span, wherever they are. A partition's messages lie
 * in the order in which they were appended, and none can have been appended before it happened: so the first one is found
 * by halving, and behind the first one that happened later than the span there is nothing to look for.
 */
export async function findWithin(
  log: Pick<LogView, 'topics' | 'read'>,
  span: Span,
  wants: (message: LogMessage) => boolean,
): Promise<Found> {
  const stretches = await Promise.all(stretchesOf(log).map((stretch) => startingAt(log, stretch, span.from)));
  return look(log, stretches, span.to, wants);
}

/** The same among the newest messages of each partition, whatever their times: for when a clock has been moved. */
export async function findNewest(
  log: Pick<LogView, 'topics' | 'read'>,
  wants: (message: LogMessage) => boolean,
): Promise<Found> {
  const tails = stretchesOf(log).map((stretch) => ({ ...stretch, first: Math.max(stretch.first, stretch.end - TAIL) }));
  return look(log, tails, Infinity, wants);
}

function stretchesOf(log: Pick<LogView, 'topics'>): Stretch[] {
  return log
    .topics()
    .flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, first, end }) => ({ topic, partition, first, end })),
    );
}

/**
 * Where the messages begin that were appended at `time` or later. A message that happened then or later was appended then
 * or later; one that happened before may have been sent again since, and proves nothing by itself.
 */
async function startingAt(log: Pick<LogView, 'read'>, stretch: Stretch, time: number): Promise<Stretch> {
  const { topic, partition, first, end } = stretch;
  let [low, high] = [first, end];
  while (high - low > PROBED) {
    const middle = low + Math.floor((high - low) / 2);
    const probe = await log.read(topic, partition, middle, PROBED);
    if (probe.some((message) => message.time >= time)) high = middle;
    else low = middle;
  }
  return { ...stretch, first: Math.max(first, low - RUN_UP) };
}

async function look(
  log: Pick<LogView, 'read'>,
  stretches: readonly Stretch[],
  to: number,
  wants: (message: LogMessage) => boolean,
): Promise<Found> {
  const messages: LogMessage[] = [];
  let left = MOST_LOOKED_THROUGH;

  for (const { topic, partition, first, end } of stretches) {
    for (let offset = first; offset < end;) {
      if (left <= 0) return { messages, complete: false };
      const block = await log.read(topic, partition, offset, READ_AT_ONCE);
      const past = block.findIndex(({ time }) => time > to);
      messages.push(...(past < 0 ? block : block.slice(0, past)).filter(wants));
      if (past >= 0 || block.length === 0) break;
      left -= block.length;
      offset = block.at(-1)!.offset + 1;
      // Nobody else should wait for somebody's curiosity.
      await setImmediate();
    }
  }
  return { messages, complete: true };
}

import type { LogMessage, Publication } from './message-log';
import type { ParkReason } from './parking';

/** Why, when and how often a message was parked. */
export interface Parked {
  readonly group: string;
  readonly reason: ParkReason;
  readonly detail: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly count: number;
}

/**
 * What is published when a message is parked: its own bytes and headers, and headers that say where it came from, why,
 * when and how often. So anybody who can look into topics sees it.
 */
export function parkedCopy(message: LogMessage, { group, reason, detail, at, count }: Parked): Publication {
  const { topic, partition, offset, key, value, headers, time } = message;
  return {
    topic: `${topic}.parked.${group}`,
    key,
    value,
    headers: {
      ...headers,
      parked_group: group,
      parked_topic: topic,
      parked_partition: `${partition}`,
      parked_offset: `${offset}`,
      parked_time: new Date(time).toISOString(),
      parked_reason: reason,
      parked_detail: detail,
      parked_at: new Date(at).toISOString(),
      parked_count: `${count}`,
    },
    time: at,
  };
}

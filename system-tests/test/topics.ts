import { PARTICIPANTS } from '@library/shared-kernel/contracts/event-contract';
import { RESULT_TOPIC } from '@library/shared-kernel/contracts/event-result';
import { SAGA_EVENTS } from '@library/shared-kernel/contracts/events';
import type { LogMessage, MessageLog } from '@library/shared-kernel/messaging/message-log';
import { eventually } from './over-http';

/** What each service listens to, by its group, while the ranking has never been made anew. */
export const HEARD: readonly (readonly [string, readonly string[]])[] = [
  ['rental-service', [RESULT_TOPIC]],
  ...PARTICIPANTS.map((participant) => {
    const asked = SAGA_EVENTS.filter(({ answeredBy }) => participant in answeredBy);
    return [`${participant}-service`, asked.map(({ topic }) => topic)] as const;
  }),
];
const ALL = 10_000;

/** All messages of a topic, partition by partition. */
export async function messagesOf(log: MessageLog, topic: string): Promise<readonly LogMessage[]> {
  const partitions = (await log.ends(topic)).keys();
  return (await Promise.all([...partitions].map((partition) => log.read(topic, partition, 0, ALL)))).flat();
}

/** Resolves when every service has handled all that was said. What it answers may still be on its way. */
export async function allIsHeard(log: MessageLog): Promise<void> {
  await eventually(async () => {
    for (const [group, topics] of HEARD) {
      const { messages } = await log.backlog(group, topics);
      if (messages > 0) throw new Error(`${messages} messages wait for ${group}.`);
    }
  }, 30_000);
}

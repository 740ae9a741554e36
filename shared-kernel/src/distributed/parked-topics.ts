import type { MessageLog } from '../messaging/message-log';
import { Fault } from '../store/fault';

/** A log whose topics somebody may create. */
interface Creating extends Pick<MessageLog, 'publish'> {
  createTopics(names: readonly string[], partitions: number): Promise<void>;
}

/**
 * The same log for what is parked: a topic of the parked is created when the first message comes there, so that nobody
 * looks through dozens of empty ones.
 */
export function makingTopics(log: Creating): Pick<MessageLog, 'publish'> {
  return {
    publish: async (messages) => {
      try {
        await log.publish(messages);
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'topic-missing') throw error;
        await log.createTopics([...new Set(messages.map(({ topic }) => topic))], 1);
        await log.publish(messages);
      }
    },
  };
}

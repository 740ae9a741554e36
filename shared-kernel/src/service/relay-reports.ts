import { toPublication } from '../messaging/cloud-event';
import type { RelayReports } from '../outbox/relay';
import type { World } from './world';

/**
 * Tells the operator what a service cannot publish. What the log will never take is parked, under the name of the service
 * that wanted to publish it.
 */
export function relayReports({ parking, clock, logger }: World, service: string): RelayReports {
  return {
    rejected: async (message, error) => {
      const publication = toPublication(message);
      await parking.park(
        service,
        { ...publication, partition: -1, offset: -1 },
        'rejected',
        error.message,
        clock.now(),
      );
      logger.error(
        { service, ce_id: message.id, topic: message.topic, err: error },
        'The message log refuses a message for its own sake; it is parked',
      );
    },
    heldUp: (topic, error) =>
      logger.warn({ service, topic, err: error }, 'Messages cannot be published; they wait, and are tried again'),
  };
}

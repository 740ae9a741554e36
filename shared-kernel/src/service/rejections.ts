import type { RejectMessage } from '../outbox/relay';
import { toPublication } from '../messaging/cloud-event';
import type { World } from './world';

/** Parks what the log will never take, under the name of the service that wanted to publish it, and tells the operator. */
export function rejections({ parking, clock, logger }: World, service: string): RejectMessage {
  return async (message, error) => {
    const publication = toPublication(message);
    await parking.park(service, { ...publication, partition: -1, offset: -1 }, 'rejected', error.message, clock.now());
    logger.error(
      { ce_id: message.id, topic: message.topic, err: error },
      'The message log refuses a message for its own sake; it is parked',
    );
  };
}

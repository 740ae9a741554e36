import { askedBy } from '@library/shared-kernel/contracts/event-result';
import type { EventResult } from '@library/shared-kernel/contracts/event-result';
import type { EventMessage } from '@library/shared-kernel/messaging/event-message';
import type { Reaction } from '@library/shared-kernel/messaging/reaction';
import { Tampered } from '@library/shared-kernel/messaging/reaction';
import type { Orchestrator } from './orchestrator';
import type { RentalRecord } from './rental-record';

/** Hands a participant's EventResult to the saga that awaits it. */
export class TakeResult {
  constructor(private readonly orchestrator: Orchestrator) {}

  react(message: EventMessage<EventResult>): Reaction<RentalRecord> | undefined {
    const { eventType, idName, item, success, reason } = message.body;
    const { participant, id } = message;
    const { saga: type, direction } = askedBy(eventType);

    return {
      record: idName.id,
      about: [],
      decide: (record) => {
        const saga = record.saga(message.saga);
        if (!participant || saga?.type !== type) return saga ? 'foreign' : 'late';
        // Whoever heard of another book has answered an altered copy.
        if (item && item.no !== saga.announced.item?.no) throw new Tampered(message.saga, direction);
        return this.orchestrator.answered(record, message.saga, {
          participant,
          direction,
          outcome: success ? 'ok' : reason!,
          id,
        });
      },
    };
  }
}

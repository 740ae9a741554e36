import { askedBy } from '@library/shared-kernel/contracts/event-result';
import type { EventResult } from '@library/shared-kernel/contracts/event-result';
import type { EventMessage } from '@library/shared-kernel/messaging/event-message';
import type { Reaction } from '@library/shared-kernel/messaging/reaction';
import type { Orchestrator } from './orchestrator';
import type { RentalRecord } from './rental-record';

/** Hands a participant's EventResult to the saga that awaits it. */
export class TakeResult {
  constructor(private readonly orchestrator: Orchestrator) {}

  react(message: EventMessage<EventResult>): Reaction<RentalRecord> | undefined {
    const { eventType, idName, success, reason } = message.body;
    const { participant, id } = message;
    const { saga: type, direction } = askedBy(eventType);

    return {
      record: idName.id,
      about: [],
      decide: (record) => {
        if (!participant || record.saga(message.saga)?.type !== type)
          return record.saga(message.saga) ? 'foreign' : 'late';
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

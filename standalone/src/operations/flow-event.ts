import { SAGA_EVENTS } from '@library/shared-kernel/contracts/events';
import { askedBy, RESULT_TOPIC } from '@library/shared-kernel/contracts/event-result';
import type { EventResult } from '@library/shared-kernel/contracts/event-result';
import { PARTICIPANTS, SAGA_TYPES } from '@library/shared-kernel/contracts/event-contract';
import { fromLog, Unreadable } from '@library/shared-kernel/messaging/cloud-event';
import type { EventMessage } from '@library/shared-kernel/messaging/event-message';
import type { LogMessage } from '@library/shared-kernel/messaging/message-log';
import { z } from 'zod';

export const flowEventSchema = z
  .object({
    at: z.iso.datetime().meta({ description: 'When it happened.' }),
    topic: z.string(),
    partition: z.int(),
    offset: z.int(),
    id: z.string().optional().meta({ description: '`ce_id`: the same on every copy that was sent.' }),
    type: z.string().optional().meta({ description: '`ce_type`' }),
    saga: z.string().optional(),
    correlation: z.string().optional(),
    causation: z.string().optional().meta({ description: 'The message or request that led to it.' }),
    step: z.enum(SAGA_TYPES).optional(),
    direction: z.enum(['do', 'undo', 'confirm']).optional(),
    awaits: z.array(z.string()).optional().meta({ description: 'Who is asked.' }),
    participant: z.enum(PARTICIPANTS).optional().meta({ description: 'Who answers.' }),
    answer: z.enum(['done', 'refused']).optional(),
    reason: z.string().optional().meta({ description: 'Why it was refused, or is withdrawn.' }),
    parked: z
      .object({ by: z.string(), because: z.string() })
      .optional()
      .meta({ description: 'On the copy of a message that a group could not handle.' }),
  })
  .meta({ id: 'FlowEvent', description: 'One message of a flow. Names and titles are left out.' });

export type FlowEvent = z.input<typeof flowEventSchema>;

/** What happened, in the order in which it did; causes go before their effects, also within one millisecond. */
export function flowOf(messages: readonly LogMessage[]): FlowEvent[] {
  return messages
    .map((message) => ({ time: message.time, event: eventOf(message) }))
    .toSorted(
      (one, other) =>
        one.time - other.time || rankOf(one.event) - rankOf(other.event) || one.event.offset - other.event.offset,
    )
    .map(({ event }) => event);
}

function eventOf(message: LogMessage): FlowEvent {
  const { headers, topic, partition, offset, time } = message;
  const group = headers['parked_group'];
  return {
    at: new Date(time).toISOString(),
    topic,
    partition,
    offset,
    id: headers['ce_id'],
    type: headers['ce_type'],
    saga: headers['ce_sagaid'],
    correlation: headers['ce_correlationid'],
    causation: headers['ce_causationid'],
    ...contentOf(message),
    ...(group === undefined ? {} : { parked: { by: group, because: headers['parked_reason'] ?? '' } }),
  };
}

/** What the contract of its topic says about it: nothing when it cannot be read. */
function contentOf(message: LogMessage): Partial<FlowEvent> {
  const topic = message.headers['parked_topic'] ?? message.topic;
  let event: EventMessage;
  try {
    event = fromLog({ ...message, topic });
  } catch (error) {
    if (error instanceof Unreadable) return {};
    throw error;
  }
  if (topic === RESULT_TOPIC) return answerIn(event as EventMessage<EventResult>);

  const contract = SAGA_EVENTS.find((known) => known.topic === topic);
  const { reason } = event.body as { reason?: string };
  return {
    step: contract?.saga,
    direction: contract?.direction,
    ...(event.awaits ? { awaits: [...event.awaits] } : {}),
    ...(reason === undefined ? {} : { reason }),
  };
}

function answerIn({
  body: { eventType, success, reason },
  participant,
}: EventMessage<EventResult>): Partial<FlowEvent> {
  const { saga, direction } = askedBy(eventType);
  return {
    step: saga,
    direction,
    participant,
    answer: success ? 'done' : 'refused',
    ...(reason === undefined ? {} : { reason }),
  };
}

function rankOf({ direction, participant, parked }: FlowEvent): number {
  return (direction === undefined || direction === 'do' ? 0 : 4) + (participant ? 2 : 0) + (parked ? 1 : 0);
}

import { z } from 'zod';
import type { Direction, SagaType } from './event-contract';
import { idNameSchema, itemSchema, pointSchema, reasonSchema } from './bodies';

export const RESULT_TOPIC = 'rental_result';

/** What is answered: the saga's type, and which of its messages. */
export const EVENT_TYPES = [
  'RENT',
  'RETURN',
  'OVERDUE',
  'RENT_CANCEL',
  'RETURN_CANCEL',
  'OVERDUE_CANCEL',
  'RETURN_CONFIRM',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

const SUFFIX = { do: '', undo: '_CANCEL', confirm: '_CONFIRM' } as const;

export function eventTypeOf(saga: SagaType, direction: Direction): EventType {
  return `${saga}${SUFFIX[direction]}` as EventType;
}

const ASKED = new Map<EventType, { readonly saga: SagaType; readonly direction: Direction }>([
  ['RENT', { saga: 'RENT', direction: 'do' }],
  ['RETURN', { saga: 'RETURN', direction: 'do' }],
  ['OVERDUE', { saga: 'OVERDUE', direction: 'do' }],
  ['RENT_CANCEL', { saga: 'RENT', direction: 'undo' }],
  ['RETURN_CANCEL', { saga: 'RETURN', direction: 'undo' }],
  ['OVERDUE_CANCEL', { saga: 'OVERDUE', direction: 'undo' }],
  ['RETURN_CONFIRM', { saga: 'RETURN', direction: 'confirm' }],
]);

export function askedBy(eventType: EventType): { readonly saga: SagaType; readonly direction: Direction } {
  return ASKED.get(eventType)!;
}

/** A participant's answer. `reason` is there exactly when `success` is false; `item` is absent for OVERDUE. */
export const eventResultSchema = z
  .object({
    eventType: z.enum(EVENT_TYPES),
    idName: idNameSchema,
    item: itemSchema.optional(),
    point: pointSchema,
    success: z.boolean(),
    reason: reasonSchema.optional(),
  })
  .refine((result) => result.success === (result.reason === undefined), 'A refusal, and only a refusal, has a reason.');

export type EventResult = z.output<typeof eventResultSchema>;

export const eventResultContract = { type: 'EventResult', topic: RESULT_TOPIC, body: eventResultSchema } as const;

import type { z } from 'zod';
import type { RefusalCode } from '../domain/refusal';

/** The participants there are, as `ce_awaits` and `ce_participant` name them. */
export const PARTICIPANTS = ['book', 'member', 'bestbook'] as const;
export type ParticipantName = (typeof PARTICIPANTS)[number];

export const SAGA_TYPES = ['RENT', 'RETURN', 'OVERDUE'] as const;
export type SagaType = (typeof SAGA_TYPES)[number];

/** What a message asks of a participant: to do its part, to undo it, or to make it final. */
export type Direction = 'do' | 'undo' | 'confirm';

/** Who must answer an event, and with which refusals it may. */
export type Answerers = { readonly [Name in ParticipantName]?: readonly RefusalCode[] };

/** One event type: its topic, the shape of its body, and who answers it. */
export interface EventContract<
  Body = unknown,
  Answered extends Answerers = Answerers,
  Saga extends SagaType = SagaType,
  Asked extends Direction = Direction,
> {
  /** `ce_type`, past tense. */
  readonly type: string;
  readonly topic: string;
  readonly saga: Saga;
  readonly direction: Asked;
  readonly body: z.ZodType<Body>;
  readonly answeredBy: Answered;
}

export type BodyOf<Contract> = Contract extends EventContract<infer Body> ? Body : never;

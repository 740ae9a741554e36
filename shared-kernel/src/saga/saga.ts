import type { Direction, ParticipantName, SagaType } from '../contracts/event-contract';
import type { SagaId } from '../domain/identifiers';
import type { IdName, Item } from '../domain/names';

export const SAGA_STATUSES = ['RUNNING', 'CONFIRMING', 'COMPENSATING', 'COMPLETED', 'COMPENSATED'] as const;
export type SagaStatus = (typeof SAGA_STATUSES)[number];

export const STEP_STATES = [
  'awaited',
  'done',
  'refused',
  'confirming',
  'confirmed',
  'undoing',
  'undone',
  'settled',
] as const;
export type StepState = (typeof STEP_STATES)[number];

/** Where one participant stands. `code` is why it refused last. */
export interface SagaStep {
  readonly state: StepState;
  readonly code?: string;
}

/** Why a saga calls for a person. */
export const ATTENTION_CAUSES = ['not-heard', 'not-answering', 'undo-refused', 'confirm-refused'] as const;
export type AttentionCause = (typeof ATTENTION_CAUSES)[number];

/** One thing that happened to a saga; its place in the story is its number. */
export interface SagaEvent {
  readonly at: number;
  readonly what:
    | 'announced'
    | 'done'
    | 'refused'
    | 'silent'
    | 'withdrawn'
    | 'undone'
    | 'undo-refused'
    | 'agreed'
    | 'confirmed'
    | 'confirm-refused'
    | 'attention'
    | 'settled'
    | 'completed'
    | 'compensated';
  readonly participant?: ParticipantName;
  readonly code?: string;
  readonly actor?: string;
}

/** Where a saga came from; it travels with every message of the saga. */
export interface SagaCause {
  readonly correlation: string;
  readonly causation?: string;
  readonly traceparent?: string;
}

/** What a saga announces: the body of its first event. */
export interface Announced {
  readonly idName: IdName;
  readonly item?: Item;
  readonly point: number;
}

/** A saga in flight or finished: plain data, stored by names. Times are milliseconds since the epoch. */
export interface Saga {
  readonly id: SagaId;
  readonly type: SagaType;
  /** Version of the definition that it began with, and ends with. */
  readonly definition: number;
  readonly status: SagaStatus;
  readonly announced: Announced;
  /** Whom it awaits was decided when it began. */
  readonly steps: Readonly<Partial<Record<ParticipantName, SagaStep>>>;
  /** The code that undid it: the first refusal, or `expired` when somebody stayed silent. */
  readonly reason?: string;
  readonly attention?: AttentionCause;
  readonly cause: SagaCause;
  readonly story: readonly SagaEvent[];
  readonly startedAt: number;
  /** When it entered its present status. */
  readonly since: number;
  /** `ce_id` of the message that brought it there; what it says in that status names it as its cause, each time. */
  readonly broughtBy?: string;
  /** Expiry of the announcement's copy that is known to be published. */
  readonly expires?: number;
  /** How often the present message was sent again. */
  readonly resent: number;
  /** When somebody must look at it next; absent when it has ended. */
  readonly dueAt?: number;
  readonly endedAt?: number;
}

/** What a participant answered: `ok`, or the code of its refusal. */
export interface Answer {
  readonly participant: ParticipantName;
  readonly direction: Direction;
  readonly outcome: string;
  /** `ce_id` of the result. */
  readonly id: string;
}

export function hasEnded({ status }: Pick<Saga, 'status'>): boolean {
  return status === 'COMPLETED' || status === 'COMPENSATED';
}

/** The participants of a saga that are in this state. */
export function participantsIn(saga: Saga, ...states: readonly StepState[]): readonly ParticipantName[] {
  return stepsOf(saga)
    .filter(([, step]) => states.includes(step.state))
    .map(([name]) => name);
}

export function stepsOf(saga: Saga): readonly (readonly [ParticipantName, SagaStep])[] {
  return Object.entries(saga.steps) as [ParticipantName, SagaStep][];
}

import type { ParticipantName } from '../contracts/event-contract';
import type { OutgoingMessage } from '../messaging/event-message';
import { messageId, onAnswer, onDeadline, onPublished, onSettled, start } from '../saga/engine';
import type { Ignored, Turn } from '../saga/engine';
import type { Announced, Answer, AttentionCause, Saga, SagaCause, SagaStatus, SagaStep } from '../saga/saga';
import { undoneBecause } from '../saga/saga-definition';
import type { SagaDefinition } from '../saga/saga-definition';
import { DEFAULT_TIMING } from '../saga/timing';
import type { SagaTiming } from '../saga/timing';

/** What a story begins with. */
export interface Beginning<Aggregate> {
  readonly aggregate: Aggregate;
  readonly id: Saga['id'];
  readonly announced: Announced;
  readonly cause: SagaCause;
  readonly at: number;
  readonly timing?: SagaTiming;
}

/** Something that happens to a saga, `at` some time: what comes of it, or undefined when nothing was due. */
type Happening = (
  definition: SagaDefinition<never>,
  saga: Saga,
  now: number,
  timing: SagaTiming,
) => Turn | Ignored | undefined;
export type Event = { readonly passes: number; readonly happens: Happening };

type Said = 'ok' | (string & {});

const answered = (participant: ParticipantName, direction: Answer['direction'], outcome: Said): Event => ({
  passes: 0,
  happens: (definition, saga, now, timing) =>
    onAnswer(
      definition,
      saga,
      { participant, direction, outcome, id: answerId(saga, participant, direction, outcome) },
      now,
      timing,
    ),
});

/** `ce_id` of a participant's result. */
export const answerId = (
  { id }: Pick<Saga, 'id'>,
  participant: ParticipantName,
  direction: Answer['direction'],
  outcome: Said,
) => `${id}:${participant}:${direction}:${outcome}`;

export const done = (participant: ParticipantName): Event => answered(participant, 'do', 'ok');
export const refused = (participant: ParticipantName, code: string): Event => answered(participant, 'do', code);
export const undone = (participant: ParticipantName): Event => answered(participant, 'undo', 'ok');
export const undoRefused = (participant: ParticipantName, code: string): Event => answered(participant, 'undo', code);
export const confirmed = (participant: ParticipantName): Event => answered(participant, 'confirm', 'ok');
export const confirmRefused = (participant: ParticipantName, code: string): Event =>
  answered(participant, 'confirm', code);

/** An operator has seen to it by hand. */
export const settled = (
  participant: ParticipantName,
  by: { readonly actor: string; readonly reason: string },
): Event => ({
  passes: 0,
  happens: (_definition, saga, now) => onSettled(saga, participant, by, now),
});

const looked = (passes: number, heard: boolean, inOutbox: boolean): Event => ({
  passes,
  happens: (definition, saga, now, timing) => onDeadline(definition, saga, { heard, inOutbox }, now, timing),
});

/** Time passes without an answer that could have been heard, and somebody looks. */
export const silence = (ms: number): Event => looked(ms, true, false);
/** Time passes in which nothing could be heard, and somebody looks. */
export const deafness = (ms: number): Event => looked(ms, false, false);
/** Time passes while the announcement waits in the outbox, and somebody looks. */
export const waiting = (ms: number): Event => looked(ms, true, true);

/** The announcement goes out now, so that its copy expires then. */
export const published: Event = {
  passes: 0,
  happens: (_definition, saga, now, timing) => ({
    saga: onPublished(saga, now + timing.expiresAfterMs),
    send: [],
    withdraw: [],
  }),
};

/** Tells a saga's story: `given(…).announces(…).when(…).withdraws(…).when(…).ends(…)`. Every message must be told, and whole. */
export function given<Aggregate, Finished>(
  definition: SagaDefinition<Aggregate, Finished>,
  beginning: Beginning<Aggregate>,
): SagaStory<Aggregate, Finished> {
  return new SagaStory(definition, beginning);
}

/** A saga that is being told, with the aggregate that it began on. */
export class SagaStory<Aggregate, Finished = unknown> {
  private readonly timing: SagaTiming;
  private now: number;
  private turn: Turn;
  private untold: readonly OutgoingMessage[];
  private ignoring: Ignored | undefined;
  /** What the aggregate answered when all agreed. */
  finished: Finished | undefined | void;

  constructor(
    private readonly definition: SagaDefinition<Aggregate, Finished>,
    private readonly beginning: Beginning<Aggregate>,
  ) {
    const { id, announced, cause, at, timing = DEFAULT_TIMING } = beginning;
    this.timing = timing;
    this.now = at;
    this.turn = start(this.definition, id, announced, cause, at, timing);
    this.untold = this.turn.send;
  }

  get saga(): Saga {
    return this.turn.saga;
  }

  /** Something happens, and leads to no message unless the next words of the story say so. */
  when(event: Event): this {
    this.mustBeTold();
    this.now += event.passes;
    const turn = event.happens(this.definition, this.saga, this.now, this.timing);
    this.ignoring = typeof turn === 'string' ? turn : undefined;
    if (turn === undefined || typeof turn === 'string') return this;

    this.turn = turn;
    this.untold = turn.send;
    const { aggregate, id } = this.beginning;
    if (turn.happened === 'agreed') this.finished = this.definition.agreed(aggregate, id);
    if (turn.happened === 'compensated') this.definition.compensated(aggregate, id, undoneBecause(turn.saga));
    return this;
  }

  /** Everybody is asked, and the announcement is published at once. */
  announces(message: OutgoingMessage): this {
    return this.sends(message).when(published);
  }

  /** What was said before is said again, to those who have not answered. */
  asksAgain(message: OutgoingMessage): this {
    return this.sends(message);
  }

  /** Everybody is told to undo, and an announcement that is still waiting will not go out. */
  withdraws(message: OutgoingMessage): this {
    mustEqual(this.turn.withdraw, [messageId(this.saga, 'do')]);
    return this.sends(message);
  }

  confirms(message: OutgoingMessage): this {
    return this.sends(message);
  }

  /** What happened last changed nothing. */
  ignores(as: Ignored): this {
    mustEqual(this.ignoring, as);
    return this;
  }

  /** Where the saga stands, and each participant in it. */
  stands(status: SagaStatus, steps: Readonly<Partial<Record<ParticipantName, SagaStep>>>): this {
    mustEqual({ status: this.saga.status, steps: this.saga.steps }, { status, steps });
    return this;
  }

  callsForHelp(attention: AttentionCause | undefined): this {
    mustEqual(this.saga.attention, attention);
    return this;
  }

  /** How long it will be until somebody must look. */
  isDueIn(ms: number): this {
    mustEqual(this.saga.dueAt, this.now + ms);
    return this;
  }

  /** Nothing is left to be done, now. */
  ends(status: 'COMPLETED' | 'COMPENSATED', reason?: string): this {
    this.mustBeTold();
    const { status: ended, reason: undoneBy, endedAt, dueAt, attention } = this.saga;
    mustEqual({ ended, undoneBy, endedAt, dueAt, attention }, { ended: status, undoneBy: reason, endedAt: this.now });
    return this;
  }

  private sends(message: OutgoingMessage): this {
    mustEqual(this.untold, [message]);
    this.untold = [];
    return this;
  }

  private mustBeTold(): void {
    mustEqual(this.untold, []);
  }
}

function mustEqual(told: unknown, expected: unknown): void {
  expect(told).toEqual(expected);
}

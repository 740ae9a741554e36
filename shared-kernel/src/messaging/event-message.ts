import type { ParticipantName } from '../contracts/event-contract';
import type { SagaId } from '../domain/identifiers';

/** What every saga message carries beside its body; times are milliseconds since the epoch. */
export interface EventMessage<Body = unknown> {
  /** `ce_id`: `<saga>:<step>:<direction>`, a result's also ends in its answer; the same on every re-send. */
  readonly id: string;
  readonly topic: string;
  readonly body: Body;
  /** `ce_time`: when it happened, not when it was sent. */
  readonly time: number;
  /** `ce_sagaid` */
  readonly saga: SagaId;
  /** `ce_correlationid`: one for everything that followed from one request. */
  readonly correlation: string;
  /** `ce_causationid`: the message or request that led to this one. */
  readonly causation?: string;
  /** `ce_awaits`: who must answer; absent means everybody whom the event concerns. */
  readonly awaits?: readonly ParticipantName[];
  /** `ce_expirytime` of an announcement; absent in an outbox until it is first published. */
  readonly expires?: number;
  /** `ce_announcedtime` of a cancel: the announcement's `time`. */
  readonly announced?: number;
  /** `ce_participant` of a result: who answers. */
  readonly participant?: ParticipantName;
  /** W3C trace context. */
  readonly traceparent?: string;
}

/** A message in an outbox. One that expires gets its `expires` stamped so many milliseconds after it is first published. */
export interface OutgoingMessage<Body = unknown> extends EventMessage<Body> {
  readonly expiresAfterMs?: number;
}

import type { BodyOf, EventContract, ParticipantName } from '../contracts/event-contract';
import type { SagaEventContract } from '../contracts/events';
import type { SagaId } from '../domain/identifiers';
import type { Refusal, RefusalCode } from '../domain/refusal';
import type { LivingRecord } from '../store/records';
import type { Effect, Fences } from './fence';

/** What a handler is told beside the event; times are milliseconds since the epoch. */
export interface Told {
  readonly saga: SagaId;
  /** When the saga was announced: the `ce_time` of its announcement, also on cancels. A confirm tells only its own. */
  readonly announcedAt: number;
  readonly now: number;
}

/** A record that answers sagas: it has fences beside its outbox. */
export interface FencedRecord extends LivingRecord {
  readonly fences: Fences;
}

type AnsweredBy<Name extends ParticipantName, Saga, Asked> = Extract<
  SagaEventContract,
  { saga: Saga; direction: Asked; answeredBy: { [N in Name]: readonly RefusalCode[] } }
>;
type RefusalsOf<Contract, Name extends ParticipantName> =
  Contract extends EventContract<unknown, infer Answered>
    ? Answered extends { [N in Name]: readonly (infer Code extends RefusalCode)[] }
      ? Code
      : never
    : never;

/** One participant's part in one saga: how to do it, how to undo it, and, where there is something to make final, how. */
export type Part<Record, Name extends ParticipantName, Saga> = {
  /** Does it, and answers what was done; or refuses, and has changed nothing. */
  does(
    record: Record,
    event: BodyOf<AnsweredBy<Name, Saga, 'do'>>,
    told: Told,
  ): Effect | Refusal<RefusalsOf<AnsweredBy<Name, Saga, 'do'>, Name>>;
  /** Undoes what `does` answered; never asked to undo nothing. */
  undoes(
    record: Record,
    effect: Exclude<Effect, 'nothing'>,
    event: BodyOf<AnsweredBy<Name, Saga, 'undo'>>,
    told: Told,
  ): void | Refusal<RefusalsOf<AnsweredBy<Name, Saga, 'undo'>, Name>>;
  /** For a cancel whose fence has been dropped: what the record or the archive still shows of the saga. */
  recalls(
    record: Record,
    event: BodyOf<AnsweredBy<Name, Saga, 'undo'>>,
    told: Told,
  ): Effect | 'unknown' | Promise<Effect | 'unknown'>;
} & ([AnsweredBy<Name, Saga, 'confirm'>] extends [never]
  ? unknown
  : {
      /** Makes it final; harmless when it is already, or when there is nothing. */
      confirms(
        record: Record,
        event: BodyOf<AnsweredBy<Name, Saga, 'confirm'>>,
        told: Told,
      ): void | Refusal<RefusalsOf<AnsweredBy<Name, Saga, 'confirm'>, Name>>;
    });

/** The sagas in which this participant has a part. */
export type SagasOf<Name extends ParticipantName> = Extract<
  SagaEventContract,
  { direction: 'do'; answeredBy: { [N in Name]: readonly RefusalCode[] } }
>['saga'];

/** A participant as a table: which record an event is about, and its part in every saga that awaits it. */
export interface Participant<Record extends FencedRecord, Name extends ParticipantName = ParticipantName> {
  readonly name: Name;
  /** The record that the event is about. */
  recordOf(event: BodyOf<SagaEventContract>): string;
  /** Further entries of the record that the parts read or write. */
  about?(event: BodyOf<SagaEventContract>, told: Omit<Told, 'now'>): readonly string[];
  readonly parts: { readonly [Saga in SagasOf<Name>]: Part<Record, Name, Saga> };
}

/** Compiles only when the table is complete, and refuses nothing that its contracts do not list. */
export function participantOf<Record extends FencedRecord>() {
  return <const Name extends ParticipantName>(participant: Participant<Record, Name>): Participant<Record, Name> =>
    participant;
}

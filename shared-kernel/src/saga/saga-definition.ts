import type { Answerers, Direction, EventContract, ParticipantName, SagaType } from '../contracts/event-contract';
import type { SagaId } from '../domain/identifiers';
import type { Saga } from './saga';

type Contract<Asked extends Direction> = EventContract<unknown, Answerers, SagaType, Asked>;

/** What undid a saga: somebody said no, or somebody said nothing. */
export type UndoneBecause = 'refused' | 'silence';

/**
 * A saga as data: what it announces, who must answer, and what becomes of the aggregate it began on.
 * The engine executes it, the diagrams draw it, and the tests enumerate it.
 */
export interface SagaDefinition<Aggregate, Finished = unknown> {
  readonly type: SagaType;
  readonly version: number;
  readonly announces: Contract<'do'>;
  readonly withdraws: Contract<'undo'>;
  /** Tells those who must make it final, once all agreed; the saga has completed when they answered. */
  readonly confirms?: Contract<'confirm'>;
  readonly awaits: readonly ParticipantName[];
  /** All of them did their part: from here on nothing is withdrawn. Answers what has finished for good and may leave the record. */
  agreed(aggregate: Aggregate, saga: SagaId): Finished | undefined | void;
  /** All of them have undone their part, or had none. */
  compensated(aggregate: Aggregate, saga: SagaId, because: UndoneBecause): void;
}

/** Throws when the definition contradicts its contracts: one is another saga's, or it awaits somebody who has no answer to give. */
export function sagaOf<Aggregate, Finished = never>() {
  return (
    defined: Omit<SagaDefinition<Aggregate, Finished>, 'version'> & { readonly version?: number },
  ): SagaDefinition<Aggregate, Finished> => {
    for (const { saga, type } of [defined.announces, defined.withdraws, defined.confirms ?? defined.announces]) {
      if (saga !== defined.type) throw new Error(`${defined.type} cannot send ${type}, which belongs to ${saga}.`);
    }
    for (const contract of [defined.announces, defined.withdraws]) {
      const deaf = defined.awaits.filter((name) => !(name in contract.answeredBy));
      if (deaf.length > 0)
        throw new Error(`${defined.type} awaits ${deaf.join(', ')}, who does not answer ${contract.type}.`);
    }
    return { version: 1, ...defined };
  };
}

/** What undid this saga, or is undoing it. */
export function undoneBecause({ reason }: Saga): UndoneBecause {
  return reason === 'expired' ? 'silence' : 'refused';
}

/** Those who must answer the confirmation. */
export function confirmersOf(definition: SagaDefinition<never>): readonly ParticipantName[] {
  return definition.confirms ? definition.awaits.filter((name) => name in definition.confirms!.answeredBy) : [];
}

import type { ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import type { SagaId } from '@library/shared-kernel/domain/identifiers';
import type { Hearing } from '@library/shared-kernel/messaging/hearing';
import type { Outcome } from '@library/shared-kernel/messaging/reaction';
import { messageId, onAnswer, onDeadline, onSettled, start } from '@library/shared-kernel/saga/engine';
import type { Turn } from '@library/shared-kernel/saga/engine';
import type { Announced, Answer, Saga, SagaCause } from '@library/shared-kernel/saga/saga';
import { undoneBecause } from '@library/shared-kernel/saga/saga-definition';
import type { SagaTiming } from '@library/shared-kernel/saga/timing';
import { Fault } from '@library/shared-kernel/store/fault';
import type { Clock } from '@library/shared-kernel/time/clock';
import type { RentalRecord } from './rental-record';
import { definitionOf } from './sagas/rental-sagas';
import type { RentalSaga } from './sagas/rental-sagas';

/** Runs the sagas of a record by their definitions. Everything it does is part of the change that it is called in. */
export class Orchestrator {
  constructor(
    private readonly clock: Clock,
    private readonly timing: SagaTiming,
    private readonly hearing: Pick<Hearing, 'heard' | 'behindMs'>,
  ) {}

  /**
   * `now` is the instant by which the card has decided, so that saga and card agree on the day. Throws a Fault, having begun
   * nothing, while the answers to earlier sagas wait too long to be read.
   */
  begin(
    record: RentalRecord,
    definition: RentalSaga,
    id: SagaId,
    announced: Announced,
    cause: SagaCause,
    now: number,
  ): Saga {
    if (this.hearing.behindMs > this.timing.pushBackAfterMs)
      throw new Fault('overloaded', 'Too many answers to sagas wait to be read; try again when they are fewer.');

    const turn = start(definition, id, announced, cause, now, this.timing);
    this.take(record, definition, turn);
    return turn.saga;
  }

  /** Takes a participant's answer to a saga in flight. */
  answered(record: RentalRecord, id: SagaId, answer: Answer): Outcome {
    const saga = record.saga(id);
    if (!saga) return 'late';
    const definition = definitionOf(saga);
    if (!definition) return 'foreign';

    const turn = onAnswer(definition, saga, answer, this.clock.now(), this.timing);
    if (typeof turn === 'string') return turn;
    this.take(record, definition, turn);
    return 'applied';
  }

  /** Looks after the sagas of the record that are due; answers whether one of them got on. */
  lookAfter(record: RentalRecord): boolean {
    const heard = this.hearing.heard;
    let gotOn = false;
    for (const saga of record.inFlight) {
      const definition = definitionOf(saga);
      if (!definition) continue;
      const inOutbox = record.outbox.has(messageId(saga, 'do'));
      const turn = onDeadline(definition, saga, { heard, inOutbox }, this.clock.now(), this.timing);
      if (!turn) continue;
      this.take(record, definition, turn);
      gotOn = true;
    }
    return gotOn;
  }

  /** Counts a participant's part as answered, because a person has seen to it. */
  settled(
    record: RentalRecord,
    id: SagaId,
    participant: ParticipantName,
    by: { readonly actor: string; readonly reason: string },
  ): Outcome {
    const saga = record.saga(id);
    if (!saga) return 'late';
    const definition = definitionOf(saga);
    if (!definition) return 'foreign';

    const turn = onSettled(saga, participant, by, this.clock.now());
    if (typeof turn === 'string') return turn;
    this.take(record, definition, turn);
    return 'applied';
  }

  private take(record: RentalRecord, definition: RentalSaga, { saga, send, withdraw, happened }: Turn): void {
    record.put(saga);
    record.outbox.drop(new Set(withdraw));
    record.outbox.add(...send);

    const card = record.card;
    if (happened === 'compensated' && card) definition.compensated(card, saga.id, undoneBecause(saga));
    if (happened === 'agreed' && card) {
      const finished = definition.agreed(card, saga.id);
      if (finished) record.outbox.archive({ kind: 'history', id: saga.id, document: finished });
    }
  }
}

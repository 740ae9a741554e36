import type { Direction } from '../contracts/event-contract';
import type { SagaId } from '../domain/identifiers';
import type { LivingRecord } from '../store/records';

/** What became of a message that was handled: each is counted as one of these, or as parked. */
export type Outcome =
  | 'applied'
  | 'repeated'
  | 'withdrawn'
  | 'expired'
  | 'refused'
  | 'late'
  | 'duplicate'
  | 'foreign'
  | 'silence'
  | 'not-awaited'
  | 'too-late';

/** What a message leads to: one change of one record. */
export interface Reaction<Record extends LivingRecord> {
  readonly record: string;
  readonly about: readonly string[];
  /** Runs inside the change. `Later` means that it changed nothing yet and must look something up first. */
  decide(record: Record): Outcome | Later<Record>;
}

/** A decision that needs to be made anew, with what a look-up has found. */
export interface Later<Record extends LivingRecord> {
  lookUp(): Promise<Reaction<Record>>;
}

export function isLater<Record extends LivingRecord>(answer: Outcome | Later<Record>): answer is Later<Record> {
  return typeof answer !== 'string';
}

/** The message is of a saga that the record knows, with another content. */
export class Tampered extends Error {
  override readonly name = 'Tampered';

  constructor(saga: SagaId, direction: Direction) {
    super(`The ${direction} message of saga ${saga} is about something else than what is known of that saga.`);
  }
}

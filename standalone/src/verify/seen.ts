import type { ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import { stepsOf } from '@library/shared-kernel/saga/saga';
import type { Saga } from '@library/shared-kernel/saga/saga';
import type { SagaTiming } from '@library/shared-kernel/saga/timing';
import type { Calendar } from '@library/shared-kernel/time/calendar';
import type { Evidence, Waiting } from './evidence';
import type { Findings } from './report';
import { Tally } from './tally';
import { Traces } from './traces';

/** A book that a card says is out, or on its way back. */
export interface Loan {
  readonly member: string;
  readonly state: 'RENTED' | 'RETURNING';
}

/** One look at everything: what is looked at, by which rules, and what one part of it has learnt for another. */
export interface Look {
  readonly evidence: Evidence;
  readonly timing: SagaTiming;
  readonly calendar: Calendar;
  readonly findings: Findings;
  /** The sagas that cards hold, by id. */
  readonly inFlight: Map<string, { readonly member: string; readonly saga: Saga }>;
  readonly loans: Map<number, Loan>;
  readonly traces: Traces;
  /** By record: the newest announcement whose fence was dropped. */
  readonly forgotten: Readonly<Record<ParticipantName, Map<string, number>>>;
  /** Returns that a member's card counts, less those in the history. */
  readonly returns: Tally;
  /** What a member's card owes, less the fees in the history, and what was cleared. */
  readonly owed: Tally;
  /** A member's points, less the ledger. */
  readonly points: Tally;
  /** Rents of a book on a day, less those that were counted. */
  readonly rents: Tally;
  /** Days of books of which nobody can tell how often they should be counted. */
  readonly unsure: Set<string>;
  /** Sagas with which kept keys answer, and a member each that holds such a key. */
  readonly answered: Map<string, string>;
  /** Parts of sagas that a person has settled by hand. */
  settled: number;
  /** Sentences about sagas that call for a person. */
  readonly calling: string[];
}

export function lookAt(evidence: Evidence, timing: SagaTiming, calendar: Calendar, findings: Findings): Look {
  return {
    evidence,
    timing,
    calendar,
    findings,
    inFlight: new Map(),
    loans: new Map(),
    traces: new Traces(),
    forgotten: { book: new Map(), member: new Map(), bestbook: new Map() },
    returns: new Tally(),
    owed: new Tally(),
    points: new Tally(),
    rents: new Tally(),
    unsure: new Set(),
    answered: new Map(),
    settled: 0,
    calling: [],
  };
}

/** `Saga 019… (RENT of book 3 by jenny)` */
export function named({ id, type, announced }: Saga): string {
  const { item, idName } = announced;
  return `Saga ${id} (${type}${item ? ` of book ${item.no}` : ''} by ${idName.id})`;
}

/** The id of the record with which a participant answers a saga. */
export function recordOf(participant: ParticipantName, { announced }: Saga): string {
  return participant === 'member' ? announced.idName.id : String(announced.item?.no ?? '');
}

/** Whether the participant may have dropped its fence of this saga by now. */
export function mayBeForgotten({ forgotten, evidence }: Look, participant: ParticipantName, saga: Saga): boolean {
  // A ranking that was counted anew knows only what the log still held.
  if (participant === 'bestbook' && !evidence.wholeTopics.has('rental_rent')) return true;
  return saga.startedAt <= (forgotten[participant].get(recordOf(participant, saga)) ?? -Infinity);
}

export function isSettled(saga: Saga, participant: ParticipantName): boolean {
  return stepsOf(saga).some(([name, { state }]) => name === participant && state === 'settled');
}

/** So long a message may wait while the log can be reached: longer than any sweep takes to find it. */
const LONGEST_WAIT_MS = 60_000;

/** Looks through one record's outbox. */
export function examineOutbox({ evidence, findings }: Look, record: string, { messages, since }: Waiting): void {
  findings.looked('G9', messages.length);
  if (messages.length === 0) return;

  findings.quiescent = false;
  if (since === undefined) {
    findings.offends(
      'G9',
      record,
      `${record} has ${messages.length} messages to publish, and no sweep would find them.`,
    );
  } else if (evidence.logReachable && evidence.now - since > LONGEST_WAIT_MS) {
    const waited = Math.round((evidence.now - since) / 1_000);
    findings.offends('G9', record, `${record} has waited for ${waited} s to publish ${messages.length} messages.`);
  }
}

import type { SagaEventContract } from '@library/shared-kernel/contracts/events';
import { SAGA_EVENTS } from '@library/shared-kernel/contracts/events';
import { refuse } from '@library/shared-kernel/domain/refusal';
import type { Refusal, RefusalCode } from '@library/shared-kernel/domain/refusal';
import { Answering } from '@library/shared-kernel/participant/answering';
import { Fault } from '@library/shared-kernel/store/fault';
import type { Place } from '../plan/fault-points';
import { replace } from '../replace';
import type { Mortal } from './mortal';

/** A participant's part in a saga, as the mechanism that all participants share calls it. */
interface Part {
  does(...asked: readonly unknown[]): unknown;
  undoes(...asked: readonly unknown[]): unknown;
  confirms?(...asked: readonly unknown[]): unknown;
}
interface Mechanism {
  readonly participant: { readonly name: string };
}
type PartOf = (this: Mechanism, message: { readonly topic: string }) => Part;

const CONTRACTS = new Map<string, SagaEventContract>(SAGA_EVENTS.map((contract) => [contract.topic, contract]));

/** What nobody has foreseen. */
export class SimulatedBug extends TypeError {
  constructor() {
    super('A bug, for the simulation’s sake.');
  }
}

/** Which process decides right now; a decision is synchronous. */
let decides: Mortal | undefined;

/** Lets a process decide about a record: that may fail, or a participant may say no. */
export function deciding<Answer>(process: Mortal, record: string, decide: () => Answer): Answer {
  const strikes = (place: Place) => process.isHandling && process.meets(place, [...process.inHand, `record ${record}`]);
  const before = decides;
  decides = process;
  try {
    if (strikes('participant.fail')) throw new Fault('out-of-order', 'The world fails the participant.');
    if (strikes('participant.bug')) throw new SimulatedBug();
    return decide();
  } finally {
    decides = before;
  }
}

// The one place where a participant is asked to do, undo or confirm its part: here it can be made to refuse.
replace(Answering, 'partOf', (partOf) => {
  const orRefuses: PartOf = function (message) {
    const part = (partOf as PartOf).call(this, message);
    if (!decides?.meets('participant.refuse', [message.topic])) return part;
    const no = () => refusalOf(message.topic, this.participant.name);
    return { ...part, does: no, undoes: no, confirms: no };
  };
  return orRefuses;
});

/** The first refusal that the contract lists, or one that nobody expects of this participant. */
function refusalOf(topic: string, participant: string): Refusal {
  const answers: Readonly<Record<string, readonly RefusalCode[]>> = CONTRACTS.get(topic)?.answeredBy ?? {};
  return refuse(answers[participant]?.[0] ?? 'not-enough-points');
}

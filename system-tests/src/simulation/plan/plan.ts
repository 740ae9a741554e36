import type { Role } from '../world/roles';
import type { FaultPoint } from './fault-points';

/** Until then, members and books are registered, and nothing goes wrong. */
export const OPENS_MS = 1_000;

/** One thing that goes wrong. Times are milliseconds of virtual time since the beginning. */
export interface PlannedFault {
  /** Its number in the plan, by which a command line names it. */
  readonly index: number;
  readonly point: FaultPoint;
  /** When it happens, or from when on it lies in wait. */
  readonly at: number;
  /** Whom it meets. */
  readonly role: Role;
  /**
   * Meets only who has such a message in hand, or such a message: a topic, an answer such as `rental_result book undo`, or
   * `record m1` where a participant decides. */
  readonly about?: string;
  /** How long it lasts, how late a message is, or how far a clock jumps. */
  readonly ms?: number;
  /** How often it strikes; once when absent. */
  readonly times?: number;
}

export type CallKind =
  | 'rent'
  | 'return'
  | 'clear'
  | 'make-overdue'
  | 'mark-overdue'
  | 'register-book'
  | 'register-member'
  | 'withdraw-book'
  | 'unshelve-book'
  | 'shelve-book'
  | 'close-member'
  | 'adjust-points';

/** One thing that a client asks for. */
export interface Call {
  readonly index: number;
  readonly at: number;
  readonly kind: CallKind;
  /** From 0; the member who asks, or for whom it is asked. */
  readonly member: number;
  /** The number of a book; for a return, which of the books on the card is meant. */
  readonly book: number;
  /** Whether it carries an idempotency key: then it is asked again when nobody knows what became of it. */
  readonly keyed: boolean;
  /** How long the client waits for the outcome. */
  readonly waitMs?: number;
  /** The client hangs up after so long. */
  readonly hangsUpAfterMs?: number;
  /** The same is asked at the same moment a second time, elsewhere. */
  readonly twice?: true;
}

/** All that happens in one simulation, decided before it begins. */
export interface Plan {
  readonly seed: number;
  /** When the simulated day begins, in milliseconds since the epoch. */
  readonly beginning: number;
  readonly instances: Readonly<Record<Role, number>>;
  readonly members: number;
  readonly books: number;
  readonly calls: readonly Call[];
  readonly faults: readonly PlannedFault[];
  /** From then on nothing goes wrong any more. */
  readonly calmAt: number;
  /** When all rests, so many days go by, and then the whole log comes again, as after a restore. */
  readonly replaysAfterDays?: number;
}

import { RESULT_TOPIC } from '@library/shared-kernel/contracts/event-result';
import type { LogMessage } from '@library/shared-kernel/messaging/message-log';
import { FAULT_POINTS } from '../plan/fault-points';
import type { FaultPoint, Moment, Place } from '../plan/fault-points';
import type { PlannedFault } from '../plan/plan';
import type { Role } from './roles';
import type { VirtualTime } from './virtual-time';

/** Who passes a place, and what the messages are about that are in hand there. */
interface Passage {
  readonly role: Role;
  readonly subjects: readonly string[];
}

/** What faults know messages by: the topic, and for an answer also whose it is and to what, such as `rental_result book undo`. */
export function subjectsOf(messages: readonly Pick<LogMessage, 'topic' | 'headers'>[]): readonly string[] {
  const subjects = messages.flatMap(({ topic, headers }) => {
    const [, participant, direction] = (headers['ce_id'] ?? '').split(':');
    return topic === RESULT_TOPIC ? [topic, `${topic} ${participant} ${direction}`] : [topic];
  });
  return [...new Set(subjects)];
}

/** The faults of a plan that lie in wait, and how often each point has struck. */
export class Lurking {
  readonly struck = new Map<FaultPoint, number>();
  private readonly waiting: { readonly fault: PlannedFault; left: number }[];
  private isOver = false;

  constructor(
    private readonly faults: readonly PlannedFault[],
    private readonly time: VirtualTime,
    private readonly tell: (line: string) => void,
  ) {
    this.waiting = faults
      .filter(({ point }) => FAULT_POINTS[point].strikesAt === 'place')
      .map((fault) => ({ fault, left: fault.times ?? 1 }));
  }

  /** Those that happen at a time of their own. */
  get moments(): readonly (PlannedFault & { readonly point: Moment })[] {
    return this.faults.filter(
      (fault): fault is PlannedFault & { readonly point: Moment } => FAULT_POINTS[fault.point].strikesAt === 'time',
    );
  }

  /** The fault that strikes whoever passes here, if one lay in wait. */
  at(place: Place, { role, subjects }: Passage): PlannedFault | undefined {
    if (this.isOver || this.waiting.length === 0) return undefined;
    const found = this.waiting.find(
      ({ fault, left }) =>
        left > 0 &&
        fault.point === place &&
        fault.role === role &&
        fault.at <= this.time.elapsed &&
        (fault.about === undefined || subjects.includes(fault.about)),
    );
    if (!found) return undefined;
    found.left--;
    this.strikes(found.fault);
    return found.fault;
  }

  /** Counts one that has happened. */
  strikes({ point, index, role }: PlannedFault): void {
    this.struck.set(point, (this.struck.get(point) ?? 0) + 1);
    this.tell(`fault ${index} ${point} meets ${role}`);
  }

  /** From now on nothing goes wrong. */
  end(): void {
    this.isOver = true;
  }
}

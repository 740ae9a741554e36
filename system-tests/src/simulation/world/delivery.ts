import type { LogMessage } from '@library/shared-kernel/messaging/message-log';
import type { PlannedFault } from '../plan/plan';
import { subjectsOf } from './lurking';
import type { Lurking } from './lurking';
import { POISON } from './mishaps';
import { roleOf } from './roles';
import type { VirtualTime } from './virtual-time';

/** The way of messages to the groups, on which they are lost, late, or doubled. */
export class Delivery {
  private underWay = 0;

  constructor(
    private readonly lurking: Lurking,
    private readonly time: VirtualTime,
    /** Told of a message that its group passes without handling it, because a fault has taken it away. */
    private readonly takenAway: (group: string, message: LogMessage) => void,
  ) {}

  /** Nothing is late any more. */
  get idle(): boolean {
    return this.underWay === 0;
  }

  /** When the copies of a message reach a group. */
  readonly deliver = (group: string, message: LogMessage): readonly number[] => {
    // It must be parked: one that got lost could not be told from one that was dropped.
    if (message.headers['ce_type'] === POISON) return [0];

    const passage = { role: roleOf(group), subjects: subjectsOf([message]) };
    const isLost = this.lurking.at('log.loss', passage) !== undefined;
    const late = isLost ? undefined : this.lurking.at('log.delay', passage);
    if (isLost || late) {
      this.takenAway(group, message);
      return late ? [this.onItsWay(late)] : [];
    }
    const again = this.lurking.at('log.duplicate', passage);
    return again ? [0, this.onItsWay(again)] : [0];
  };

  private onItsWay({ ms = 0 }: PlannedFault): number {
    this.underWay++;
    this.time.after(ms + 1, () => void this.underWay--);
    return ms;
  }
}

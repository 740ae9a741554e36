import { Fault } from '../store/fault';
import type { LivingRecord, Records } from '../store/records';
import type { Clock } from '../time/clock';
import { fromLog, Unreadable } from './cloud-event';
import type { EventMessage } from './event-message';
import type { LogMessage } from './message-log';
import type { ParkReason, Parking } from './parking';
import type { Outcome, Reaction } from './reaction';
import { isLater, Tampered } from './reaction';

/** Turns a message into a change of one record; undefined when it concerns nobody here. */
export type React<Living extends LivingRecord> = (message: EventMessage) => Reaction<Living> | undefined;

/** Told of everything that became of a message. */
export type Count = (topic: string, outcome: Outcome | 'parked') => void;

interface Work<Living extends LivingRecord> {
  readonly message: LogMessage;
  readonly reaction: Reaction<Living>;
}

/**
 * Handles a partition's messages in batches: one change per record, its messages in order. What cannot be read, or fails
 * for its own reasons, is parked and the partition goes on; when the world fails, nothing is parked and the batch comes again.
 */
export class Consumer<Living extends LivingRecord> {
  constructor(
    readonly group: string,
    private readonly records: Records<Living>,
    private readonly react: React<Living>,
    private readonly parking: Parking,
    private readonly clock: Clock,
    private readonly count: Count,
  ) {}

  readonly handle = async (batch: readonly LogMessage[]): Promise<void> => {
    const byRecord = new Map<string, Work<Living>[]>();
    for (const message of batch) {
      const reaction = await this.read(message);
      if (!reaction) continue;
      const works = byRecord.get(reaction.record);
      if (works) works.push({ message, reaction });
      else byRecord.set(reaction.record, [{ message, reaction }]);
    }
    // All of them, also when one fails: the same batch must not come again while a change of it is still under way.
    const applied = await Promise.allSettled([...byRecord.values()].map((works) => this.apply(works)));
    const failed = applied.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  };

  /** Handles one message outside its partition's order, as a replay does. Throws what parks it. */
  async handleAgain(message: LogMessage): Promise<Outcome> {
    const reaction = this.react(fromLog(message));
    if (!reaction) return 'not-awaited';
    const [outcome] = await this.change([{ message, reaction }]);
    return outcome!;
  }

  /** Undefined when there is nothing to do, because nobody here is concerned or because it is parked. */
  private async read(message: LogMessage): Promise<Reaction<Living> | undefined> {
    let reaction: Reaction<Living> | undefined;
    try {
      reaction = this.react(fromLog(message));
    } catch (error) {
      if (error instanceof Fault) throw error;
      await this.park(message, error);
      return undefined;
    }
    if (!reaction) this.count(message.topic, 'not-awaited');
    return reaction;
  }

  private async apply(works: readonly Work<Living>[]): Promise<void> {
    try {
      const outcomes = await this.change(works);
      works.forEach(({ message }, at) => this.count(message.topic, outcomes[at]!));
    } catch (error) {
      if (error instanceof Fault) throw error;
      if (works.length === 1) await this.park(works[0]!.message, error);
      else for (const work of works) await this.apply([work]);
    }
  }

  private async change(works: readonly Work<Living>[]): Promise<readonly Outcome[]> {
    const { record } = works[0]!.reaction;
    const about = [...new Set(works.flatMap(({ reaction }) => reaction.about))];
    const decisions = await this.records.change(record, about, (living) =>
      works.map(({ reaction }) => reaction.decide(living)),
    );

    const outcomes: Outcome[] = [];
    for (const [at, decision] of decisions.entries()) {
      outcomes.push(isLater(decision) ? await this.decideLater(works[at]!.message, await decision.lookUp()) : decision);
    }
    return outcomes;
  }

  private async decideLater(message: LogMessage, reaction: Reaction<Living>): Promise<Outcome> {
    const [outcome] = await this.change([{ message, reaction }]);
    return outcome!;
  }

  private async park(message: LogMessage, error: unknown): Promise<void> {
    await this.parking.park(this.group, message, reasonOf(error), (error as Error).message, this.clock.now());
    this.count(message.topic, 'parked');
  }
}

export function reasonOf(error: unknown): ParkReason {
  if (error instanceof Unreadable) return error.reason;
  return error instanceof Tampered ? 'tampered' : 'bug';
}

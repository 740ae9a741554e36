import { Fault } from '../store/fault';
import type { Clock } from '../time/clock';
import { reasonOf } from './consumer';
import type { LogMessage, MessageLog } from './message-log';
import { MessageRejected } from './message-log';
import type { ParkedMessage, Parking, ParkNote } from './parking';
import type { Outcome } from './reaction';

/** Handles a parked message again. Throws what parks it; a Fault when the world fails. */
export type HandleAgain = (message: LogMessage) => Promise<Outcome>;

/** Who wants it, and why: kept with the entry. */
export interface Operator {
  readonly actor: string;
  readonly reason: string;
}

/** What was done about an entry, and the entry as it is now; `nothing` when its state does not allow it. */
export interface Handled {
  readonly did: ParkNote['did'] | 'nothing';
  readonly entry: ParkedMessage;
}

/** How far a release of many has come. */
export interface BulkRelease {
  /** As many were parked when it began. */
  readonly parked: number;
  readonly released: number;
  readonly obsolete: number;
  readonly failedAgain: number;
  /** Somebody else saw to them meanwhile. */
  readonly skipped: number;
  /** Why it ended before the last of them; the others are still parked. */
  readonly stoppedBy?: string;
}

const IDS_AT_ONCE = 100;

/** Whether the group has taken the message up now, or had no use for it any more. */
const BECOMES: Readonly<Record<Outcome, 'released' | 'obsolete'>> = {
  applied: 'released',
  refused: 'released',
  'too-late': 'released',
  repeated: 'obsolete',
  withdrawn: 'obsolete',
  expired: 'obsolete',
  late: 'obsolete',
  duplicate: 'obsolete',
  foreign: 'obsolete',
  silence: 'obsolete',
  'not-awaited': 'obsolete',
};

/**
 * Gives parked messages back to the group that parked them, and to no other. Each is noted by itself: whatever ends a
 * release of many, doing it again goes on where that was, and a message that was handled but not noted turns out obsolete.
 */
export class ReplayParked {
  private lastTurn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly parking: Parking,
    private readonly groups: Pick<ReadonlyMap<string, HandleAgain>, 'get'>,
    /** Where a message goes again that the log had refused. */
    private readonly log: Pick<MessageLog, 'publish'>,
    private readonly clock: Clock,
  ) {}

  /**
   * Undefined when there is no such entry, or its group is none of these. Throws a Fault when the world failed; then it
   * stays parked.
   */
  release(id: string, by: Operator): Promise<Handled | undefined> {
    return this.inTurn(async () => {
      const entry = await this.parking.find(id);
      const handleAgain = entry && this.handlerOf(entry);
      if (!entry || !handleAgain) return undefined;
      if (entry.state !== 'parked') return { did: 'nothing', entry };

      let outcome: Outcome;
      try {
        outcome = await handleAgain(entry.message);
      } catch (error) {
        if (error instanceof Fault) throw error;
        return this.parkAgain(entry, error, by);
      }
      return this.noted(entry, BECOMES[outcome], BECOMES[outcome], by);
    });
  }

  /** Releases what is parked now, the oldest first; what is parked meanwhile is left for the next time. */
  async releaseAll(group: string | undefined, by: Operator): Promise<BulkRelease> {
    const ids = await this.parkedNow(group);
    const count = { parked: ids.length, released: 0, obsolete: 0, failedAgain: 0, skipped: 0 };

    for (const id of ids) {
      try {
        const handled = await this.release(id, by);
        count[COUNTED_AS[handled?.did ?? 'nothing']]++;
      } catch (error) {
        if (error instanceof Fault) return { ...count, stoppedBy: error.message };
        throw error;
      }
    }
    return count;
  }

  /** Sets an entry aside for good; it can be restored. Undefined when there is none. */
  discard(id: string, by: Operator): Promise<Handled | undefined> {
    return this.moved(id, 'parked', 'discarded', 'discarded', by);
  }

  /** Takes a discard back. Undefined when there is no such entry. */
  restore(id: string, by: Operator): Promise<Handled | undefined> {
    return this.moved(id, 'discarded', 'parked', 'restored', by);
  }

  private handlerOf({ group, reason }: ParkedMessage): HandleAgain | undefined {
    const handleAgain = this.groups.get(group);
    return handleAgain && reason === 'rejected' ? this.publishAgain : handleAgain;
  }

  /** A message of the group's own, which the log would not take: nobody has it yet. */
  private readonly publishAgain: HandleAgain = async (message) => {
    await this.log.publish([message]);
    return 'applied';
  };

  private async parkAgain(entry: ParkedMessage, error: unknown, by: Operator): Promise<Handled> {
    const { group, message } = entry;
    const reason = error instanceof MessageRejected ? 'rejected' : reasonOf(error);
    await this.parking.park(group, message, reason, (error as Error).message, this.clock.now());
    return this.noted(entry, 'parked', 'failed-again', by);
  }

  private moved(
    id: string,
    from: ParkedMessage['state'],
    to: ParkedMessage['state'],
    did: ParkNote['did'],
    by: Operator,
  ) {
    return this.inTurn(async (): Promise<Handled | undefined> => {
      const entry = await this.parking.find(id);
      if (entry?.state !== from) return entry && { did: 'nothing', entry };
      return this.noted(entry, to, did, by);
    });
  }

  private async noted(
    entry: ParkedMessage,
    state: ParkedMessage['state'],
    did: ParkNote['did'],
    { actor, reason }: Operator,
  ): Promise<Handled> {
    const noted = await this.parking.note(entry.id, state, { at: this.clock.now(), actor, did, reason });
    return { did, entry: noted ?? entry };
  }

  private async parkedNow(group: string | undefined): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let before: string | undefined; ; before = ids.at(-1)) {
      const page = await this.parking.list({
        state: 'parked',
        limit: IDS_AT_ONCE,
        ...(group === undefined ? {} : { group }),
        ...(before === undefined ? {} : { before }),
      });
      ids.push(...page.map(({ id }) => id));
      if (page.length < IDS_AT_ONCE) return ids.toReversed();
    }
  }

  /** One entry at a time, so that two operators who do the same at once do it once. */
  private inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const turn = this.lastTurn.then(work);
    this.lastTurn = turn.catch(() => undefined);
    return turn;
  }
}

const COUNTED_AS = {
  released: 'released',
  obsolete: 'obsolete',
  'failed-again': 'failedAgain',
  discarded: 'skipped',
  restored: 'skipped',
  nothing: 'skipped',
} as const satisfies Record<Handled['did'], keyof BulkRelease>;

import type { LogMessage } from '../messaging/message-log';
import { parkedCopy } from '../messaging/parked-copy';
import type { ParkedMessage, ParkNote, ParkReason, Parking } from '../messaging/parking';
import type { MemoryBroker } from './message-log.memory';

/** Parked messages in memory; their copies lie in the broker's topics of the parked. */
export class MemoryParking implements Parking {
  private readonly byIdentity = new Map<string, ParkedMessage>();
  /** What parking throws while it cannot be written. */
  failing: Error | undefined;

  constructor(private readonly broker: MemoryBroker) {}

  async park(group: string, message: LogMessage, reason: ParkReason, detail: string, at: number): Promise<void> {
    if (this.failing) throw this.failing;
    const identity = identityOf(group, message);
    const known = this.byIdentity.get(identity);
    const parked: ParkedMessage = known
      ? {
          ...known,
          reason,
          detail,
          lastParkedAt: at,
          count: known.count + 1,
          state: known.state === 'discarded' ? 'discarded' : 'parked',
        }
      : {
          id: String(this.byIdentity.size + 1),
          group,
          message,
          reason,
          detail,
          firstParkedAt: at,
          lastParkedAt: at,
          count: 1,
          state: 'parked',
          notes: [],
        };
    this.byIdentity.set(identity, parked);

    const copy = parkedCopy(message, { ...parked, at: parked.lastParkedAt });
    this.broker.createTopics([copy.topic], 1);
    this.broker.append([copy]);
  }

  async find(id: string): Promise<ParkedMessage | undefined> {
    return [...this.byIdentity.values()].find((parked) => parked.id === id);
  }

  async list({
    group,
    state,
    limit,
    before = 'Infinity',
  }: Parameters<Parking['list']>[0]): Promise<readonly ParkedMessage[]> {
    return [...this.byIdentity.values()]
      .filter(
        (parked) => (group === undefined || parked.group === group) && (state === undefined || parked.state === state),
      )
      .filter(({ id }) => Number(id) < Number(before))
      .toReversed()
      .slice(0, limit);
  }

  async note(id: string, state: ParkedMessage['state'], note: ParkNote): Promise<ParkedMessage | undefined> {
    for (const [identity, parked] of this.byIdentity) {
      if (parked.id !== id) continue;
      const noted = { ...parked, state, notes: [...parked.notes, note] };
      this.byIdentity.set(identity, noted);
      return noted;
    }
    return undefined;
  }
}

function identityOf(group: string, { topic, partition, offset, headers }: LogMessage): string {
  const id = headers['ce_id'];
  return JSON.stringify(id ? [group, id] : [group, topic, partition, offset]);
}

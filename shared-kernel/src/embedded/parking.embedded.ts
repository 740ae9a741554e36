import type { LogMessage, Publication } from '../messaging/message-log';
import type { ParkedMessage, ParkNote, ParkReason, Parking } from '../messaging/parking';
import { parkedCopy, type Parked } from '../messaging/parked-copy';
import { compactHeaders } from './compact-headers';
import type { Transaction } from './group-commit';
import type { LogStore } from './log-store';
import type { EmbeddedMessageLog } from './message-log.embedded';
import { numberOf, ParkedRows } from './parked-rows';

type State = ParkedMessage['state'];

interface Known {
  readonly number: number;
  readonly count: number;
  readonly state: string;
}

/**
 * Parked messages beside the log, in the same file: the entry, and its copy in the topic of the parked, come with one
 * commit. Every time that a message is parked, another copy is appended, which says how often it was by then.
 */
export class EmbeddedParking implements Parking {
  private readonly store: LogStore;
  private readonly rows: ParkedRows;

  constructor(log: EmbeddedMessageLog) {
    this.store = log.store;
    this.rows = new ParkedRows(log.store.file);
  }

  park(group: string, message: LogMessage, reason: ParkReason, detail: string, at: number): Promise<void> {
    return this.store.submit({
      run: (transaction) => {
        const known = this.known(group, message);
        const count = (known?.count ?? 0) + 1;
        const parked = { group, reason, detail, at, count };
        if (known) this.countAgain(known, parked);
        else this.insert(message, parked);
        this.appendCopy(transaction, parkedCopy(message, parked));
      },
    });
  }

  async find(id: string): Promise<ParkedMessage | undefined> {
    return this.store.read(() => this.rows.find(id));
  }

  async list(filter: Parameters<Parking['list']>[0]): Promise<readonly ParkedMessage[]> {
    return this.store.read(() => this.rows.list(filter));
  }

  note(id: string, state: State, note: ParkNote): Promise<ParkedMessage | undefined> {
    return this.store.submit({
      run: () => {
        const known = this.rows.find(id);
        if (!known) return undefined;

        const notes = [...known.notes, note];
        this.store.file
          .statement('UPDATE parked SET state = ?, notes = ? WHERE number = ?')
          .run(state, JSON.stringify(notes), numberOf(id) ?? 0);
        return { ...known, state, notes };
      },
    });
  }

  private known(group: string, message: LogMessage): Known | undefined {
    const [row] = this.store.file
      .statement<Known & Record<string, number | string>>(
        'SELECT number, count, state FROM parked WHERE consumer_group = ? AND identity = ?',
      )
      .all(group, identityOf(message));
    return row;
  }

  private insert(message: LogMessage, { group, reason, detail, at, count }: Parked): void {
    const { topic, partition, offset, key, value, headers, time } = message;
    this.store.file
      .statement(
        `INSERT INTO parked (consumer_group, identity, topic, partition, offset, key, value, headers, time, reason, detail, first_parked_at, last_parked_at, count, state, notes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        group,
        identityOf(message),
        topic,
        partition,
        offset,
        key === undefined ? null : Buffer.from(key),
        value ?? null,
        compactHeaders(headers, key, time),
        time,
        reason,
        Buffer.from(detail),
        at,
        at,
        count,
        'parked' satisfies State,
        '[]',
      );
  }

  /** A discarded message stays discarded: a person has decided that no copy of it matters. Any other one needs a person again. */
  private countAgain({ number, state }: Known, { reason, detail, at, count }: Parked): void {
    const next: State = state === 'discarded' ? 'discarded' : 'parked';
    this.store.file
      .statement('UPDATE parked SET reason = ?, detail = ?, last_parked_at = ?, count = ?, state = ? WHERE number = ?')
      .run(reason, Buffer.from(detail), at, count, next, number);
  }

  private appendCopy(transaction: Transaction, copy: Publication): void {
    const { topics } = this.store;
    const topic = topics.create(transaction, copy.topic, 1);
    this.store.append(transaction, [topics.prepare(topic, copy)]);
  }
}

/** Bytes, because a text in the file could not hold every character that somebody may have put into an id. */
function identityOf({ topic, partition, offset, headers }: LogMessage): Uint8Array {
  const id = headers['ce_id'];
  return Buffer.from(id ? `id ${id}` : `at ${topic} ${partition} ${offset}`);
}

import type { LogMessage, Publication } from '../messaging/message-log';
import type { ParkedMessage, ParkNote, ParkReason, Parking } from '../messaging/parking';
import { parkedCopy, type Parked } from '../messaging/parked-copy';
import { compactHeaders } from './compact-headers';
import type { Stage, Transaction } from './group-commit';
import type { LogStore, ParkedBefore } from './log-store';
import type { EmbeddedMessageLog } from './message-log.embedded';
import { numberOf, ParkedRows } from './parked-rows';
import { pairOf } from './unapplied';

type State = ParkedMessage['state'];

/**
 * Parked messages beside the log, in the same file: the entry, and its copy in the topic of the parked, come with one
 * commit. Every time that a message is parked, another copy is appended, which says how often it was by then.
 */
export class EmbeddedParking implements Parking {
  private readonly store: LogStore;
  private readonly rows: ParkedRows;
  /** What the commit in hand has made of entries. */
  private readonly staged = new Map<string, ParkedBefore>();
  private readonly stage: Stage = {
    write: () => undefined,
    stored: () => {
      for (const [name, parked] of this.staged) this.store.parked.set(name, parked);
      this.staged.clear();
    },
    undone: () => this.staged.clear(),
  };
  /** Notes are taken one after the other, each on what the one before has left. */
  private noting: Promise<unknown> = Promise.resolve();

  constructor(log: EmbeddedMessageLog) {
    this.store = log.store;
    this.rows = new ParkedRows(log.store.file);
  }

  park(group: string, message: LogMessage, reason: ParkReason, detail: string, at: number): Promise<void> {
    return this.store.submit({
      run: (transaction) => {
        transaction.join(this.stage);
        const identity = identityOf(message);
        const known = this.known(group, identity);
        const count = (known?.count ?? 0) + 1;
        const state = known?.state === 'discarded' ? 'discarded' : 'parked';
        const parked = { group, reason, detail, at, count };
        this.appendCopy(transaction, parkedCopy(message, parked));
        if (known) this.countAgain(identity, parked, state);
        else this.insert(message, identity, parked);
        this.staged.set(pairOf(group, textOf(identity)), { count, state });
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
    const noted = this.noting.then(async () => this.takeNote(id, state, note));
    this.noting = noted.catch(() => undefined);
    return noted;
  }

  private async takeNote(id: string, state: State, note: ParkNote): Promise<ParkedMessage | undefined> {
    const known = await this.find(id);
    if (!known) return undefined;

    const notes = [...known.notes, note];
    return this.store.submit({
      run: (transaction) => {
        transaction.join(this.stage);
        const identity = identityOf(known.message);
        const { count } = this.known(known.group, identity) ?? known;
        const sql = 'UPDATE parked SET state = ?, notes = ? WHERE number = ?';
        this.store.file.change('parked', sql, state, JSON.stringify(notes), numberOf(id) ?? 0);
        this.staged.set(pairOf(known.group, textOf(identity)), { count, state });
        return { ...known, state, notes };
      },
    });
  }

  private known(group: string, identity: Uint8Array): ParkedBefore | undefined {
    const name = pairOf(group, textOf(identity));
    const newer = this.staged.get(name) ?? this.store.parked.get(name);
    if (newer) return newer;
    const [row] = this.store.file
      .statement<ParkedBefore & Record<string, number | string>>(
        'SELECT count, state FROM parked WHERE consumer_group = ? AND identity = ?',
      )
      .all(group, identity);
    return row;
  }

  private insert(message: LogMessage, identity: Uint8Array, { group, reason, detail, at, count }: Parked): void {
    const { topic, partition, offset, key, value, headers, time } = message;
    this.store.file.change(
      'parked',
      `INSERT INTO parked (consumer_group, identity, topic, partition, offset, key, value, headers, time, reason, detail, first_parked_at, last_parked_at, count, state, notes)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      group,
      identity,
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
  private countAgain(identity: Uint8Array, { group, reason, detail, at, count }: Parked, state: State): void {
    this.store.file.change(
      'parked',
      'UPDATE parked SET reason = ?, detail = ?, last_parked_at = ?, count = ?, state = ? WHERE consumer_group = ? AND identity = ?',
      reason,
      Buffer.from(detail),
      at,
      count,
      state,
      group,
      identity,
    );
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

/** Whatever the bytes are, others make another text. */
function textOf(identity: Uint8Array): string {
  return Buffer.from(identity).toString('latin1');
}

import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { StoredBook } from '@library/book-service/application/book-record';
import { bookKind } from '@library/book-service/application/book-kind';
import { rentCountKind } from '@library/bestbook-service/application/rent-count-kind';
import type { DatedEntry, StoredMember } from '@library/member-service/application/member-record';
import { memberKind } from '@library/member-service/application/member-kind';
import { rentalKind } from '@library/rental-service/application/rental-kind';
import { NOTHING_STORED } from '@library/rental-service/application/rental-record';
import type { StoredRental } from '@library/rental-service/application/rental-record';
import type { ReturnedItem } from '@library/rental-service/domain/card-item';
import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import type { ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import { expandHeaders } from '@library/shared-kernel/embedded/compact-headers';
import { ParkedRows } from '@library/shared-kernel/embedded/parked-rows';
import { SqlFile } from '@library/shared-kernel/embedded/sql-file';
import { textOf, Topics } from '@library/shared-kernel/embedded/topics';
import type { OutgoingMessage } from '@library/shared-kernel/messaging/event-message';
import type { ParkedMessage } from '@library/shared-kernel/messaging/parking';
import type { Saga } from '@library/shared-kernel/saga/saga';
import { DATA_FILES } from '../library';
import { listParked } from './evidence';
import type {
  CardEvidence,
  DayEvidence,
  Evidence,
  FenceEvidence,
  KeyEvidence,
  Left,
  MessageEvidence,
  Portions,
  Position,
  RecordEvidence,
  StoredCount,
  Waiting,
} from './evidence';
import { daysIn, fencesIn, keysIn } from './stored-entries';
import type { StoredEntry } from './stored-entries';

type Files = Readonly<Record<keyof typeof DATA_FILES, SqlFile>>;

const ROWS_AT_ONCE = 500;

interface RecordRow {
  readonly id: string;
  readonly outbox_since: number | null;
  readonly outbox: string;
  readonly body: string | null;
}

interface EntryRow {
  readonly record: string;
  readonly key: string;
  readonly value: string;
  readonly until: number | null;
}

/** A data folder, read and never written, whether something runs on it or not. */
export class DataFolder {
  private looking: Promise<unknown> = Promise.resolve();

  private constructor(private readonly files: Files) {}

  /** Throws a StorageFault when one of the files is missing. */
  static open(folder: string): DataFolder {
    const opened: [string, SqlFile][] = [];
    try {
      for (const [name, file] of Object.entries(DATA_FILES))
        opened.push([name, SqlFile.openReadOnly(join(folder, file))]);
    } catch (error) {
      for (const [, file] of opened) file.close();
      throw error;
    }
    return new DataFolder(Object.fromEntries(opened) as Files);
  }

  /**
   * Shows all files as they are at one moment, for as long as `look` takes. What is not given is judged as if nothing ran: it
   * is the time of the folder's last sign of life, and the log can be reached.
   */
  look<Answer>(look: (evidence: Evidence) => Promise<Answer>, running?: Running): Promise<Answer> {
    const looked = this.looking.then(async () => {
      const begun: SqlFile[] = [];
      const begin = () => {
        for (const file of Object.values(this.files)) {
          file.statement('BEGIN').run();
          begun.push(file);
          // The moment is that of the first look, not that of BEGIN.
          file.statement('SELECT count(*) FROM sqlite_schema').all();
        }
      };
      try {
        if (running) await running.still(begin);
        else begin();
        return await look(new FolderEvidence(this.files, running));
      } finally {
        for (const file of begun) file.statement('COMMIT').run();
      }
    });
    this.looking = looked.catch(() => undefined);
    return looked;
  }

  close(): void {
    for (const file of Object.values(this.files)) file.close();
  }
}

/** What only a library that runs can tell. */
export interface Running {
  readonly now: () => number;
  readonly logReachable: () => boolean;
  /** Calls `begin` at a moment at which the files show everything that was decided. */
  readonly still: (begin: () => void) => Promise<void>;
}

class FolderEvidence implements Evidence {
  readonly now: number;
  readonly logReachable: boolean;
  readonly zone: string | undefined;
  private readonly topics: Topics;
  private readonly countKind: string;

  constructor(
    private readonly files: Files,
    running: Running | undefined,
  ) {
    this.topics = new Topics(files.log);
    this.countKind = rentCountKind(this.generation()).name;
    this.now = running?.now() ?? this.lastSignOfLife();
    this.logReachable = running?.logReachable() ?? true;
    this.zone = this.keptZone();
  }

  async *cards(): Portions<CardEvidence> {
    type Row = RecordRow & { readonly due_at: number | null; readonly aliases: string };
    for await (const rows of this.rows<Row>('rental', rentalKind.name, 'due_at, aliases,')) {
      yield rows.map((row) => ({
        member: row.id,
        stored: (parsed(row.body) ?? NOTHING_STORED) as StoredRental,
        waiting: waitingOf(row),
        dueAt: row.due_at ?? undefined,
        aliases: (parsed(row.aliases) ?? []) as string[],
      }));
    }
  }

  async *keys(): Portions<KeyEvidence> {
    for await (const entries of this.entries('rental', rentalKind.name, 'IS NOT NULL')) yield keysIn(entries);
  }

  endedSagas(): Portions<Left<Saga>> {
    return this.left<Saga>('rental', 'saga');
  }

  history(): Portions<Left<ReturnedItem>> {
    return this.left<ReturnedItem>('rental', 'history');
  }

  ledger(): Portions<Left<DatedEntry>> {
    return this.left<DatedEntry>('member', 'ledger');
  }

  books(): Portions<RecordEvidence<StoredBook>> {
    return this.records<StoredBook>('book', bookKind.name);
  }

  members(): Portions<RecordEvidence<StoredMember>> {
    return this.records<StoredMember>('member', memberKind.name);
  }

  rentCounts(): Portions<RecordEvidence<StoredCount>> {
    return this.records<StoredCount>('bestbook', this.countKind);
  }

  async *rentDays(): Portions<DayEvidence> {
    for await (const entries of this.entries('bestbook', this.countKind, 'IS NULL')) yield daysIn(entries);
  }

  async *fences(participant: ParticipantName): Portions<FenceEvidence> {
    const table = { book: bookKind.name, member: memberKind.name, bestbook: this.countKind }[participant];
    for await (const entries of this.entries(participant, table, 'IS NOT NULL')) yield fencesIn(entries);
  }

  async *messages(): Portions<MessageEvidence> {
    interface Row {
      readonly offset: number;
      readonly key: Uint8Array | null;
      readonly headers: Uint8Array;
      readonly time: number;
      readonly is_tombstone: number;
    }
    const select = this.files.log.statement<Row>(
      `SELECT offset, key, headers, time, value IS NULL AS is_tombstone FROM messages
       WHERE topic = ? AND partition = ? AND offset >= ? ORDER BY offset LIMIT ${ROWS_AT_ONCE}`,
    );
    for (const { topic, index: partition, first, end } of this.sagaTopics().flatMap(({ partitions }) => partitions)) {
      for (let next = first; next < end;) {
        const rows = select.all(topic.id, partition, next);
        const last = rows.at(-1);
        if (!last) break;
        yield rows.map(({ offset, key, headers, time, is_tombstone }) => ({
          topic: topic.name,
          partition,
          offset,
          headers: expandHeaders(headers, key === null ? undefined : textOf(key), time),
          isTombstone: is_tombstone === 1,
        }));
        next = last.offset + 1;
        await turn();
      }
    }
  }

  get wholeTopics(): ReadonlySet<string> {
    const whole = this.sagaTopics().filter(({ partitions }) => partitions.every(({ first }) => first === 0));
    return new Set(whole.map(({ name }) => name));
  }

  positions(): readonly Position[] {
    return this.files.log
      .statement<{ consumer_group: string; name: string; partition: number; offset: number }>(
        'SELECT consumer_group, name, partition, offset FROM offsets JOIN topics ON topics.id = offsets.topic',
      )
      .all()
      .map(({ consumer_group: group, name: topic, partition, offset }) => ({ group, topic, partition, offset }));
  }

  parked(): Portions<ParkedMessage> {
    const rows = new ParkedRows(this.files.log);
    return listParked({ list: (filter) => Promise.resolve(rows.list(filter)) });
  }

  private sagaTopics() {
    return this.topics.all().filter(({ name }) => SAGA_TOPICS.includes(name));
  }

  private async *records<Stored>(file: keyof Files, table: string): Portions<RecordEvidence<Stored>> {
    for await (const rows of this.rows(file, table)) {
      yield rows.map((row) => ({ id: row.id, stored: (parsed(row.body) ?? {}) as Stored, waiting: waitingOf(row) }));
    }
  }

  private async *rows<Row extends RecordRow>(file: keyof Files, table: string, more = ''): Portions<Row> {
    if (!this.has(file, table)) return;
    const sql = `SELECT id, ${more} outbox_since, outbox, body FROM ${table} WHERE id > ? ORDER BY id LIMIT ${ROWS_AT_ONCE}`;
    for (let after = ''; ;) {
      const rows = this.files[file].statement<Row>(sql).all(after);
      yield rows;
      if (rows.length < ROWS_AT_ONCE) return;
      after = rows.at(-1)!.id;
      await turn();
    }
  }

  private async *entries(
    file: keyof Files,
    table: string,
    condition: 'IS NULL' | 'IS NOT NULL',
  ): Portions<StoredEntry> {
    if (!this.has(file, table)) return;
    // The plus keeps SQLite from choosing the index of what expires, which would have to be sorted for every portion.
    const sql = `SELECT record, key, value, until FROM ${table}_entry WHERE (key, record) > (?, ?) AND +until ${condition} ORDER BY key, record LIMIT ${ROWS_AT_ONCE}`;
    for (let after: readonly [string, string] = ['', '']; ;) {
      const rows = this.files[file].statement<EntryRow>(sql).all(...after);
      yield rows.map(({ value, until, ...row }) => ({ ...row, value: parsed(value), until: until ?? undefined }));
      if (rows.length < ROWS_AT_ONCE) return;
      const last = rows.at(-1)!;
      after = [last.key, last.record];
      await turn();
    }
  }

  private async *left<Entry>(file: keyof Files, kind: string): Portions<Left<Entry>> {
    const sql = `SELECT id, record, document FROM archive WHERE kind = ? AND id > ? ORDER BY id LIMIT ${ROWS_AT_ONCE}`;
    for (let after = ''; ;) {
      const rows = this.files[file].statement<{ id: string; record: string; document: string }>(sql).all(kind, after);
      yield rows.map(({ id, record, document }) => ({ id, record, entry: JSON.parse(document) as Entry }));
      if (rows.length < ROWS_AT_ONCE) return;
      after = rows.at(-1)!.id;
      await turn();
    }
  }

  /** A service that was never started has not made its tables. */
  private has(file: keyof Files, table: string): boolean {
    return this.files[file].statement('SELECT name FROM sqlite_schema WHERE name = ?').all(table).length > 0;
  }

  private keptZone(): string | undefined {
    if (!this.has('rental', 'zone')) return undefined;
    return this.files.rental.statement<{ name: string }>('SELECT name FROM zone').all()[0]?.name;
  }

  private generation(): number {
    if (!this.has('bestbook', 'current_generation')) return 1;
    const [row] = this.files.bestbook
      .statement<{ number: number | null }>('SELECT max(number) AS number FROM current_generation')
      .all();
    return row?.number ?? 1;
  }

  /** The newest moment that the log, a waiting message or a saga in flight tells of. */
  private lastSignOfLife(): number {
    const appended = this.sagaTopics()
      .flatMap(({ partitions }) => partitions)
      .map((partition) => this.topics.appendedAt(partition, partition.end - 1) ?? 0);
    const waited = (
      [
        ['rental', rentalKind.name],
        ['book', bookKind.name],
        ['member', memberKind.name],
        ['bestbook', this.countKind],
      ] as const
    ).map(([file, table]) => this.newest(file, table, `SELECT max(outbox_since) AS newest FROM ${table}`));
    const moved = this.newest(
      'rental',
      rentalKind.name,
      `SELECT max(json_extract(value, '$.since')) AS newest FROM ${rentalKind.name}, json_each(body, '$.sagas') WHERE due_at IS NOT NULL`,
    );
    return Math.max(moved, ...appended, ...waited);
  }

  private newest(file: keyof Files, table: string, sql: string): number {
    if (!this.has(file, table)) return 0;
    return this.files[file].statement<{ newest: number | null }>(sql).all()[0]?.newest ?? 0;
  }
}

function waitingOf({ outbox, outbox_since: since }: RecordRow): Waiting {
  const waiting = (parsed(outbox) ?? []) as [since: number, message: OutgoingMessage][];
  return { messages: waiting.map(([, message]) => message), since: since ?? undefined };
}

/** The empty text stands for nothing. */
function parsed(text: string | null): unknown {
  return text ? JSON.parse(text) : undefined;
}

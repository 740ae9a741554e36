import type { OutgoingMessage } from '../messaging/event-message';
import type { ArchiveEntry, Outbox } from '../outbox/outbox';
import type { Entries, KeptEntry } from '../store/entries';
import type { LivingRecord, RecordKind } from '../store/records';
import type { RecordRow, StoredRecord } from './record-table';

const NONE: readonly never[] = [];
const NO_COLUMNS = {};

/** A record during one transaction: what the changes so far have made of it. */
export class StagedRecord<Living extends LivingRecord> {
  body: unknown;
  waiting: readonly OutgoingMessage[];
  /** Those that some change is about and that exist. */
  readonly entries = new Map<string, KeptEntry>();
  changedEntries: Map<string, KeptEntry | undefined> | undefined;
  leaving: readonly ArchiveEntry[] = NONE;
  /** What it is once the commit is in the journal; undefined while nothing changed, and until it is finished. */
  after: StoredRecord | undefined;
  private version: number;
  private latest: Living | undefined;
  private known: Set<string> | undefined;

  constructor(
    readonly id: string,
    /** Undefined when nothing is stored under this id. */
    readonly before: StoredRecord | undefined,
  ) {
    this.body = before?.body;
    this.waiting = before?.waiting ?? NONE;
    this.version = before?.version ?? 0;
  }

  /** Whether this entry must be loaded; asked again, it is taken for loaded. */
  lacks(key: string): boolean {
    if (!this.before || this.known?.has(key)) return false;
    this.known ??= new Set();
    this.known.add(key);
    return true;
  }

  /** Takes what one change has made of the record. */
  take(latest: Living, body: unknown, outbox: Outbox, entries: Entries<unknown>): void {
    this.latest = latest;
    this.version += 1;
    this.body = body;
    this.waiting = outbox.waiting;
    if (outbox.leaving.length > 0) this.leaving = [...this.leaving, ...outbox.leaving];
    for (const [key, kept] of entries.changes) {
      this.changedEntries ??= new Map();
      this.changedEntries.set(key, kept);
      if (kept) this.entries.set(key, kept);
      else this.entries.delete(key);
    }
  }

  /** What is to be written when no more changes come; undefined when none changed anything. */
  finish(kind: RecordKind<Living>, now: number): RecordRow | undefined {
    const { id, latest, before, version, waiting } = this;
    if (!latest) return undefined;
    const aliases = kind.aliases?.(latest) ?? NONE;
    const waitingSince =
      waiting === before?.waiting ? before.waitingSince : waiting.map((message) => this.since(message, now));
    this.after = { version, body: this.body, waiting, waitingSince, aliases };

    return {
      id,
      version,
      waiting,
      waitingSince,
      aliases,
      dueAt: kind.dueAt?.(latest),
      columns: kind.columnsOf?.(latest) ?? NO_COLUMNS,
      ...(before && before.body === this.body ? {} : { body: { value: this.body } }),
    };
  }

  private since(message: OutgoingMessage, now: number): number {
    const at = this.before?.waiting.indexOf(message) ?? -1;
    return this.before?.waitingSince[at] ?? now;
  }
}

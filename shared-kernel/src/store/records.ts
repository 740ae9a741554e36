import type { OutgoingMessage } from '../messaging/event-message';
import type { Outbox, PublishedCopy } from '../outbox/outbox';
import type { Entries } from './entries';

/** What every record has, whatever else it holds. */
export interface LivingRecord {
  readonly outbox: Outbox;
  readonly entries: Entries<unknown>;
  /** Drops what was published, and learns from the copies what there is to learn. */
  published(copies: readonly PublishedCopy[]): void;
}

/** How a service's record is opened from what is stored, and what is stored of it. */
export interface RecordKind<Living extends LivingRecord> {
  /** Names the collection or table, such as `rental_cards`. */
  readonly name: string;
  open(id: string, body: unknown, outbox: Outbox, entries: Entries<unknown>): Living;
  /** Must answer the identical value when nothing changed: that is how an adapter knows what to store. */
  bodyOf(record: Living): unknown;
  /** When somebody must look at it next, in milliseconds since the epoch. */
  dueAt?(record: Living): number | undefined;
  /** Ids under which the record is found beside its own, such as those of the sagas in flight on it. */
  aliases?(record: Living): readonly string[];
  /** Values to select and sort by, kept beside the body; the same names for every record. */
  readonly columns?: Readonly<Record<string, 'text' | 'integer'>>;
  columnsOf?(record: Living): Readonly<Record<string, string | number | undefined>>;
}

/** A synchronous decision on one record: what it answers must not be a promise. */
export type Decide<Living, Answer> = (record: Living) => Answer extends PromiseLike<unknown> ? never : Answer;

/** The records of one kind, each changed by one atomic write. Every adapter passes `records.contract`. */
export interface Records<Living extends LivingRecord> {
  /**
   * Runs `decide` on the record, with the entries it is `about`, and stores all it changed, or nothing when it throws or
   * changes nothing. Runs it again, on what the other one left, when another writer came first. Changes of one record
   * made through one object take effect in the order of their calls. Rejects with what `decide` threw, or with a Fault;
   * after a Fault nothing is known to be stored. When it resolves, the change is stored: durable, or ahead of everything
   * that this process stores later, so that nothing that rests on it can survive without it.
   */
  change<Answer>(id: string, about: readonly string[], decide: Decide<Living, Answer>): Promise<Answer>;

  /** The record as it is, with the entries it is `about`; undefined when nothing was ever stored under `id`. */
  read(id: string, about?: readonly string[]): Promise<Living | undefined>;

  /** The id of the record that carries this alias now. */
  findByAlias(alias: string): Promise<string | undefined>;

  /** Ids of records due at `now`, or due implausibly late (after `horizon`), the longest overdue first. */
  findDue(now: number, horizon: number, limit: number): Promise<readonly string[]>;

  /** Records with messages or archive entries that have waited since before `before`, the longest waiting first. */
  findWaiting(before: number, limit: number): Promise<readonly WaitingRecord[]>;

  /** Entries that need not be kept any longer at `now`, by record: `limit` of them, or all when there are fewer. */
  findExpiredEntries(now: number, limit: number): Promise<readonly ExpiredEntries[]>;
}

export interface WaitingRecord {
  readonly id: string;
  readonly waiting: readonly OutgoingMessage[];
}

export interface ExpiredEntries {
  readonly id: string;
  readonly keys: readonly string[];
}

/** What has left the records for good, by kind. Every adapter passes `archive.contract`. */
export interface Archive {
  /** The archived document, undefined when there is none. */
  find(kind: string, id: string): Promise<unknown>;
  /** A record's documents of one kind by descending id, those before `before` only. */
  list(
    kind: string,
    record: string,
    page: { readonly limit: number; readonly before?: string },
  ): Promise<readonly unknown[]>;
  /** All records' documents of one kind by descending id. */
  listAll(
    kind: string,
    page: { readonly limit: number; readonly before?: string },
  ): Promise<readonly ArchivedDocument[]>;
}

export interface ArchivedDocument {
  readonly id: string;
  readonly record: string;
  readonly document: unknown;
}

/** Numbers that are given out once, from 1; gaps are allowed. */
export interface Numbers {
  next(): Promise<number>;
}

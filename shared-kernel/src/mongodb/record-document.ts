import type { OutgoingMessage } from '../messaging/event-message';
import { Outbox } from '../outbox/outbox';
import type { ArchiveEntry } from '../outbox/outbox';
import { Entries } from '../store/entries';
import type { KeptEntry } from '../store/entries';
import type { LivingRecord, RecordKind } from '../store/records';
import { KnownTexts, textOf, valueOf } from './known-texts';
import type { WrittenText } from './known-texts';

/** As many of its last commits a record remembers, so that whoever lost an answer can find out what became of its write. */
export const REMEMBERED_COMMITS = 32;

/**
 * Behind a version, among the commits: some before it may be missing. An earlier release, which writes a list, forgets those
 * that this one has written; it may run beside this one.
 */
const FORGOTTEN = ':';

/** Whether the record may have forgotten what was stored on top of this version. */
export function mayForget(commits: readonly string[], from: number): boolean {
  const [oldest = ''] = commits;
  if (commits.length >= REMEMBERED_COMMITS && Number.parseInt(oldest, 10) > from) return true;
  return commits.some((commit) => commit.endsWith(FORGOTTEN) && Number.parseInt(commit, 10) > from);
}

/** A record as it lies in its collection; beside these fields, one for each column that its kind declares. */
export interface RecordDocument {
  readonly _id: string;
  /** Counts changes; a write is conditional on it. */
  readonly version: number;
  /** The newest last, a space between them: `<version that it left>:<its id>`. An earlier release writes a list. */
  readonly commits: string | readonly string[];
  /** JSON; absent in a record that has no body. */
  readonly body?: string;
  /** Messages that are not known to be published. */
  readonly waiting?: readonly WrittenText[];
  /** Archive entries that are not known to be in the archive. */
  readonly leaving?: readonly WrittenText[];
  /** Entries that are not known to be in the collection of entries. They win over those that are there. */
  readonly entries?: readonly EntryPart[];
  readonly aliases?: readonly string[];
  readonly dueAt?: number;
  /** Since when the longest waiting message or archive entry has waited. */
  readonly waitingSince?: number;
  /** Since when the longest waiting archive entry or entry has waited to be moved. */
  readonly movingSince?: number;
  /** The earliest `until` among `entries`. */
  readonly expiresAt?: number;
}

/** The fields of a record document that a column must not take. */
export const OWN_FIELDS: readonly string[] = [
  '_id',
  'version',
  'commits',
  'body',
  'waiting',
  'leaving',
  'entries',
  'aliases',
  'dueAt',
  'waitingSince',
  'movingSince',
  'expiresAt',
];

/** An entry within its record's document, or as a document of its own. */
export interface EntryPart {
  readonly key: string;
  /** The version of the record that it came with: a newer one is never replaced by an older one. */
  readonly version: number;
  readonly since: number;
  /** A number as a number, so that it can be added up where it lies; anything else as JSON. Absent when it was deleted. */
  readonly value?: string | number;
  readonly until?: number;
}

/** An entry on its way, or one that was loaded; without `kept` it was deleted. */
export interface VersionedEntry {
  readonly key: string;
  readonly version: number;
  readonly since: number;
  readonly kept: KeptEntry | undefined;
}

/** A record as it was read, or is to be written. */
export interface StoredRecord {
  readonly version: number;
  readonly commits: readonly string[];
  readonly body: unknown;
  readonly waiting: readonly OutgoingMessage[];
  readonly leaving: readonly ArchiveEntry[];
  readonly entries: readonly VersionedEntry[];
}

/** Translates between the documents of one kind and its records. */
export class RecordDocuments<Living extends LivingRecord> {
  private readonly bodies = new KnownTexts<unknown>();
  private readonly messages = new KnownTexts<OutgoingMessage>();
  private readonly archived = new KnownTexts<ArchiveEntry>();

  constructor(
    private readonly kind: RecordKind<Living>,
    private readonly now: () => number,
  ) {}

  parse({ version, commits, body, waiting = [], leaving = [], entries = [] }: RecordDocument): StoredRecord {
    return {
      version,
      commits: typeof commits === 'string' ? commits.split(' ') : [...commits, `${version}${FORGOTTEN}`],
      body: body === undefined ? undefined : this.bodies.parse({ since: 0, text: body }),
      waiting: this.messagesOf(waiting),
      leaving: leaving.map((written) => this.archived.parse(written)),
      entries: entries.map(entryOf),
    };
  }

  messagesOf(waiting: readonly WrittenText[]): readonly OutgoingMessage[] {
    return waiting.map((written) => this.messages.parse(written));
  }

  /** Since when an archive entry of a record that was read or composed has waited. */
  since(entry: ArchiveEntry): number {
    return this.archived.of(entry, this.now()).since;
  }

  compose(id: string, stored: StoredRecord, living: Living = this.open(id, stored)): RecordDocument {
    const now = this.now();
    const { kind } = this;
    const waiting = stored.waiting.map((message) => this.messages.of(message, now));
    const leaving = stored.leaving.map((entry) => this.archived.of(entry, now));
    const aliases = kind.aliases?.(living) ?? [];
    const dueAt = kind.dueAt?.(living);

    const document: Record<string, unknown> = { ...definedOf(kind.columnsOf?.(living)) };
    document['_id'] = id;
    document['version'] = stored.version;
    document['commits'] = stored.commits.join(' ');
    if (stored.body !== undefined) document['body'] = this.bodies.of(stored.body, 0).text;
    if (waiting.length > 0) document['waiting'] = waiting;
    if (leaving.length > 0) document['leaving'] = leaving;
    if (stored.entries.length > 0) document['entries'] = stored.entries.map(partOf);
    if (aliases.length > 0) document['aliases'] = aliases;
    if (dueAt !== undefined) document['dueAt'] = dueAt;
    setLeast(document, 'waitingSince', [...sinces(waiting), ...sinces(leaving)]);
    setLeast(document, 'movingSince', [...sinces(leaving), ...sinces(stored.entries)]);
    setLeast(
      document,
      'expiresAt',
      stored.entries.flatMap(({ kept }) => kept?.until ?? []),
    );
    return document as unknown as RecordDocument;
  }

  private open(id: string, { body, waiting, leaving }: StoredRecord): Living {
    return this.kind.open(id, body, new Outbox(waiting, leaving), new Entries<unknown>(new Set(), new Map()));
  }
}

export function idOf({ _id }: Pick<RecordDocument, '_id'>): string {
  return _id;
}

export function partOf({ key, version, since, kept }: VersionedEntry): EntryPart {
  if (!kept) return { key, version, since };
  const { value, until } = kept;
  const stored = typeof value === 'number' && Number.isFinite(value) ? value : textOf(value);
  return { key, version, since, value: stored, ...(until === undefined ? {} : { until }) };
}

export function entryOf({ key, version, since, value, until }: EntryPart): VersionedEntry {
  if (value === undefined) return { key, version, since, kept: undefined };
  const read = typeof value === 'number' ? value : valueOf(value);
  return { key, version, since, kept: until === undefined ? { value: read } : { value: read, until } };
}

function definedOf(columns: Readonly<Record<string, string | number | undefined>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}

function sinces(of: readonly { readonly since: number }[]): readonly number[] {
  return of.map(({ since }) => since);
}

function setLeast(document: Record<string, unknown>, field: string, values: readonly number[]): void {
  if (values.length > 0) document[field] = values.reduce((one, other) => Math.min(one, other));
}

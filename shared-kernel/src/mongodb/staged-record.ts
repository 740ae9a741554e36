import type { OutgoingMessage } from '../messaging/event-message';
import type { ArchiveEntry } from '../outbox/outbox';
import { Outbox } from '../outbox/outbox';
import { Entries } from '../store/entries';
import type { KeptEntry } from '../store/entries';
import type { Decide, LivingRecord, RecordKind } from '../store/records';
import { mustNotBePromise } from '../store/must-not-be-promise';
import { REMEMBERED_COMMITS } from './record-document';
import type { StoredRecord, VersionedEntry } from './record-document';

const NONE: readonly never[] = [];

/** What a caller is told when the write that its change is part of is done. */
export type Verdict = { readonly answer: unknown } | { readonly thrown: unknown };

/** A record during one write: what the changes so far have made of it. */
export class StagedRecord<Living extends LivingRecord> {
  private body: unknown;
  private waiting: readonly OutgoingMessage[];
  private leaving: readonly ArchiveEntry[];
  private readonly changedEntries = new Map<string, KeptEntry | undefined>();
  private version: number;
  /** As the last change that changed anything left it; undefined while nothing is changed. */
  latest: Living | undefined;

  constructor(
    private readonly kind: RecordKind<Living>,
    readonly id: string,
    /** Undefined when nothing is stored under this id. */
    readonly before: StoredRecord | undefined,
    /** Those that some change is about and that exist. */
    private readonly entries: Map<string, KeptEntry>,
  ) {
    this.body = before?.body;
    this.waiting = before?.waiting ?? NONE;
    this.leaving = before?.leaving ?? NONE;
    this.version = before?.version ?? 0;
  }

  /** Runs one change on what those before it have left, and takes what it made of it, or nothing when it throws. */
  run(about: readonly string[], decide: Decide<Living, unknown>): Verdict {
    try {
      return { answer: this.decided(about, decide) };
    } catch (thrown) {
      return { thrown };
    }
  }

  get changed(): boolean {
    return this.latest !== undefined;
  }

  /** What is to be stored when no more changes come. */
  after(commit: string, now: number): StoredRecord {
    const { before, version, body, waiting, leaving } = this;
    const entries: VersionedEntry[] = (before?.entries ?? NONE).filter(({ key }) => !this.changedEntries.has(key));
    for (const [key, kept] of this.changedEntries) entries.push({ key, version, since: now, kept });
    const commits = [...(before?.commits ?? NONE), `${version}:${commit}`].slice(-REMEMBERED_COMMITS);
    return { version, commits, body, waiting, leaving, entries };
  }

  private decided(about: readonly string[], decide: Decide<Living, unknown>): unknown {
    const { kind, waiting, leaving } = this;
    const outbox = new Outbox(waiting, leaving);
    const entries = new Entries<unknown>(new Set(about), this.entries);
    const record = kind.open(this.id, this.body, outbox, entries);
    const before = kind.bodyOf(record);

    const answer = decide(record);
    mustNotBePromise(answer);

    const body = kind.bodyOf(record);
    const unchanged = body === before && outbox.waiting === waiting && outbox.leaving === leaving;
    if (unchanged && entries.changes.size === 0) return answer;

    this.latest = record;
    this.version += 1;
    if (body !== before) this.body = body;
    this.waiting = outbox.waiting;
    this.leaving = outbox.leaving;
    for (const [key, kept] of entries.changes) {
      this.changedEntries.set(key, kept);
      if (kept) this.entries.set(key, kept);
      else this.entries.delete(key);
    }
    return answer;
  }
}

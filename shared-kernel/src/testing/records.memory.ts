import type { OutgoingMessage } from '../messaging/event-message';
import type { ArchiveEntry } from '../outbox/outbox';
import { Outbox } from '../outbox/outbox';
import { Entries } from '../store/entries';
import type { KeptEntry } from '../store/entries';
import { mustNotBePromise } from '../store/must-not-be-promise';
import type {
  Archive,
  ArchivedDocument,
  Decide,
  ExpiredEntries,
  LivingRecord,
  RecordKind,
  Records,
  WaitingRecord,
} from '../store/records';
import type { Clock } from '../time/clock';

/** What happens around a commit; nothing, where a function is absent. */
export interface StoreFaults {
  /** After the decision: another writer may come first here, and what is thrown is a commit that never happened. */
  beforeCommit?(id: string): void | Promise<void>;
  /** What is thrown is a commit whose answer was lost: it is stored, and whoever asked is told of a failure. */
  afterCommit?(id: string): void | Promise<void>;
}

interface Waiting {
  readonly since: number;
  readonly message: OutgoingMessage;
}

/** Texts, as a store would keep them: what a record's owner changes later in an object changes nothing here. */
export interface Stored {
  readonly version: number;
  readonly body: string | undefined;
  readonly waiting: readonly string[];
  readonly leaving: readonly string[];
  readonly waitingSince: number;
  readonly aliases: readonly string[];
  readonly dueAt: number | undefined;
  readonly columns: Readonly<Record<string, string | number | undefined>>;
  /** Changed in place when a change is stored: copying them would make it dearer, the more there are. */
  readonly entries: Map<string, { readonly value: string; readonly until: number | undefined }>;
}

/** What several processes' `MemoryRecords` share: the records of one kind, each with its version, and what has left them. */
export class MemoryStore<Living extends LivingRecord> {
  private readonly records = new Map<string, Stored>();
  readonly archive = new MemoryArchive();
  faults: StoreFaults = {};
  /** Commits that changed something. */
  commits = 0;
  /** Changes that had to be decided again, because another writer came first. */
  conflicts = 0;
  private archiving = true;

  constructor(
    readonly kind: RecordKind<Living>,
    readonly clock: Clock,
  ) {}

  /** A process's own view of the store; `own` is what goes wrong for this process only. */
  open(own: StoreFaults = {}): MemoryRecords<Living> {
    return new MemoryRecords(this, own);
  }

  get(id: string): Stored | undefined {
    return this.records.get(id);
  }

  /** Stores it, unless another writer came first. */
  save(id: string, stored: Stored, changes: Entries<unknown>['changes']): boolean {
    if ((this.records.get(id)?.version ?? 0) !== stored.version - 1) {
      this.conflicts++;
      return false;
    }
    this.records.set(id, stored);
    for (const [key, kept] of changes) {
      if (kept) stored.entries.set(key, { value: JSON.stringify(kept.value), until: kept.until });
      else stored.entries.delete(key);
    }
    this.commits++;
    if (this.archiving) this.archiveOf(id);
    return true;
  }

  all(): readonly (readonly [id: string, stored: Stored])[] {
    return [...this.records].toSorted(([one], [other]) => (one < other ? -1 : 1));
  }

  findByAlias(alias: string): string | undefined {
    for (const [id, { aliases }] of this.records) if (aliases.includes(alias)) return id;
    return undefined;
  }

  /** Every record as it is, by id, with no entries. */
  living(): readonly Living[] {
    return this.all().map(([id, stored]) => this.opened(id, stored, []));
  }

  /** From now on, what leaves a record stays on its way until `archiveNow`. */
  archiveLater(): void {
    this.archiving = false;
  }

  archiveNow(): void {
    this.archiving = true;
    for (const id of this.records.keys()) this.archiveOf(id);
  }

  opened(id: string, stored: Stored | undefined, about: readonly string[]): Living {
    const kept = about.flatMap((key): [string, KeptEntry][] => {
      const entry = stored?.entries.get(key);
      if (!entry) return [];
      const value: unknown = JSON.parse(entry.value);
      return [[key, entry.until === undefined ? { value } : { value, until: entry.until }]];
    });
    const outbox = new Outbox(
      stored?.waiting.map((text) => (JSON.parse(text) as Waiting).message),
      stored?.leaving.map((text) => JSON.parse(text) as ArchiveEntry),
    );
    const body: unknown = stored?.body === undefined ? undefined : JSON.parse(stored.body);
    return this.kind.open(id, body, outbox, new Entries<unknown>(new Set(about), new Map(kept)));
  }

  /** What is leaving this record arrives in the archive now. */
  archiveOf(id: string): void {
    const stored = this.records.get(id);
    if (!stored || stored.leaving.length === 0) return;
    this.archive.add(
      id,
      stored.leaving.map((text) => JSON.parse(text) as ArchiveEntry),
    );

    const left = { ...stored, leaving: [] };
    const aliases = this.kind.aliases?.(this.opened(id, left, [])) ?? [];
    this.records.set(id, { ...left, aliases, waitingSince: sinceOf(left.waiting, Infinity) });
  }
}

/** One process's records of a kind; others may change the same ones through objects of their own. */
export class MemoryRecords<Living extends LivingRecord> implements Records<Living> {
  private readonly latest = new Map<string, Promise<unknown>>();

  constructor(
    private readonly store: MemoryStore<Living>,
    private readonly own: StoreFaults,
  ) {}

  change<Answer>(id: string, about: readonly string[], decide: Decide<Living, Answer>): Promise<Answer> {
    const before = this.latest.get(id) ?? Promise.resolve();
    const changed = before.then(() => this.changeNow(id, about, decide));
    const over: Promise<unknown> = changed
      .catch(() => undefined)
      .then(() => this.latest.get(id) === over && this.latest.delete(id));
    this.latest.set(id, over);
    return changed;
  }

  async read(id: string, about: readonly string[] = []): Promise<Living | undefined> {
    const stored = this.store.get(id);
    return stored && this.store.opened(id, stored, about);
  }

  async findByAlias(alias: string): Promise<string | undefined> {
    return this.store.findByAlias(alias);
  }

  async findDue(now: number, horizon: number, limit: number): Promise<readonly string[]> {
    const due = this.store.all().flatMap(([id, { dueAt }]) => (dueAt === undefined ? [] : [{ id, dueAt }]));
    const overdue = due.filter(({ dueAt }) => dueAt <= now);
    const implausible = due.filter(({ dueAt }) => dueAt > Math.max(now, horizon));
    const ids = [overdue, implausible]
      .flatMap((some) => some.toSorted((one, other) => one.dueAt - other.dueAt))
      .map(({ id }) => id);
    return ids.slice(0, limit);
  }

  async findWaiting(before: number, limit: number): Promise<readonly WaitingRecord[]> {
    return this.store
      .all()
      .filter(([, { waitingSince }]) => waitingSince < before)
      .toSorted(([, one], [, other]) => one.waitingSince - other.waitingSince)
      .slice(0, limit)
      .map(([id, { waiting }]) => ({ id, waiting: waiting.map((text) => (JSON.parse(text) as Waiting).message) }));
  }

  async findExpiredEntries(now: number, limit: number): Promise<readonly ExpiredEntries[]> {
    const expired = this.store
      .all()
      .flatMap(([id, { entries }]) => [...entries].map(([key, { until = Infinity }]) => ({ id, key, until })))
      .filter(({ until }) => until <= now)
      .toSorted((one, other) => one.until - other.until)
      .slice(0, limit);
    const byRecord = new Map<string, string[]>();
    for (const { id, key } of expired) byRecord.set(id, [...(byRecord.get(id) ?? []), key]);
    return [...byRecord].map(([id, keys]) => ({ id, keys }));
  }

  private async changeNow<Answer>(
    id: string,
    about: readonly string[],
    decide: Decide<Living, Answer>,
  ): Promise<Answer> {
    for (;;) {
      const { answer, after, changes } = this.decided(id, about, decide);
      if (!after) return answer;

      await this.store.faults.beforeCommit?.(id);
      await this.own.beforeCommit?.(id);
      if (!this.store.save(id, after, changes)) continue;
      await this.store.faults.afterCommit?.(id);
      await this.own.afterCommit?.(id);
      return answer;
    }
  }

  /** Without `after` when nothing changed. */
  private decided<Answer>(id: string, about: readonly string[], decide: Decide<Living, Answer>) {
    const { kind } = this.store;
    const before = this.store.get(id);
    const record = this.store.opened(id, before, about);
    const { outbox, entries } = record;
    const bodyBefore = kind.bodyOf(record);
    const { waiting, leaving } = outbox;
    const known = new Map(waiting.map((message, at) => [message, before?.waiting[at] ?? '']));

    const answer = decide(record);
    mustNotBePromise(answer);

    const body = kind.bodyOf(record);
    const { changes } = entries;
    const changed = body !== bodyBefore || outbox.waiting !== waiting || outbox.leaving !== leaving || changes.size > 0;
    return { answer, changes, after: changed ? this.toStored(record, before, body, known) : undefined };
  }

  private toStored(
    record: Living,
    before: Stored | undefined,
    body: unknown,
    known: ReadonlyMap<OutgoingMessage, string>,
  ): Stored {
    const { kind, clock } = this.store;
    const { leaving } = record.outbox;
    const waiting = record.outbox.waiting.map(
      (message) => known.get(message) ?? JSON.stringify({ since: clock.now(), message } satisfies Waiting),
    );

    return {
      version: (before?.version ?? 0) + 1,
      body: body === undefined ? undefined : JSON.stringify(body),
      waiting,
      leaving: leaving.map((entry) => JSON.stringify(entry)),
      waitingSince: sinceOf(waiting, leaving.length > 0 ? clock.now() : Infinity),
      aliases: kind.aliases?.(record) ?? [],
      dueAt: kind.dueAt?.(record),
      columns: kind.columnsOf?.(record) ?? {},
      entries: before?.entries ?? new Map(),
    };
  }
}

/** What has left the records of one store. */
export class MemoryArchive implements Archive {
  private readonly documents = new Map<
    string,
    { readonly kind: string; readonly id: string; readonly record: string; readonly text: string }
  >();

  add(record: string, entries: readonly ArchiveEntry[]): void {
    for (const { kind, id, document } of entries) {
      const place = JSON.stringify([kind, id]);
      if (!this.documents.has(place)) this.documents.set(place, { kind, id, record, text: JSON.stringify(document) });
    }
  }

  async find(kind: string, id: string): Promise<unknown> {
    const found = this.documents.get(JSON.stringify([kind, id]));
    return found && JSON.parse(found.text);
  }

  async list(
    kind: string,
    record: string,
    page: { readonly limit: number; readonly before?: string },
  ): Promise<readonly unknown[]> {
    return this.page(kind, page, record).map(({ document }) => document);
  }

  async listAll(
    kind: string,
    page: { readonly limit: number; readonly before?: string },
  ): Promise<readonly ArchivedDocument[]> {
    return this.page(kind, page);
  }

  private page(
    kind: string,
    { limit, before }: { readonly limit: number; readonly before?: string },
    of?: string,
  ): readonly ArchivedDocument[] {
    return [...this.documents.values()]
      .filter(
        (each) =>
          each.kind === kind && (of === undefined || each.record === of) && (before === undefined || each.id < before),
      )
      .toSorted((one, other) => (one.id < other.id ? 1 : -1))
      .slice(0, limit)
      .map(({ id, record, text }) => ({ id, record, document: JSON.parse(text) as unknown }));
  }
}

function sinceOf(waiting: readonly string[], leavingSince: number): number {
  return Math.min(leavingSince, ...waiting.map((text) => (JSON.parse(text) as Waiting).since));
}

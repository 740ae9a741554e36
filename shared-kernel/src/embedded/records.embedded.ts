import { Outbox } from '../outbox/outbox';
import { Entries } from '../store/entries';
import type { KeptEntry } from '../store/entries';
import type { Decide, ExpiredEntries, LivingRecord, RecordKind, Records, WaitingRecord } from '../store/records';
import { Fault } from '../store/fault';
import { mustNotBePromise } from '../store/must-not-be-promise';
import { Recent } from '../store/recent';
import type { Clock } from '../time/clock';
import type { ArchivedEntry, EmbeddedArchive } from './archive.embedded';
import type { GroupCommit, Stage } from './group-commit';
import type { EntryRow, RecordRow, RecordTable, StoredRecord } from './record-table';
import { RecentEntries } from './recent-entries';
import { StagedRecord } from './staged-record';
import { pairOf, Unapplied } from './unapplied';

/** As many parsed records are kept in memory, and at most twice as many. */
const CACHED_RECORDS = 10_000;

/**
 * Records of one kind in one SQL file. This object must be the only one that writes them: it remembers what it stored, and
 * what the SQL does not show yet.
 *
 * Changes gathered into one commit see each other's results, and each record among them is written once. What leaves a
 * record goes into the archive by the same commit, so that none of these records ever holds an archive entry.
 */
export class EmbeddedRecords<Living extends LivingRecord> implements Records<Living> {
  /** So that a record in use costs no SELECT and no parsing. */
  private readonly recent: Recent<StoredRecord>;
  private readonly unapplied = new Unapplied<StoredRecord>();
  private readonly recentEntries: RecentEntries;
  private readonly unappliedEntries = new Unapplied<KeptEntry>();
  private readonly aliases: Map<string, string>;
  private ended = false;
  /** The records of the transaction in hand. */
  private staged = new Map<string, StagedRecord<Living>>();
  /** What the works of this transaction are going to read. */
  private wanted: { readonly id: string; readonly about: readonly string[] }[] = [];
  private readonly stage: Stage = {
    prepared: () => this.loadWanted(),
    write: () => this.write(),
    stored: () => this.stored(),
    undone: () => this.forgetStaged(),
  };

  constructor(
    private readonly kind: RecordKind<Living>,
    private readonly table: RecordTable<Living>,
    private readonly archive: EmbeddedArchive,
    private readonly commits: GroupCommit,
    private readonly clock: Pick<Clock, 'now'>,
    cached = CACHED_RECORDS,
  ) {
    this.recent = new Recent(cached);
    this.recentEntries = new RecentEntries((first) => table.lastKey(first), cached);
    this.aliases = table.aliases();
    table.follow(this.unapplied);
    table.follow(this.unappliedEntries);
  }

  change<Answer>(id: string, about: readonly string[], decide: Decide<Living, Answer>): Promise<Answer> {
    return this.commits.submit<Answer>({
      prepare: (transaction) => {
        if (this.ended) return;
        transaction.join(this.stage);
        this.wanted.push({ id, about });
      },
      run: () => {
        if (this.ended) throw new Fault('store-closed', `The ${this.kind.name} are no more.`, false);
        return this.decide(this.stagedRecord(id), about, decide);
      },
    });
  }

  /** Takes no more changes: the tables are going to be dropped. */
  end(): void {
    this.ended = true;
  }

  // Asynchronous, so that what fails rejects; nothing is awaited, so that no change comes between.
  async read(id: string, about: readonly string[] = []): Promise<Living | undefined> {
    const stored = this.known(id) ?? this.load([id]).get(id);
    if (!stored) return undefined;
    const entries = new Map<string, KeptEntry>();
    for (const row of this.loadEntries(about.map((key) => [id, key]))) if (row.kept) entries.set(row.key, row.kept);

    return this.kind.open(id, stored.body, new Outbox(stored.waiting), new Entries(new Set(about), entries));
  }

  async findByAlias(alias: string): Promise<string | undefined> {
    return this.aliases.get(alias);
  }

  async findDue(now: number, horizon: number, limit: number): Promise<readonly string[]> {
    return this.table.findDue(now, horizon, limit);
  }

  async findWaiting(before: number, limit: number): Promise<readonly WaitingRecord[]> {
    return this.table.findWaiting(before, limit);
  }

  async findExpiredEntries(now: number, limit: number): Promise<readonly ExpiredEntries[]> {
    return this.table.findExpiredEntries(now, limit);
  }

  private decide<Answer>(
    staged: StagedRecord<Living>,
    about: readonly string[],
    decide: Decide<Living, Answer>,
  ): ReturnType<Decide<Living, Answer>> {
    const outbox = new Outbox(staged.waiting);
    const entries = new Entries<unknown>(new Set(about), staged.entries);
    const record = this.kind.open(staged.id, staged.body, outbox, entries);
    const before = this.kind.bodyOf(record);

    const answer = decide(record);
    mustNotBePromise(answer);

    const body = this.kind.bodyOf(record);
    const changed =
      body !== before || outbox.waiting !== staged.waiting || outbox.leaving.length > 0 || entries.changes.size > 0;
    if (changed) staged.take(record, body === before ? staged.body : body, outbox, entries);
    return answer;
  }

  /** Everything that the works of this transaction said they will read, at once. */
  private loadWanted(): void {
    const { wanted } = this;
    const missing = new Set<string>();
    for (const { id } of wanted) {
      if (this.staged.has(id)) continue;
      const stored = this.known(id);
      if (stored) this.staged.set(id, new StagedRecord(id, stored));
      else missing.add(id);
    }
    const loaded = this.load([...missing]);
    for (const id of missing) this.staged.set(id, new StagedRecord(id, loaded.get(id)));

    const keys: [record: string, key: string][] = [];
    for (const { id, about } of wanted) {
      const staged = this.stagedRecord(id);
      for (const key of about) if (staged.lacks(key)) keys.push([id, key]);
    }
    for (const { record, key, kept } of this.loadEntries(keys)) {
      if (kept) this.stagedRecord(record).entries.set(key, kept);
    }
  }

  private stagedRecord(id: string): StagedRecord<Living> {
    const staged = this.staged.get(id);
    if (!staged) throw new Error(`The record "${id}" was not announced to this transaction.`);
    return staged;
  }

  private write(): void {
    const now = this.clock.now();
    const rows: RecordRow[] = [];
    const entries: EntryRow[] = [];
    const leaving: ArchivedEntry[] = [];
    for (const staged of this.staged.values()) {
      const row = staged.finish(this.kind, now);
      if (!row) continue;
      rows.push(row);
      for (const [key, kept] of staged.changedEntries ?? []) entries.push({ record: staged.id, key, kept });
      leaving.push(...staged.leaving.map((entry) => ({ record: staged.id, entry })));
    }
    this.table.write(rows);
    this.table.writeEntries(entries);
    this.archive.add(leaving);
  }

  private stored(): void {
    for (const { id, before, after, changedEntries, leaving } of this.staged.values()) {
      if (!after) continue;
      this.archive.added(leaving);
      this.moveAliases(id, before?.aliases ?? [], after.aliases);
      this.recent.set(id, after);
      this.unapplied.set(id, after);
      for (const [key, kept] of changedEntries ?? []) {
        this.recentEntries.set(id, key, kept);
        this.unappliedEntries.set(pairOf(key, id), kept);
      }
    }
    this.forgetStaged();
  }

  private forgetStaged(): void {
    // Not cleared: `PassingLists` says why.
    this.staged = new Map();
    this.wanted = [];
  }

  private moveAliases(id: string, before: readonly string[], now: readonly string[]): void {
    // The alias may be another record's by now.
    for (const alias of before) if (this.aliases.get(alias) === id) this.aliases.delete(alias);
    for (const alias of now) this.aliases.set(alias, id);
  }

  private known(id: string): StoredRecord | undefined {
    return this.recent.get(id) ?? this.unapplied.get(id);
  }

  private loadEntries(wanted: readonly (readonly [record: string, key: string])[]): EntryRow[] {
    const known: EntryRow[] = [];
    const others: (readonly [record: string, key: string])[] = [];
    for (const each of wanted) {
      const [record, key] = each;
      const recent = this.recentEntries.find(record, key) ?? this.unappliedEntry(record, key);
      if (recent) known.push({ record, key, kept: recent.kept });
      else others.push(each);
    }
    if (others.length === 0) return known;
    const loaded = this.table.loadEntries(others);
    for (const { record, key, kept } of loaded) this.recentEntries.set(record, key, kept);
    return [...known, ...loaded];
  }

  private unappliedEntry(record: string, key: string): { readonly kept: KeptEntry | undefined } | undefined {
    const at = pairOf(key, record);
    return this.unappliedEntries.has(at) ? { kept: this.unappliedEntries.get(at) } : undefined;
  }

  private load(ids: readonly string[]): ReadonlyMap<string, StoredRecord> {
    const loaded = new Map(this.table.load(ids));
    for (const [id, stored] of loaded) this.recent.set(id, stored);
    return loaded;
  }
}

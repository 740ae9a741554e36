import { Outbox } from '../outbox/outbox';
import { Entries } from '../store/entries';
import type { Decide, ExpiredEntries, LivingRecord, Records, WaitingRecord } from '../store/records';
import { ChangeQueue, DEFAULT_PATIENCE } from './change-queue';
import type { Patience } from './change-queue';
import { entriesWithin } from './commit';
import type { Storage } from './commit';
import type { EntryDocument } from './entry-collection';
import { GatheredReads } from './gathered-reads';
import { translated } from './mongo-fault';
import { entryOf, idOf } from './record-document';
import type { RecordDocument } from './record-document';

interface ExpiredEntry {
  readonly record: string;
  readonly key: string;
  readonly until: number;
}

/**
 * Records of one kind in MongoDB; any number of processes may change them.
 *
 * A change is one conditional write of one document: it holds everything that the change decided. Entries and archive
 * entries move from there into collections of their own afterwards, so that the document stays small; whoever reads takes
 * the record first and those second, and so finds each of them in one place at least.
 */
export class MongoRecords<Living extends LivingRecord> implements Records<Living> {
  private readonly queue: ChangeQueue<Living>;
  private readonly byId = new GatheredReads((ids) => this.loadById(ids));
  private readonly byAlias = new GatheredReads((aliases) => this.loadByAlias(aliases));

  constructor(
    private readonly storage: Storage<Living>,
    patience: Patience = DEFAULT_PATIENCE,
  ) {
    this.queue = new ChangeQueue(storage, patience);
  }

  change<Answer>(id: string, about: readonly string[], decide: Decide<Living, Answer>): Promise<Answer> {
    const odd = [id, ...about].find((text) => !isText(text));
    if (odd !== undefined) return Promise.reject(new Error(`${JSON.stringify(odd)} cannot be stored as a text.`));
    return this.queue.submit(id, about, decide);
  }

  read(id: string, about: readonly string[] = []): Promise<Living | undefined> {
    return translated(this.readNow(id, about));
  }

  findByAlias(alias: string): Promise<string | undefined> {
    return translated(this.byAlias.get(alias));
  }

  async findDue(now: number, horizon: number, limit: number): Promise<readonly string[]> {
    const found = this.documents
      .find({ $or: [{ dueAt: { $lte: now } }, { dueAt: { $gt: horizon } }] }, { projection: { _id: 1 } })
      .sort({ dueAt: 1 })
      .limit(limit)
      .toArray();
    return (await translated(found)).map(idOf);
  }

  /** Carries on, too, with what other processes have left half moved for as long. */
  async findWaiting(before: number, limit: number): Promise<readonly WaitingRecord[]> {
    const found = this.documents
      .find({ waitingSince: { $lt: before } }, { projection: { waiting: 1 } })
      .sort({ waitingSince: 1 })
      .limit(limit)
      .toArray();
    const [waiting] = await translated(Promise.all([found, this.storage.moving.carryOn(before, limit)]));
    return waiting.flatMap((document) => this.waitingOf(document));
  }

  findExpiredEntries(now: number, limit: number): Promise<readonly ExpiredEntries[]> {
    return translated(this.findExpiredNow(now, limit));
  }

  /** Takes no more changes, answers the earlier ones, and moves what is to be moved. */
  async close(): Promise<void> {
    await this.queue.close();
    await this.storage.moving.close();
  }

  private async readNow(id: string, about: readonly string[]): Promise<Living | undefined> {
    const { entries, translation, kind } = this.storage;
    for (;;) {
      const document = await this.byId.get(id);
      if (!document) return undefined;
      const stored = translation.parse(document);
      const { kept, missing } = entriesWithin(stored, new Set(about));
      const loaded = await entries.load(missing.map((key) => [id, key]));
      // One that is newer belongs to a record that is newer.
      if (loaded.some(({ entry }) => entry.version > stored.version)) continue;
      for (const { entry } of loaded) if (entry.kept) kept.set(entry.key, entry.kept);

      const outbox = new Outbox(stored.waiting, stored.leaving);
      return kind.open(id, stored.body, outbox, new Entries<unknown>(new Set(about), kept));
    }
  }

  private async loadById(ids: readonly string[]) {
    const documents = await this.storage.records.load(ids);
    return new Map(documents.map((document) => [idOf(document), document]));
  }

  private async loadByAlias(aliases: readonly string[]) {
    const found = await this.documents
      .find({ aliases: { $in: [...aliases] } }, { projection: { aliases: 1 } })
      .toArray();
    return new Map(
      found.flatMap((document) => (document.aliases ?? []).map((alias) => [alias, idOf(document)] as const)),
    );
  }

  private waitingOf(document: Pick<RecordDocument, '_id' | 'waiting'>): readonly WaitingRecord[] {
    try {
      return [{ id: idOf(document), waiting: this.storage.translation.messagesOf(document.waiting ?? []) }];
    } catch {
      // It holds up no other; a change of it tells its callers why.
      return [];
    }
  }

  private async findExpiredNow(now: number, limit: number): Promise<readonly ExpiredEntries[]> {
    // What was deleted just now is still among what has moved, comes first, and must not crowd the others out.
    for (let look = limit; ; look *= 2) {
      const moved = await this.storage.entries.findExpired(now, look);
      const expired = await this.expiredWith(moved, now, limit);
      if (expired.length >= limit || moved.length < look) return byRecord(expired.slice(0, limit));
    }
  }

  /** Those among the moved ones that their records do not contradict, and those that lie in their records: the longest overdue first. */
  private async expiredWith(
    moved: readonly EntryDocument[],
    now: number,
    limit: number,
  ): Promise<readonly ExpiredEntry[]> {
    const projection = { entries: 1 } as const;
    const [carriers, owners] = await Promise.all([
      this.documents
        .find({ expiresAt: { $lte: now } }, { projection })
        .sort({ expiresAt: 1 })
        .limit(limit)
        .toArray(),
      this.documents.find({ _id: { $in: [...new Set(moved.map(({ record }) => record))] } }, { projection }).toArray(),
    ]);

    // What a record itself says of an entry wins over what has moved.
    const within = new Map(
      [...carriers, ...owners].map(({ _id, entries = [] }) => [
        _id,
        new Map(entries.map((part) => [part.key, entryOf(part)])),
      ]),
    );
    const expired = moved.flatMap(({ record, key, until = 0 }) =>
      within.get(record)?.has(key) ? [] : [{ record, key, until }],
    );
    for (const [record, entries] of within)
      for (const { key, kept } of entries.values())
        if (kept?.until !== undefined && kept.until <= now) expired.push({ record, key, until: kept.until });
    return expired.toSorted((one, other) => one.until - other.until);
  }

  private get documents() {
    return this.storage.records.documents;
  }
}

function byRecord(expired: readonly ExpiredEntry[]): readonly ExpiredEntries[] {
  const keysOf = new Map<string, string[]>();
  for (const { record, key } of expired) {
    const keys = keysOf.get(record);
    if (keys) keys.push(key);
    else keysOf.set(record, [key]);
  }
  return [...keysOf].map(([id, keys]) => ({ id, keys }));
}

/** Half of a pair of code units has no UTF-8: the server would take different such texts for the same one. */
function isText(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

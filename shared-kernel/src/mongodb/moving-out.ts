import type { ArchiveEntry } from '../outbox/outbox';
import type { LivingRecord } from '../store/records';
import type { Clock } from '../time/clock';
import type { MongoArchive, RefusedEntry } from './archive.mongo';
import { cut } from './cut';
import type { EntryCollection, StuckEntry } from './entry-collection';
import type { KnownRecords } from './known-records';
import { mongoFault } from './mongo-fault';
import type { ConditionalWrite, RecordCollection } from './record-collection';
import { idOf } from './record-document';
import type { RecordDocuments, StoredRecord, VersionedEntry } from './record-document';

/** Who is told of what the server refuses for its own sake. */
export interface Refusals {
  /** Of an archive entry. When it resolves, the entry is dropped from its record. */
  readonly refuse: (refused: RefusedEntry) => Promise<void>;
  /** Of an entry, once: it stays in its record, where it is found as before, and now and then it is tried again. */
  readonly stays: (stuck: StuckEntry) => void;
}

/** What comes within this time moves together, and does not compete with what somebody waits for. */
const GATHER_MS = 100;
/** As many pieces move at once, without waiting for more: until then they weigh on their records. */
const ENOUGH = 50;
/** How soon what has moved is dropped from a record that does not change again. Later than a relay's own drop, to ride with it. */
const DROP_AFTER_MS = 1_500;
/** What lies in a record for longer was left there by a process that is no more, or that is very slow. */
const ABANDONED_AFTER_MS = 5_000;
const RETRY_AFTER_MS = 500;
/** With as much on its way, a record's next change waits, for so long at most. */
const MOST_ON_THE_WAY = 1_000;
const LONGEST_WAIT_FOR_ROOM_MS = 5_000;
const MOST_AT_ONCE = 2_000;
const MOST_RECORDS_PER_DROP = 500;

/** Something that moves from a record into another collection. */
type Piece = { readonly record: string; readonly name: string } & (
  { readonly entry: VersionedEntry } | { readonly archived: ArchiveEntry }
);

/** Writes a record without what has arrived. */
interface Drop extends ConditionalWrite {
  readonly without: StoredRecord;
}

/**
 * Moves entries and archive entries from the documents of their records into collections of their own, in the background,
 * and remembers what has arrived, so that the record's next write leaves it out, or one of its own does, if none comes soon.
 *
 * Nothing is lost when the process dies at any point of this: a piece is dropped from its record only after it has arrived
 * durably; arriving twice changes nothing, and a piece that is older than what has arrived is not taken. Until it is dropped
 * it is found by `carryOn`, because its record says since when it waits.
 *
 * Dropping keeps the record's version. For whoever decides, nothing has changed; a writer who has read the record before
 * the drop puts the pieces back, from where they are moved and dropped once more.
 */
export class MovingOut<Living extends LivingRecord> {
  private waiting = new Map<string, Piece>();
  private inHand = new Map<string, Piece>();
  /** Names of what has arrived and may still lie in its record, by record. */
  private readonly arrived = new Map<string, Set<string>>();
  /** Names of entries that were refused for their own sake, by record. */
  private readonly stuck = new Map<string, Set<string>>();
  /** How many records the last `carryOn` found that stay as they are: they come first and must not crowd the others out. */
  private staying = 0;
  /** How much of a record is on its way. */
  private readonly onTheWay = new Map<string, number>();
  private rooms: { readonly record: string; readonly resolve: () => void }[] = [];
  private running: Promise<void> | undefined;
  /** Called when the round in hand is over, or the next one when none is. */
  private readonly rounds: (() => void)[] = [];
  private dropping: (() => void) | undefined;
  /** Moves what waits at once. */
  private hurry: () => void = () => undefined;
  private closed = false;

  constructor(
    private readonly records: RecordCollection,
    private readonly entries: EntryCollection,
    private readonly archive: MongoArchive,
    private readonly translation: RecordDocuments<Living>,
    private readonly known: KnownRecords,
    private readonly clock: Clock,
    private readonly refusals: Refusals,
  ) {}

  /** Takes over what the stored record still holds, but for what others brought just now: they are at it. */
  take(record: string, stored: StoredRecord, { abandoned = false } = {}): void {
    const fresh = this.clock.now() - ABANDONED_AFTER_MS;
    const arrived = this.arrived.get(record);
    const held = new Set<string>();
    for (const { since, ...piece } of this.piecesOf(record, stored)) {
      held.add(piece.name);
      if (arrived?.has(piece.name) || this.waiting.has(piece.name) || this.inHand.has(piece.name)) continue;
      const own = 'entry' in piece ? piece.entry.version === stored.version : since >= fresh;
      if (!own && !abandoned && since >= fresh) continue;
      this.waiting.set(piece.name, piece);
      this.onTheWay.set(record, (this.onTheWay.get(record) ?? 0) + 1);
    }
    this.forgetAllBut(record, held);
    if (this.waiting.size > 0) this.running ??= this.run();
    if (this.waiting.size >= ENOUGH) this.hurry();
  }

  /** The record without what has arrived where it belongs. */
  without(record: string, stored: StoredRecord): StoredRecord {
    const arrived = this.arrived.get(record);
    if (!arrived) return stored;
    return {
      ...stored,
      entries: stored.entries.filter((entry) => !arrived.has(nameOfEntry(record, entry))),
      leaving: stored.leaving.filter((entry) => !arrived.has(nameOfArchived(record, entry))),
    };
  }

  /** Undefined while there is room for more; else resolves when there is, or it has been waited for long enough. */
  room(record: string): Promise<void> | undefined {
    if ((this.onTheWay.get(record) ?? 0) <= MOST_ON_THE_WAY) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LONGEST_WAIT_FOR_ROOM_MS);
      this.rooms.push({
        record,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      });
    });
  }

  /**
   * Moves and drops what has lain in records since before `before`, beside those that stay as they are in `limit` of them at
   * most: some process did not come to it.
   */
  async carryOn(before: number, limit: number): Promise<void> {
    const found = await this.records.documents
      .find({ movingSince: { $lt: before } })
      .sort({ movingSince: 1 })
      .limit(limit + this.staying)
      .toArray();
    if (found.length === 0) {
      this.staying = 0;
      return;
    }
    for (const document of found) {
      const stored = unlessItThrows(() => this.translation.parse(document));
      if (stored) this.take(idOf(document), stored, { abandoned: true });
    }
    if (this.running) await new Promise<void>((resolve) => this.rounds.push(resolve));
    const damaged = new Set(await this.drop(found.map(idOf)));
    this.staying = found.map(idOf).filter((id) => damaged.has(id) || this.stuck.has(id)).length;
  }

  /** Moves what it has taken over, as far as the server can be reached, and drops it. */
  async close(): Promise<void> {
    this.closed = true;
    this.dropping?.();
    this.hurry();
    await this.running;
    await this.drop([...this.arrived.keys()]).catch(passed);
  }

  private async run(): Promise<void> {
    while (this.waiting.size > 0) {
      await this.gather();
      [this.inHand, this.waiting] = cut(this.waiting, MOST_AT_ONCE);
      const left = await this.move([...this.inHand.values()]);
      for (const piece of left) this.inHand.delete(piece.name);
      this.settle();
      this.dropSoon();
      // The records still hold them. A process that cannot reach the server says so for other reasons.
      for (const piece of left) this.waiting.set(piece.name, piece);
      for (const resolve of this.rounds.splice(0)) resolve();
      if (left.length > 0 && this.closed) break;
      if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS).unref());
    }
    this.running = undefined;
  }

  private async gather(): Promise<void> {
    if (this.closed || this.waiting.size >= ENOUGH) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GATHER_MS);
      this.hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Answers what has not arrived, and must be tried again. */
  private async move(pieces: readonly Piece[]): Promise<readonly Piece[]> {
    const entries = pieces.flatMap((piece) => ('entry' in piece ? [piece] : []));
    const leaving = pieces.flatMap((piece) => ('archived' in piece ? [piece] : []));
    const [moved, archived] = await Promise.allSettled([
      this.entries.move(entries),
      this.archive.insert(leaving.map(({ record, archived: entry }) => ({ record, entry }))),
    ]);

    const left: Piece[] = moved.status === 'rejected' ? [...entries] : [];
    if (moved.status === 'fulfilled') this.setAside(entries, moved.value);
    if (archived.status === 'rejected') return [...left, ...leaving];
    for (const refused of archived.value) {
      const told = await this.refusals.refuse(refused).then(
        () => true,
        () => false,
      );
      if (!told) left.push(...leaving.filter((piece) => piece.archived === refused.entry));
    }
    return left;
  }

  private setAside(moved: readonly Pick<Piece, 'record' | 'name'>[], refused: readonly StuckEntry[]): void {
    const stuck = new Map(refused.map((each) => [nameOfEntry(each.record, each.entry), each]));
    for (const { record, name } of moved) if (!stuck.has(name)) remove(this.stuck, record, name);
    for (const [name, each] of stuck) {
      if (!this.stuck.get(each.record)?.has(name)) this.refusals.stays(each);
      add(this.stuck, each.record, name);
    }
  }

  private settle(): void {
    for (const { record, name } of this.inHand.values()) {
      if (!this.stuck.get(record)?.has(name)) add(this.arrived, record, name);
      const left = (this.onTheWay.get(record) ?? 1) - 1;
      if (left > 0) this.onTheWay.set(record, left);
      else this.onTheWay.delete(record);
    }
    this.inHand = new Map();

    const { rooms } = this;
    this.rooms = rooms.filter(({ record }) => (this.onTheWay.get(record) ?? 0) > MOST_ON_THE_WAY);
    for (const { record, resolve } of rooms) if ((this.onTheWay.get(record) ?? 0) <= MOST_ON_THE_WAY) resolve();
  }

  private dropSoon(): void {
    if (this.closed || this.arrived.size === 0) return;
    this.dropping ??= this.clock.after(DROP_AFTER_MS, () => {
      this.dropping = undefined;
      // A drop that fails, for whatever reason, is no loss: the record's next write does it, or the next drop.
      void this.drop([...this.arrived.keys()])
        .catch(() => undefined)
        .finally(() => this.dropSoon());
    });
  }

  /**
   * Writes the records without what has arrived, unless somebody changes them meanwhile. Answers those that cannot be read
   * or composed.
   */
  private async drop(ids: readonly string[]): Promise<readonly string[]> {
    const damaged: string[] = [];
    for (let at = 0; at < ids.length; at += MOST_RECORDS_PER_DROP)
      damaged.push(...(await this.dropFrom(ids.slice(at, at + MOST_RECORDS_PER_DROP))));
    return damaged;
  }

  private async dropFrom(ids: readonly string[]): Promise<readonly string[]> {
    const left = new Map<string, StoredRecord>();
    const writes: Drop[] = [];
    const damaged: string[] = [];
    for (const [id, read] of await this.readable(ids)) {
      const looked = unlessItThrows(() => this.lookAt(id, read()));
      if (looked) left.set(id, looked.stored);
      else damaged.push(id);
      if (looked?.drop) writes.push(looked.drop);
    }
    // They must not come up again at once: what they still hold is found by `carryOn`.
    for (const id of damaged) this.arrived.delete(id);
    const outcomes = await this.records.write(writes);

    for (const [index, { document, without }] of writes.entries()) {
      const id = idOf(document);
      // A record that is known with what was dropped would bring it back.
      if (outcomes[index] === 'stored' && this.known.get(id)?.version === without.version) this.known.keep(id, without);
      else this.known.forget(id);
      if (outcomes[index] === 'stored') left.set(id, without);
    }
    for (const [id, stored] of left) this.forgetAllBut(id, new Set(this.piecesOf(id, stored).map(({ name }) => name)));
    return damaged;
  }

  /**
   * By id, how the records are read. One that is known with what has arrived is not asked for: its write is conditional. One
   * that is known without may have got it from another process since, and nothing would be written that showed it.
   */
  private async readable(ids: readonly string[]): Promise<ReadonlyMap<string, () => StoredRecord>> {
    const readable = new Map<string, () => StoredRecord>();
    for (const id of ids) {
      const known = this.known.get(id);
      if (known && this.holdsArrived(id, known)) readable.set(id, () => this.known.get(id) ?? known);
    }
    const documents = await this.records.load(ids.filter((id) => !readable.has(id)));
    for (const document of documents) readable.set(idOf(document), () => this.translation.parse(document));
    return readable;
  }

  private holdsArrived(id: string, stored: StoredRecord): boolean {
    const arrived = this.arrived.get(id);
    return arrived !== undefined && this.piecesOf(id, stored).some(({ name }) => arrived.has(name));
  }

  /** The record, and how it is written without what has arrived, if it holds any of that. */
  private lookAt(id: string, stored: StoredRecord): { readonly stored: StoredRecord; readonly drop: Drop | undefined } {
    const without = this.without(id, stored);
    const dropped = stored.entries.length + stored.leaving.length - without.entries.length - without.leaving.length;
    if (dropped === 0) return { stored, drop: undefined };
    return { stored, drop: { document: this.translation.compose(id, without), from: stored.version, without } };
  }

  /** Trap: what is in hand may be newer than what was seen of its record, and what becomes of it is not known yet. */
  private forgetAllBut(record: string, held: ReadonlySet<string>): void {
    for (const names of [this.arrived, this.stuck])
      for (const name of names.get(record) ?? [])
        if (!held.has(name) && !this.inHand.has(name)) remove(names, record, name);
  }

  private piecesOf(
    record: string,
    { entries, leaving }: StoredRecord,
  ): readonly (Piece & { readonly since: number })[] {
    return [
      ...entries.map((entry) => ({ record, name: nameOfEntry(record, entry), entry, since: entry.since })),
      ...leaving.map((archived) => ({
        record,
        name: nameOfArchived(record, archived),
        archived,
        since: this.translation.since(archived),
      })),
    ];
  }
}

function add(names: Map<string, Set<string>>, record: string, name: string): void {
  const before = names.get(record);
  if (before) before.add(name);
  else names.set(record, new Set([name]));
}

function remove(names: Map<string, Set<string>>, record: string, name: string): void {
  const before = names.get(record);
  before?.delete(name);
  if (before?.size === 0) names.delete(record);
}

function nameOfEntry(record: string, { key, version }: VersionedEntry): string {
  return JSON.stringify([record, version, key]);
}

function nameOfArchived(record: string, { kind, id }: ArchiveEntry): string {
  return JSON.stringify([record, kind, id, 'archive']);
}

/** A record that cannot be read or composed stays behind, and holds up no other; a change of it tells its callers why. */
function unlessItThrows<Answer>(act: () => Answer): Answer | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}

function passed(error: unknown): void {
  if (!mongoFault(error)) throw error;
}

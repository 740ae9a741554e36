import { randomBytes } from 'node:crypto';
import { MongoServerError } from 'mongodb';
import { Fault } from '../store/fault';
import type { KeptEntry } from '../store/entries';
import type { LivingRecord, RecordKind } from '../store/records';
import type { EntryCollection } from './entry-collection';
import type { KnownRecords } from './known-records';
import { asFault, isRefusedFor } from './mongo-fault';
import type { MovingOut } from './moving-out';
import type { ConditionalWrite, Outcome, RecordCollection } from './record-collection';
import { idOf } from './record-document';
import type { RecordDocuments, StoredRecord } from './record-document';
import type { RecordTurn } from './record-turn';
import { StagedRecord } from './staged-record';
import type { Verdict } from './staged-record';

const PROCESS = randomBytes(9).toString('base64url');
let commits = 0;

/** How a turn must go on: after another writer, at once, because only the record can tell, or after this fault. */
export type Again = 'stale' | 'look' | Fault;

/** Undefined when all callers of the turn were told. */
export type Conclusion = Again | undefined;

/** What the records of one kind are read from and written to. */
export interface Storage<Living extends LivingRecord> {
  readonly kind: RecordKind<Living>;
  readonly records: RecordCollection;
  readonly entries: EntryCollection;
  readonly translation: RecordDocuments<Living>;
  readonly moving: MovingOut<Living>;
  readonly known: KnownRecords;
  readonly now: () => number;
}

interface Written<Living extends LivingRecord> extends ConditionalWrite {
  readonly turn: RecordTurn<Living>;
  readonly after: StoredRecord;
  readonly verdicts: readonly Verdict[];
}

/**
 * Tries the turns of many records together: one read of the records that are not known, one of the entries they are about,
 * the decisions, and one bulk write. Turns do not depend on each other: each has a conclusion of its own, and one whose record
 * cannot be read or stored fails alone.
 */
export async function commitTogether<Living extends LivingRecord>(
  storage: Storage<Living>,
  turns: readonly RecordTurn<Living>[],
): Promise<ReadonlyMap<RecordTurn<Living>, Conclusion>> {
  const conclusions = new Map<RecordTurn<Living>, Conclusion>();
  const undecided = () => turns.filter((turn) => !conclusions.has(turn));
  try {
    const { found, assumed } = await load(storage, turns);
    for (const turn of turns) {
      const stored = found.get(turn.id);
      if (!turn.tellIfStored(stored)) continue;
      if (stored) storage.moving.take(turn.id, stored);
      conclusions.set(turn, undefined);
    }

    const entries = await loadEntries(storage, undecided(), found);
    const writes: Written<Living>[] = [];
    for (const turn of undecided()) {
      const before = { stored: found.get(turn.id), isAssumed: assumed.has(turn.id) };
      const staged = stage(storage, turn, before, entries.get(turn.id));
      if (typeof staged === 'object') writes.push(staged);
      else conclusions.set(turn, staged);
    }

    for (const { turn, after, from, verdicts } of writes) turn.try(after.commits.at(-1)!, from, verdicts);
    const outcomes = await storage.records.write(writes);
    for (const [index, write] of writes.entries())
      conclusions.set(write.turn, conclude(storage, write, outcomes[index]!));
  } catch (error) {
    for (const [turn, conclusion] of await afterFailure(storage, undecided(), asFault(error)))
      conclusions.set(turn, conclusion);
  }
  return conclusions;
}

/**
 * The records, and those among them that are assumed to be as this process has left them: whoever has met no other writer
 * and no failure need not ask. What is known to be in its own collection is left out, and so leaves with the next write.
 */
async function load<Living extends LivingRecord>(
  { records, translation, moving, known }: Storage<Living>,
  turns: readonly RecordTurn<Living>[],
): Promise<{ readonly found: ReadonlyMap<string, StoredRecord>; readonly assumed: ReadonlySet<string> }> {
  const found = new Map<string, StoredRecord>();
  for (const { id, isFirstTry } of turns) {
    const stored = isFirstTry ? known.get(id) : undefined;
    if (stored) found.set(id, moving.without(id, stored));
  }
  const assumed = new Set(found.keys());
  const documents = await records.load(turns.map(({ id }) => id).filter((id) => !assumed.has(id)));
  for (const document of documents)
    found.set(idOf(document), moving.without(idOf(document), translation.parse(document)));
  return { found, assumed };
}

/**
 * The entries that the turns are about, by record. Trap: entries are read after their record, never before or beside it: so
 * an entry that moves meanwhile is seen in one place at least. One that is newer than the record makes the reading `torn`.
 */
async function loadEntries<Living extends LivingRecord>(
  { entries }: Storage<Living>,
  turns: readonly RecordTurn<Living>[],
  found: ReadonlyMap<string, StoredRecord>,
): Promise<ReadonlyMap<string, Map<string, KeptEntry> | 'torn'>> {
  const loaded = new Map<string, Map<string, KeptEntry> | 'torn'>();
  const wanted: [record: string, key: string][] = [];
  for (const { id, about } of turns) {
    const stored = found.get(id);
    if (!stored) continue;
    const { kept, missing } = entriesWithin(stored, about);
    loaded.set(id, kept);
    for (const key of missing) wanted.push([id, key]);
  }

  for (const { record, entry } of await entries.load(wanted)) {
    const kept = loaded.get(record);
    if (!kept || kept === 'torn') continue;
    if (entry.version > (found.get(record)?.version ?? 0)) loaded.set(record, 'torn');
    else if (entry.kept) kept.set(entry.key, entry.kept);
  }
  return loaded;
}

/** What the record itself says about these entries, and those about which it says nothing. */
export function entriesWithin(
  { entries }: StoredRecord,
  about: Iterable<string>,
): { readonly kept: Map<string, KeptEntry>; readonly missing: readonly string[] } {
  const within = new Map(entries.map((entry) => [entry.key, entry]));
  const kept = new Map<string, KeptEntry>();
  const missing: string[] = [];
  for (const key of about) {
    const entry = within.get(key);
    if (!entry) missing.push(key);
    else if (entry.kept) kept.set(key, entry.kept);
  }
  return { kept, missing };
}

/**
 * Runs the turn's changes; undefined when nothing is to be written and everybody was told. Of a record that is only assumed
 * nobody can be told that: no write would show that it is not so any more.
 */
function stage<Living extends LivingRecord>(
  { kind, translation, now }: Storage<Living>,
  turn: RecordTurn<Living>,
  { stored: before, isAssumed }: { readonly stored: StoredRecord | undefined; readonly isAssumed: boolean },
  entries: Map<string, KeptEntry> | 'torn' = new Map<string, KeptEntry>(),
): Written<Living> | 'look' | undefined {
  if (entries === 'torn') return 'look';
  const staged = new StagedRecord<Living>(kind, turn.id, before, entries);
  const verdicts = turn.asked.map(({ about, decide }) => staged.run(about, decide));
  const from = before?.version ?? 0;
  if (!staged.changed) {
    if (isAssumed) return 'look';
    if (turn.mayLand(from)) turn.fail(unsettled(turn.id));
    else turn.tell(verdicts);
    return undefined;
  }

  const after = staged.after(nextCommit(), now());
  const document = translation.compose(turn.id, after, staged.latest);
  return { turn, after, from, document, verdicts };
}

function conclude<Living extends LivingRecord>(
  { moving, known }: Storage<Living>,
  { turn, after }: Written<Living>,
  outcome: Outcome,
): Conclusion {
  known.forget(turn.id);
  if (outcome === 'stored') {
    known.keep(turn.id, after);
    turn.tellLast();
    moving.take(turn.id, after);
    return undefined;
  }
  if (outcome === 'stale') {
    turn.withdraw();
    return outcome;
  }
  if (outcome === 'look') {
    turn.closeLast();
    return outcome;
  }
  turn.fail(asFault(outcome.refused));
  return undefined;
}

/** Whether anything was written is not known; what waiting does not help, the callers are told. */
async function afterFailure<Living extends LivingRecord>(
  storage: Storage<Living>,
  turns: readonly RecordTurn<Living>[],
  reason: unknown,
): Promise<ReadonlyMap<RecordTurn<Living>, Conclusion>> {
  // One of them cannot be read or composed, or together they are too large: in ever smaller company, until each answers for
  // itself alone.
  if (!(reason instanceof Fault) && !isAboutServer(reason) && turns.length > 1) {
    const half = Math.ceil(turns.length / 2);
    const some = await commitTogether(storage, turns.slice(0, half));
    return new Map([...some, ...(await commitTogether(storage, turns.slice(half)))]);
  }
  const isPassing = reason instanceof Fault && reason.retryable;
  for (const turn of turns) {
    storage.known.forget(turn.id);
    if (!isPassing) turn.fail(reason);
  }
  return new Map(turns.map((turn) => [turn, isPassing ? reason : undefined]));
}

/** What the server would answer in whatever company. */
function isAboutServer(reason: unknown): boolean {
  return reason instanceof MongoServerError && !isRefusedFor(Number(reason.code));
}

/** Unlike every other commit's, in whatever process. */
function nextCommit(): string {
  return `${PROCESS}.${(commits++).toString(36)}`;
}

function unsettled(id: string): Fault {
  return new Fault('outcome-unknown', `A change of "${id}" was sent, and may still be stored.`);
}

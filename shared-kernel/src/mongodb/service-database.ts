import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import type { Collection, Document, MongoClientOptions, TopologyDescription } from 'mongodb';
import type { MessageLog } from '../messaging/message-log';
import { Fault } from '../store/fault';
import { mustBeKeptZone } from '../store/kept-zone';
import type { LivingRecord, RecordKind } from '../store/records';
import type { Clock } from '../time/clock';
import { MongoArchive } from './archive.mongo';
import type { ArchiveDocument } from './archive.mongo';
import { DEFAULT_PATIENCE } from './change-queue';
import type { Patience } from './change-queue';
import { EntryCollection } from './entry-collection';
import type { EntryDocument } from './entry-collection';
import { mustAskForEnough, mustBeFit, unreadableFile } from './fitness';
import { MongoEventRecords } from './event-records.mongo';
import type { EventDocument } from './event-records.mongo';
import {
  ARCHIVE_INDEXES,
  ensureIndexes,
  ENTRY_INDEXES,
  EVENT_INDEXES,
  PARKED_INDEXES,
  RECORD_INDEXES,
} from './indexes';
import type { Index } from './indexes';
import { KnownRecords } from './known-records';
import { MongoLeases } from './lease.mongo';
import type { LeaseDocument } from './lease.mongo';
import { asFault, isDuplicateKey, translated } from './mongo-fault';
import { MovingOut } from './moving-out';
import type { Refusals } from './moving-out';
import { MongoNumbers } from './numbers.mongo';
import type { NumberDocument } from './numbers.mongo';
import { MongoParking } from './parking.mongo';
import type { ParkedDocument } from './parking.mongo';
import { RecordCollection } from './record-collection';
import { OWN_FIELDS, RecordDocuments } from './record-document';
import type { RecordDocument } from './record-document';
import { MongoRecords } from './records.mongo';
import { endWritesWithTheirConnection } from './write-guard';

export interface DatabaseSettings {
  readonly clock: Clock;
  /** Kept at the first start, and the only one with which there is a later one; only who never writes leaves it out. */
  readonly zone?: string;
  /** A server without a replica set is refused, unless this says that losing acknowledged changes is all right. */
  readonly allowStandalone?: boolean;
  /** Told, again and again, why the start has to wait. */
  readonly waiting?: (fault: Fault) => void;
  /** What becomes of an archive entry that the server will never take; without it, it stays in its record. */
  readonly refuse?: Refusals['refuse'];
  /** Told of an entry that the server will not take into the collection of entries. */
  readonly stays?: Refusals['stays'];
  readonly patience?: Patience;
  /** Of the driver: for observing it. What a change rests on cannot be set here. */
  readonly driver?: Pick<MongoClientOptions, 'monitorCommands' | 'appName' | 'maxPoolSize' | 'socketTimeoutMS'>;
}

interface ZoneDocument {
  readonly _id: 'zone';
  readonly name: string;
}

/** How one kind of record is kept, beyond what the kind itself says. */
export interface Keeping {
  /** Lists of columns that the service selects or sorts by. */
  readonly indexes?: readonly (readonly string[])[];
}

export interface StoreSafety {
  readonly version: string;
  readonly isReplicaSet: boolean;
  readonly waitsForMajority: boolean;
  readonly waitsForJournal: boolean;
}

/** Below any lease and any caller's patience. */
const SERVER_SELECTION_MS = 3_000;
/** Well below the patience of a change: what an answer that never came would have said must still be found out. */
const SOCKET_TIMEOUT_MS = 5_000;
/** Below the two seconds that `/health/ready` gives a check; the driver looks for a server for longer. */
const HEALTH_WITHIN_MS = 1_500;
const TRY_AGAIN_AFTER_MS = 1_000;
const POOL_CHECK_MS = 5_000;

/** The part of a MongoDB deployment that belongs to one service: its records, its archive, its numbers. */
export class ServiceDatabase {
  readonly archive: MongoArchive;
  /** What the next start makes sure of. */
  private readonly expected = new Map<string, readonly Index[]>();
  private readonly opened: MongoRecords<never>[] = [];
  private topology: TopologyDescription | undefined;
  private isStarted = false;
  private closed = false;

  private constructor(
    /** For observing commands and connections; only tests use more of it. */
    readonly client: MongoClient,
    private readonly name: string,
    private readonly settings: DatabaseSettings,
  ) {
    client.on('topologyDescriptionChanged', ({ newDescription }) => (this.topology = newDescription));
    this.archive = new MongoArchive(this.collection<ArchiveDocument>('archive', ARCHIVE_INDEXES));
  }

  /** Connects to nothing yet. Throws when the URL asks for less than a change needs. */
  static open(url: string, name: string, settings: DatabaseSettings): ServiceDatabase {
    mustAskForEnough(url);
    endWritesWithTheirConnection();
    const client = new MongoClient(url, {
      serverSelectionTimeoutMS: SERVER_SELECTION_MS,
      connectTimeoutMS: SERVER_SELECTION_MS,
      socketTimeoutMS: SOCKET_TIMEOUT_MS,
      ...settings.driver,
      writeConcern: { w: 'majority', journal: true },
      readConcern: { level: 'majority' },
      readPreference: 'primary',
      // A lost answer is settled by asking the record, which is right even when the driver's own retry would give up.
      retryWrites: false,
      retryReads: false,
      ignoreUndefined: true,
    });
    // The driver looks through its pool ten times a second, and has no public setting for it. What it looks for, connections
    // that are too old, it also finds when it takes one out.
    Object.assign(client.options, { minPoolSizeCheckFrequencyMS: POOL_CHECK_MS });
    return new ServiceDatabase(client, name, settings);
  }

  /**
   * Waits for the server for as long as it takes, and makes sure that it is fit and has every index. Rejects with the Fault
   * `store-unsuitable` when the server is there and will not do, or `zone-changed`. To be called again after something new
   * was asked for.
   */
  async start(): Promise<void> {
    for (;;) {
      try {
        await this.check();
        this.isStarted = true;
        return;
      } catch (error) {
        const fault = asFault(error);
        if (!(fault instanceof Fault) || !fault.retryable || this.closed) throw fault;
        this.settings.waiting?.(fault);
      }
      await new Promise((resolve) => setTimeout(resolve, TRY_AGAIN_AFTER_MS));
    }
  }

  records<Living extends LivingRecord>(kind: RecordKind<Living>, keeping: Keeping = {}): MongoRecords<Living> {
    mustNotCollide(kind.name, Object.keys(kind.columns ?? {}));
    const { clock, refuse = staysWhereItIs, stays = () => undefined, patience = DEFAULT_PATIENCE } = this.settings;
    const now = () => clock.now();
    const indexes = (keeping.indexes ?? []).map((columns) => ({
      fields: Object.fromEntries(columns.map((column) => [column, 1 as const])),
    }));
    const records = new RecordCollection(this.collection<RecordDocument>(kind.name, [...RECORD_INDEXES, ...indexes]));
    const entries = new EntryCollection(this.collection<EntryDocument>(entriesOf(kind.name), ENTRY_INDEXES), now);
    const translation = new RecordDocuments(kind, now);
    const known = new KnownRecords();
    const moving = new MovingOut(records, entries, this.archive, translation, known, clock, { refuse, stays });

    const opened = new MongoRecords({ kind, records, entries, translation, moving, known, now }, patience);
    this.opened.push(opened as unknown as MongoRecords<never>);
    return opened;
  }

  /** A counter. */
  numbers(name: string): MongoNumbers {
    return new MongoNumbers(this.collection<NumberDocument>('numbers'), name);
  }

  /** Where messages are parked; their copies go to the log. */
  parking(log: Pick<MessageLog, 'publish'>): MongoParking {
    return new MongoParking(
      this.collection<ParkedDocument>('parked', PARKED_INDEXES),
      this.numbers('parked messages'),
      log,
    );
  }

  /** What the service has published, and when. */
  eventRecords(): MongoEventRecords {
    return new MongoEventRecords(this.collection<EventDocument>('events', EVENT_INDEXES));
  }

  /** The leases of the service's processes; each call is a process of its own. */
  leases(): MongoLeases {
    return new MongoLeases(this.collection<LeaseDocument>('leases'), randomUUID());
  }

  /** For a service's own lists, over the columns that its kinds declare. The indexes are created by the next `start`. */
  collection<Stored extends Document>(name: string, indexes: readonly Index[] = []): Collection<Stored> {
    this.expected.set(name, [...(this.expected.get(name) ?? []), ...indexes]);
    return this.client.db(this.name).collection<Stored>(name);
  }

  /** Drops a collection, and expects nothing of it any more. */
  async drop(name: string): Promise<void> {
    this.expected.delete(name);
    await translated(this.client.db(this.name).collection(name).drop());
  }

  /** Whose days the data count; undefined when no service has started on them since this is kept. */
  async keptZone(): Promise<string | undefined> {
    return (await translated(this.zones.findOne({ _id: 'zone' })))?.name;
  }

  /** `ok`, or the sentence that says why the server cannot be used; asked anew each time. */
  async health(): Promise<string> {
    if (!this.isStarted) return 'MongoDB was not reached yet.';
    // Trap: the driver takes its end for a timeout of its own. The error says what was waited for, unless that was the answer.
    const signal = AbortSignal.timeout(HEALTH_WITHIN_MS);
    try {
      await this.client.db(this.name).command({ ping: 1 }, { signal });
      return 'ok';
    } catch (error) {
      const fault = asFault(error);
      if (fault instanceof Fault) return fault.message;
      if (signal.aborted) return `MongoDB cannot be reached: no answer within ${HEALTH_WITHIN_MS / 1_000} s.`;
      throw error;
    }
  }

  /** Which server it is, and what each write asks of it before it counts as done. */
  async safety(): Promise<StoreSafety> {
    const { version } = await translated(this.client.db('admin').command({ buildInfo: 1 }));
    const { w, journal } = this.client.options.writeConcern ?? {};
    return {
      version: String(version),
      isReplicaSet: this.topology?.type !== 'Single',
      waitsForMajority: w === 'majority',
      waitsForJournal: journal === true,
    };
  }

  /** Takes no more changes, waits for the earlier ones, and closes the connections. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.opened.map((records) => records.close()));
    await this.client.close();
  }

  private async check(): Promise<void> {
    // Trap: after a first attempt that failed, the driver tries again only when it is told to.
    await this.client.connect().catch((error: unknown) => {
      throw unreadableFile(error) ?? error;
    });
    await this.client.db(this.name).command({ ping: 1 });
    if (this.topology) mustBeFit(this.topology, this.settings.allowStandalone ?? false);
    for (const [name, indexes] of this.expected) {
      await ensureIndexes(this.client.db(this.name).collection(name), indexes);
      // Trap: asked for once more, they would bring back a collection that was dropped meanwhile, by any process.
      if (this.expected.get(name) === indexes) this.expected.delete(name);
    }
    if (this.settings.zone !== undefined) await this.keepZone(this.settings.zone);
  }

  private async keepZone(zone: string): Promise<void> {
    const kept = await this.keptZone();
    if (kept !== undefined) {
      mustBeKeptZone(kept, zone);
      return;
    }
    try {
      await this.zones.insertOne({ _id: 'zone', name: zone });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // Another process has kept its own just now.
      await this.keepZone(zone);
    }
  }

  private get zones(): Collection<ZoneDocument> {
    return this.client.db(this.name).collection<ZoneDocument>('zone');
  }
}

/** The collection in which the entries of a kind lie. */
export function entriesOf(kind: string): string {
  return `${kind}_entries`;
}

function staysWhereItIs(): Promise<void> {
  return Promise.reject(new Error('Nobody takes refused archive entries.'));
}

function mustNotCollide(kind: string, columns: readonly string[]): void {
  const taken = columns.find((column) => OWN_FIELDS.includes(column) || !/^[a-z][a-z0-9_]*$/u.test(column));
  if (taken !== undefined) throw new Error(`"${taken}" cannot be the name of a column of ${kind}.`);
}

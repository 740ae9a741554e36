import { NOTHING_STORED } from '@library/rental-service/application/rental-record';
import type { StoredRental } from '@library/rental-service/application/rental-record';
import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import type { ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import type { ParkedMessage } from '@library/shared-kernel/messaging/parking';
import type { OutgoingMessage } from '@library/shared-kernel/messaging/event-message';
import type { Stored } from '@library/shared-kernel/testing/records.memory';
import type {
  CardEvidence,
  DayEvidence,
  Evidence,
  FenceEvidence,
  KeyEvidence,
  Left,
  MessageEvidence,
  Portions,
  Position,
  RecordEvidence,
  Waiting,
} from '@library/standalone/verify/evidence';
import { daysIn, fencesIn, keysIn } from '@library/standalone/verify/stored-entries';
import type { StoredEntry } from '@library/standalone/verify/stored-entries';
import type { Role } from '../world/roles';
import type { SimulatedLibrary } from '../world/simulated-library';

/** What `verify` looks at, taken from the simulated stores and log at one moment. */
export class SimulatedEvidence implements Evidence {
  readonly now: number;
  readonly logReachable = true;
  /** Nothing is stored that could outlive a start. */
  readonly zone = undefined;
  readonly wholeTopics: ReadonlySet<string> = new Set(SAGA_TOPICS);

  constructor(private readonly library: SimulatedLibrary) {
    this.now = library.time.now();
  }

  async *cards(): Portions<CardEvidence> {
    yield this.all('rental').map(([member, stored]) => ({
      member,
      stored: (bodyOf(stored) ?? NOTHING_STORED) as StoredRental,
      waiting: waitingOf(stored),
      dueAt: stored.dueAt,
      aliases: stored.aliases,
    }));
  }

  async *keys(): Portions<KeyEvidence> {
    yield keysIn(this.entries('rental'));
  }

  endedSagas = () => this.left<SagaLeft>('rental', 'saga');
  history = () => this.left<HistoryLeft>('rental', 'history');
  ledger = () => this.left<LedgerLeft>('member', 'ledger');

  books = () => this.records<BookStored>('book');
  members = () => this.records<MemberStored>('member');
  rentCounts = () => this.records<CountStored>('bestbook');

  async *rentDays(): Portions<DayEvidence> {
    yield daysIn(this.entries('bestbook'));
  }

  async *fences(participant: ParticipantName): Portions<FenceEvidence> {
    yield fencesIn(this.entries(participant));
  }

  async *messages(): Portions<MessageEvidence> {
    for (const topic of SAGA_TOPICS) {
      yield this.library.broker
        .messages(topic)
        .map((message) => ({ ...message, isTombstone: message.value === undefined }));
    }
  }

  positions(): readonly Position[] {
    return this.library.broker.positions();
  }

  async *parked(): Portions<ParkedMessage> {
    yield await this.library.parking.list({ limit: Infinity });
  }

  private async *records<Body>(role: Role): Portions<RecordEvidence<Body>> {
    yield this.all(role).map(([id, stored]) => ({
      id,
      stored: (bodyOf(stored) ?? {}) as Body,
      waiting: waitingOf(stored),
    }));
  }

  private async *left<Entry>(role: Role, kind: string): Portions<Left<Entry>> {
    const archived = await this.library.stores.of(role).archive.listAll(kind, { limit: Infinity });
    yield archived.toReversed().map(({ id, record, document }) => ({ id, record, entry: document as Entry }));
  }

  private entries(role: Role): readonly StoredEntry[] {
    return this.all(role).flatMap(([record, { entries }]) =>
      [...entries].map(([key, { value, until }]) => ({ record, key, value: JSON.parse(value) as unknown, until })),
    );
  }

  private all(role: Role): readonly (readonly [id: string, stored: Stored])[] {
    return this.library.stores.of(role).all();
  }
}

type SagaLeft = EntryOf<Evidence['endedSagas']>;
type HistoryLeft = EntryOf<Evidence['history']>;
type LedgerLeft = EntryOf<Evidence['ledger']>;
type EntryOf<List> = List extends () => Portions<Left<infer Entry>> ? Entry : never;

type BookStored = StoredIn<Evidence['books']>;
type MemberStored = StoredIn<Evidence['members']>;
type CountStored = StoredIn<Evidence['rentCounts']>;
type StoredIn<List> = List extends () => Portions<RecordEvidence<infer Body>> ? Body : never;

function bodyOf({ body }: Stored): unknown {
  return body === undefined ? undefined : JSON.parse(body);
}

function waitingOf({ waiting, waitingSince }: Stored): Waiting {
  return {
    messages: waiting.map((text) => (JSON.parse(text) as { message: OutgoingMessage }).message),
    since: waitingSince === Infinity ? undefined : waitingSince,
  };
}

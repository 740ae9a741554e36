import { setImmediate as turn } from 'node:timers/promises';
import type { RentCountState } from '@library/bestbook-service/domain/rent-count';
import type { StoredBook } from '@library/book-service/application/book-record';
import type { StoredMember } from '@library/member-service/application/member-record';
import type { DatedEntry } from '@library/member-service/application/member-record';
import type { StoredRental } from '@library/rental-service/application/rental-record';
import type { Answered } from '@library/rental-service/application/answered';
import type { ReturnedItem } from '@library/rental-service/domain/card-item';
import type { ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import type { LogMessage } from '@library/shared-kernel/messaging/message-log';
import type { OutgoingMessage } from '@library/shared-kernel/messaging/event-message';
import type { ParkedMessage, Parking } from '@library/shared-kernel/messaging/parking';
import type { Fence } from '@library/shared-kernel/participant/fence';
import type { Saga } from '@library/shared-kernel/saga/saga';

const PARKED_AT_ONCE = 500;

/** A long list, a portion at a time; between two of them others have their turn. */
export type Portions<Item> = AsyncIterable<readonly Item[]>;

/** What a record still has to publish. */
export interface Waiting {
  readonly messages: readonly OutgoingMessage[];
  /** By when the sweep finds it. */
  readonly since: number | undefined;
}

/** Changes with the record, where records are not all read at one moment; absent where they are. */
export type Version = number;

export interface CardEvidence {
  readonly member: string;
  readonly version?: Version;
  readonly stored: StoredRental;
  readonly waiting: Waiting;
  /** By when the sweep finds its sagas. */
  readonly dueAt: number | undefined;
  /** The ids by which its sagas are found. */
  readonly aliases: readonly string[];
}

export interface RecordEvidence<Stored> {
  readonly id: string;
  readonly version?: Version;
  readonly stored: Stored;
  readonly waiting: Waiting;
}

export interface KeyEvidence {
  readonly member: string;
  readonly key: string;
  readonly answer: Answered;
}

/** What has left a record; `record` is the one that it has left. */
export interface Left<Entry> {
  readonly id: string;
  readonly record: string;
  readonly entry: Entry;
}

export interface FenceEvidence {
  readonly record: string;
  readonly saga: string;
  readonly fence: Fence;
}

export interface DayEvidence {
  /** Number of the book. */
  readonly record: string;
  readonly day: string;
  readonly rents: number;
}

/** A message as far as it tells whose it is; its bytes are not read. */
export interface MessageEvidence extends Pick<LogMessage, 'topic' | 'partition' | 'offset' | 'headers'> {
  readonly isTombstone: boolean;
}

/** How far a consumer group has come in a partition. */
export interface Position {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  /** The next message that it has not handled. */
  readonly offset: number;
}

/**
 * Everything that the services and the log hold. Archived things come by ascending id. It is as it was at one moment, or
 * else every record has a version, and whatever came out of a record is found there or where it went.
 */
export interface Evidence {
  /** The time by which it is judged what is late. */
  readonly now: number;
  /** What waits to be published is no offence as long as it cannot be. */
  readonly logReachable: boolean;
  /** Whose days the data count; undefined when they are older than this is kept. */
  readonly zone: string | undefined;
  cards(): Portions<CardEvidence>;
  keys(): Portions<KeyEvidence>;
  endedSagas(): Portions<Left<Saga>>;
  history(): Portions<Left<ReturnedItem>>;
  books(): Portions<RecordEvidence<StoredBook>>;
  members(): Portions<RecordEvidence<StoredMember>>;
  ledger(): Portions<Left<DatedEntry>>;
  rentCounts(): Portions<RecordEvidence<StoredCount>>;
  rentDays(): Portions<DayEvidence>;
  fences(participant: ParticipantName): Portions<FenceEvidence>;
  /** The messages of the saga topics. */
  messages(): Portions<MessageEvidence>;
  /** The topics from which no message was ever deleted. */
  readonly wholeTopics: ReadonlySet<string>;
  positions(): readonly Position[];
  parked(): Portions<ParkedMessage>;
}

export interface StoredCount {
  readonly count?: RentCountState;
  readonly newestForgotten?: number;
}

/** All that is parked, as `parked` wants it. */
export async function* listParked(parking: Pick<Parking, 'list'>): Portions<ParkedMessage> {
  for (let before: string | undefined; ;) {
    const parked = await parking.list({ limit: PARKED_AT_ONCE, ...(before === undefined ? {} : { before }) });
    yield parked;
    before = parked.at(-1)?.id;
    if (parked.length < PARKED_AT_ONCE) return;
    await turn();
  }
}

import { mongoBestBookStores } from '@library/bestbook-service/adapters/out/mongo/best-book-stores.mongo';
import { rentCountKind } from '@library/bestbook-service/application/rent-count-kind';
import { BESTBOOK_SERVICE } from '@library/bestbook-service/composition-root';
import { bookKind } from '@library/book-service/application/book-kind';
import type { StoredBook } from '@library/book-service/application/book-record';
import { BOOK_SERVICE } from '@library/book-service/composition-root';
import { memberKind } from '@library/member-service/application/member-kind';
import type { DatedEntry, StoredMember } from '@library/member-service/application/member-record';
import { MEMBER_SERVICE } from '@library/member-service/composition-root';
import { rentalKind } from '@library/rental-service/application/rental-kind';
import { NOTHING_STORED } from '@library/rental-service/application/rental-record';
import type { StoredRental } from '@library/rental-service/application/rental-record';
import { RENTAL_SERVICE } from '@library/rental-service/composition-root';
import type { ReturnedItem } from '@library/rental-service/domain/card-item';
import type { ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import type { ParkedMessage } from '@library/shared-kernel/messaging/parking';
import type { MongoSurvey, SurveyedRecord } from '@library/shared-kernel/mongodb/survey.mongo';
import type { Saga } from '@library/shared-kernel/saga/saga';
import type { Deployment } from './deployment';
import { listParked } from './evidence';
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
  StoredCount,
} from './evidence';
import { daysIn, fencesIn, keysIn } from './stored-entries';

/** About as many as the brokers answer at once. */
const MESSAGES_AT_ONCE = 4_000;

/** What the four databases and the topics hold, each part as it is when it is asked for. */
export class DistributedEvidence implements Evidence {
  readonly now: number;
  readonly logReachable = true;
  readonly wholeTopics: ReadonlySet<string>;

  private constructor(
    private readonly deployment: Deployment,
    /** Of the ranking that answers. */
    private readonly countKind: string,
    private readonly placed: readonly Position[],
    /** The first offset of each partition, by topic. */
    private readonly firsts: ReadonlyMap<string, readonly number[]>,
    readonly zone: string | undefined,
  ) {
    this.now = deployment.clock.now();
    this.wholeTopics = new Set(
      [...firsts].filter(([, offsets]) => offsets.every((offset) => offset === 0)).map(([topic]) => topic),
    );
  }

  /** Rejects with a Fault when the brokers or the databases cannot be reached, as all reading here does. */
  static async begin(deployment: Deployment): Promise<DistributedEvidence> {
    const { log, databases } = deployment;
    const generation = await mongoBestBookStores(databases.bestbook).chosen.read();

    const ranking = generation === 1 ? BESTBOOK_SERVICE : `${BESTBOOK_SERVICE}.${generation}`;
    const placed: Position[] = [];
    for (const group of [RENTAL_SERVICE, BOOK_SERVICE, MEMBER_SERVICE, ranking])
      for (const place of await log.committed(group, SAGA_TOPICS)) placed.push({ group, ...place });

    const firsts = new Map<string, readonly number[]>();
    for (const topic of SAGA_TOPICS) firsts.set(topic, await log.firsts(topic));
    const zone = await databases.rental.keptZone();
    return new DistributedEvidence(deployment, rentCountKind(generation).name, placed, firsts, zone);
  }

  async *cards(): Portions<CardEvidence> {
    for await (const records of this.surveys.rental.records(rentalKind.name)) {
      yield records.map((record) => ({
        member: record.id,
        version: record.version,
        stored: (record.body ?? NOTHING_STORED) as StoredRental,
        waiting: waitingOf(record),
        dueAt: record.dueAt,
        aliases: record.aliases,
      }));
    }
  }

  async *keys(): Portions<KeyEvidence> {
    for await (const entries of this.surveys.rental.entries(rentalKind.name)) yield keysIn(entries);
  }

  endedSagas(): Portions<Left<Saga>> {
    return left<Saga>(this.surveys.rental, rentalKind.name, 'saga');
  }

  history(): Portions<Left<ReturnedItem>> {
    return left<ReturnedItem>(this.surveys.rental, rentalKind.name, 'history');
  }

  ledger(): Portions<Left<DatedEntry>> {
    return left<DatedEntry>(this.surveys.member, memberKind.name, 'ledger');
  }

  books(): Portions<RecordEvidence<StoredBook>> {
    return bodies<StoredBook>(this.surveys.book, bookKind.name);
  }

  members(): Portions<RecordEvidence<StoredMember>> {
    return bodies<StoredMember>(this.surveys.member, memberKind.name);
  }

  rentCounts(): Portions<RecordEvidence<StoredCount>> {
    return bodies<StoredCount>(this.surveys.bestbook, this.countKind);
  }

  async *rentDays(): Portions<DayEvidence> {
    for await (const entries of this.surveys.bestbook.entries(this.countKind)) yield daysIn(entries);
  }

  async *fences(participant: ParticipantName): Portions<FenceEvidence> {
    const kind = { book: bookKind.name, member: memberKind.name, bestbook: this.countKind }[participant];
    for await (const entries of this.surveys[participant].entries(kind)) yield fencesIn(entries);
  }

  async *messages(): Portions<MessageEvidence> {
    const { log } = this.deployment;
    for (const [topic, firsts] of this.firsts) {
      for (const [partition, end] of (await log.ends(topic)).entries()) {
        for (let next = firsts[partition] ?? 0; next < end;) {
          const read = await log.read(topic, partition, next, Math.min(MESSAGES_AT_ONCE, end - next));
          const last = read.at(-1);
          if (!last) break;
          yield read.map(({ offset, headers, value }) => ({
            topic,
            partition,
            offset,
            headers,
            isTombstone: value === undefined,
          }));
          next = last.offset + 1;
        }
      }
    }
  }

  positions(): readonly Position[] {
    return this.placed;
  }

  async *parked(): Portions<ParkedMessage> {
    const { databases, log } = this.deployment;
    for (const database of Object.values(databases)) yield* listParked(database.parking(log));
  }

  private get surveys() {
    return this.deployment.surveys;
  }
}

async function* bodies<Stored>(survey: MongoSurvey, kind: string): Portions<RecordEvidence<Stored>> {
  for await (const portion of survey.records(kind)) {
    yield portion.map((record) => ({
      id: record.id,
      version: record.version,
      stored: (record.body ?? {}) as Stored,
      waiting: waitingOf(record),
    }));
  }
}

async function* left<Entry>(survey: MongoSurvey, kind: string, archived: string): Portions<Left<Entry>> {
  for await (const portion of survey.archived(kind, archived))
    yield portion.map(({ id, record, document }) => ({ id, record, entry: document as Entry }));
}

function waitingOf({ waiting, waitingSince }: SurveyedRecord) {
  return { messages: waiting, since: waitingSince };
}

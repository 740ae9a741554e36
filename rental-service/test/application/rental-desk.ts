import type { ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import type { EventType } from '@library/shared-kernel/contracts/event-result';
import { bookNo, idempotencyKey, memberId, sagaId } from '@library/shared-kernel/domain/identifiers';
import type { MemberId, SagaId } from '@library/shared-kernel/domain/identifiers';
import type { IdName, Item } from '@library/shared-kernel/domain/names';
import { isRefusal } from '@library/shared-kernel/domain/refusal';
import type { Outcome } from '@library/shared-kernel/messaging/reaction';
import type { Saga } from '@library/shared-kernel/saga/saga';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { UuidV7 } from '@library/shared-kernel/service/uuid-v7';
import { isMisuse } from '@library/shared-kernel/store/kept-answer';
import type { Misuse } from '@library/shared-kernel/store/kept-answer';
import { MemoryStore } from '@library/shared-kernel/testing/records.memory';
import { TestClock } from '@library/shared-kernel/testing/test-clock';
import { Calendar } from '@library/shared-kernel/time/calendar';
import type { Answered } from '../../src/application/answered';
import { ClearOverdue } from '../../src/application/clear-overdue';
import { LookAfterSagas } from '../../src/application/look-after-sagas';
import { Orchestrator } from '../../src/application/orchestrator';
import type { CardLists, Page, RentalCards } from '../../src/application/ports';
import { RentItem } from '../../src/application/rent-item';
import { rentalKind } from '../../src/application/rental-kind';
import type { Request } from '../../src/application/request';
import { ReturnItem } from '../../src/application/return-item';
import { SagaFeed } from '../../src/application/saga-feed';
import { Sagas } from '../../src/application/sagas';
import { SettleSaga } from '../../src/application/settle-saga';
import { TakeResult } from '../../src/application/take-result';

export const AT = Date.parse('2023-02-11T09:00:00.000Z');
export const jenny = { id: memberId('jenny'), name: '제니' };
export const scott = { id: memberId('scott'), name: '스콧' };
export const book = (no: number) => ({ no: bookNo(no), title: `Book ${no}` });

/** A request of jenny's browser, with a key when it may come again. */
export const request = (key?: string, asked = 'the same'): Request => ({
  asked,
  cause: { correlation: 'request-1', causation: 'request-1' },
  ...(key === undefined ? {} : { key: idempotencyKey(key) }),
});

/** A rental service over records in memory, without a log: what it says waits in the outboxes. */
export class RentalDesk {
  readonly clock = new TestClock(AT);
  readonly store = new MemoryStore(rentalKind, this.clock);
  readonly reported: (readonly [saga: Saga, before: Saga | undefined])[] = [];
  readonly feed = new SagaFeed(this.clock, (saga, before) => this.reported.push([saga, before]));
  readonly cards: RentalCards = this.feed.following(this.store.open());
  readonly hearing = { heard: true, behindMs: 0, listen: async () => {} };
  readonly orchestrator = new Orchestrator(this.clock, DEFAULT_TIMING, this.hearing);
  readonly sagas = new Sagas(this.cards, this.lists(), this.store.archive, this.feed, this.clock);
  readonly lookAfter = new LookAfterSagas(this.cards, this.orchestrator, this.hearing, this.clock, DEFAULT_TIMING);
  readonly settle = new SettleSaga(this.cards, this.orchestrator);
  private readonly uuids = new UuidV7(this.clock);
  private readonly ids = { next: () => sagaId(this.uuids.next()) };
  private readonly calendar = new Calendar('Asia/Seoul');

  rent(no: number, asked = request(), member: IdName = jenny, cards = this.cards): Promise<Answered | Misuse> {
    return new RentItem(cards, this.orchestrator, this.ids, this.calendar, this.clock).execute(member, book(no), asked);
  }

  return(no: number, asked = request(), member = jenny.id): Promise<Answered | Misuse> {
    return new ReturnItem(this.cards, this.orchestrator, this.ids, this.calendar, this.clock).execute(
      member,
      bookNo(no),
      asked,
    );
  }

  clear(points: number, asked = request(), member = jenny.id): Promise<Answered | Misuse> {
    return new ClearOverdue(this.cards, this.orchestrator, this.ids, this.clock).execute(member, points, asked);
  }

  /** The saga that a request began or found. */
  async began(answering: Promise<Answered | Misuse>): Promise<SagaId> {
    const answer = await answering;
    if (isMisuse(answer) || isRefusal(answer)) throw new Error(`No saga began: ${JSON.stringify(answer)}`);
    return answer.saga;
  }

  /** A participant's result comes in. */
  async hear(
    participant: ParticipantName | undefined,
    eventType: EventType,
    saga: SagaId,
    reason?: string,
    member: IdName = jenny,
    item?: Item,
  ): Promise<Outcome> {
    const reaction = new TakeResult(this.orchestrator).react({
      id: `${saga}:${participant}:${eventType}`,
      topic: 'rental_result',
      body: {
        eventType,
        idName: member,
        ...(item ? { item } : {}),
        point: 10,
        success: reason === undefined,
        ...(reason === undefined ? {} : { reason }),
      },
      time: this.clock.now(),
      saga,
      correlation: 'request-1',
      ...(participant === undefined ? {} : { participant }),
    })!;
    return this.cards.change(reaction.record, reaction.about, (record) => reaction.decide(record) as Outcome);
  }

  /** A rent to its end. */
  async rented(no: number, member: IdName = jenny): Promise<SagaId> {
    const saga = await this.began(this.rent(no, request(), member));
    for (const participant of ['book', 'member', 'bestbook'] as const)
      await this.hear(participant, 'RENT', saga, undefined, member);
    return saga;
  }

  /** Publishes what waits, as a relay would. */
  async publish(member: MemberId = jenny.id): Promise<readonly string[]> {
    return this.cards.change(member, [], (record) => {
      const { waiting } = record.outbox;
      record.published(
        waiting.map(({ id, expiresAfterMs }) => ({
          id,
          ...(expiresAfterMs === undefined ? {} : { expires: this.clock.now() + expiresAfterMs }),
        })),
      );
      return waiting.map(({ id }) => id);
    });
  }

  async itemStates(member: MemberId = jenny.id): Promise<readonly string[]> {
    return (await this.cards.read(member))?.card?.snapshot().items.map(({ no, state }) => `${no} ${state}`) ?? [];
  }

  private lists(): CardLists {
    return {
      list: async () => [],
      findLate: async () => [],
      listUnarchived: async (asked) =>
        page(
          this.store.all().flatMap(([id], at) => {
            const { inFlight = [], leaving = [] } = this.store.living()[at] ?? {};
            const sagas = [...inFlight, ...leaving];
            return sagas.length === 0 ? [] : [{ member: memberId(id), sagas }];
          }),
          asked,
        ),
    };
  }
}

function page<Value extends { readonly member: MemberId }>(
  all: readonly Value[],
  { limit, after = '' }: Page,
): readonly Value[] {
  return all.filter(({ member }) => member > after).slice(0, limit);
}

import { MemoryStore } from '@library/shared-kernel/testing/records.memory';
import { TestClock } from '@library/shared-kernel/testing/test-clock';
import {
  itemRentCancelledContract,
  itemRentedContract,
  itemReturnCancelledContract,
  itemReturnConfirmedContract,
  itemReturnedContract,
} from '../../src/contracts/events';
import type { EventResult } from '../../src/contracts/event-result';
import { bookNo, memberId, sagaId } from '../../src/domain/identifiers';
import { refuse } from '../../src/domain/refusal';
import { toPublication } from '../../src/messaging/cloud-event';
import { Consumer } from '../../src/messaging/consumer';
import type { EventMessage, OutgoingMessage } from '../../src/messaging/event-message';
import type { Outcome } from '../../src/messaging/reaction';
import type { Outbox, PublishedCopy } from '../../src/outbox/outbox';
import { Answering } from '../../src/participant/answering';
import { Fences } from '../../src/participant/fence';
import type { Effect, Fence } from '../../src/participant/fence';
import { ForgetFences } from '../../src/participant/forget-fences';
import { participantOf } from '../../src/participant/participant';
import type { FencedRecord } from '../../src/participant/participant';
import { DEFAULT_TIMING } from '../../src/saga/timing';
import type { Entries } from '../../src/store/entries';
import type { RecordKind } from '../../src/store/records';

interface StoredPurse {
  readonly coins?: number;
  readonly confirmations?: number;
  readonly newestForgotten?: number;
}

/** A toy: coins go in for a saga and come out again when it is undone. */
export class PurseRecord implements FencedRecord {
  readonly fences: Fences;

  constructor(
    private state: StoredPurse,
    readonly outbox: Outbox,
    readonly entries: Entries<unknown>,
  ) {
    this.fences = new Fences(entries as Entries<Fence>, state.newestForgotten);
  }

  /** Undefined until the purse is bought. */
  get coins(): number | undefined {
    return this.state.coins;
  }

  get confirmations(): number {
    return this.state.confirmations ?? 0;
  }

  put(coins: number): void {
    this.state = { ...this.state, coins: (this.state.coins ?? 0) + coins };
  }

  confirm(): void {
    this.state = { ...this.state, confirmations: this.confirmations + 1 };
  }

  published(copies: readonly PublishedCopy[]): void {
    this.outbox.drop(new Set(copies.map(({ id }) => id)));
  }

  body(): StoredPurse {
    const { newestForgotten } = this.fences;
    if (newestForgotten === undefined || newestForgotten === this.state.newestForgotten) return this.state;
    return { ...this.state, newestForgotten };
  }
}

const purses: RecordKind<PurseRecord> = {
  name: 'purses',
  open: (_id, body, outbox, entries) => new PurseRecord((body as StoredPurse | undefined) ?? {}, outbox, entries),
  bodyOf: (purse) => purse.body(),
};

/** What the ledger still shows of a saga whose fence has been dropped. */
type Recall = (saga: string) => Effect | 'unknown' | Promise<Effect | 'unknown'>;

const memberPurses = (recall: Recall) =>
  participantOf<PurseRecord>()({
    name: 'member',
    recordOf: ({ idName }) => idName.id,
    parts: {
      RENT: {
        does: (purse, { point }) => {
          if (purse.coins === undefined) return refuse('member-not-found');
          purse.put(point);
          return { coins: point };
        },
        undoes: (purse, effect) => {
          const coins = Number(effect['coins']);
          if ((purse.coins ?? 0) < coins) return refuse('not-enough-points');
          return purse.put(-coins);
        },
        recalls: (_purse, _event, { saga }) => recall(saga),
      },
      RETURN: { does: () => 'nothing', undoes: () => undefined, recalls: () => 'nothing' },
      OVERDUE: { does: () => 'nothing', undoes: () => undefined, recalls: () => 'nothing' },
    },
  });

const bookPurses = participantOf<PurseRecord>()({
  name: 'book',
  recordOf: ({ idName }) => idName.id,
  parts: {
    RENT: { does: () => 'nothing', undoes: () => undefined, recalls: () => 'nothing' },
    RETURN: {
      does: () => ({ brought: true }),
      undoes: () => undefined,
      confirms: (purse) => purse.confirm(),
      recalls: () => 'unknown',
    },
  },
});

export const AT = Date.parse('2023-02-11T09:00:00.000Z');
export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
export const jenny = { id: memberId('jenny'), name: '제니' };
const item = { no: bookNo(1), title: '누구를 위하여 종을 울리나?' };

/** An announcement for jenny's purse. */
export const asked = (saga: string, more: Partial<EventMessage> = {}): EventMessage => ({
  id: `${saga}:rent:do`,
  topic: itemRentedContract.topic,
  body: { idName: jenny, item, point: 10 },
  time: AT,
  saga: sagaId(saga),
  correlation: 'request-1',
  awaits: ['book', 'member', 'bestbook'],
  expires: AT + 2 * MINUTE,
  traceparent: '00-trace-01',
  ...more,
});

const { expires: _never, ...lasting } = asked('');

export const cancelled = (saga: string, more: Partial<EventMessage> = {}): EventMessage => ({
  ...lasting,
  id: `${saga}:rent:undo`,
  topic: itemRentCancelledContract.topic,
  body: { idName: jenny, item, point: 10, reason: 'book-not-available' },
  time: AT + 5_000,
  saga: sagaId(saga),
  announced: AT,
  ...more,
});

export const returned = (saga: string): EventMessage => ({
  ...asked(saga),
  id: `${saga}:return:do`,
  topic: itemReturnedContract.topic,
});
export const confirmed = (saga: string): EventMessage => ({
  ...lasting,
  id: `${saga}:return:confirm`,
  topic: itemReturnConfirmedContract.topic,
  saga: sagaId(saga),
});
export const returnCancelled = (saga: string): EventMessage => ({
  ...cancelled(saga),
  id: `${saga}:return:undo`,
  topic: itemReturnCancelledContract.topic,
});

/** What became of a message, and what was answered to it. */
export interface Heard {
  readonly outcome: Outcome;
  readonly answers: readonly OutgoingMessage[];
}

/** A service with one purse, which publishes what it answers at once. */
export class PurseDesk {
  readonly clock = new TestClock(AT);
  readonly store = new MemoryStore(purses, this.clock);
  readonly records = this.store.open();
  readonly answering: Answering<PurseRecord>;
  recall: Recall = () => 'nothing';
  silent = false;

  constructor(name: 'member' | 'book' = 'member') {
    const participant = name === 'member' ? memberPurses((saga) => this.recall(saga)) : bookPurses;
    this.answering = new Answering(participant, this.clock, DEFAULT_TIMING, () => !this.silent);
  }

  async tell(message: EventMessage, records = this.records): Promise<Heard> {
    const publication = toPublication(message);
    const consumer = new Consumer('purses', records, this.react, NO_PARKING, this.clock, () => {});
    const outcome = await consumer.handleAgain({ ...publication, partition: 0, offset: 0 });
    return { outcome, answers: await this.publish() };
  }

  /** What is answered: `ok`, a refusal's code, or nothing. */
  async answerTo(message: EventMessage): Promise<string | undefined> {
    const [answer] = (await this.tell(message)).answers;
    const result = answer?.body as EventResult | undefined;
    return result?.reason ?? (result && 'ok');
  }

  async buy(coins = 0): Promise<void> {
    await this.records.change(jenny.id, [], (purse) => purse.put(coins));
  }

  async coins(): Promise<number | undefined> {
    return (await this.records.read(jenny.id))?.coins;
  }

  async fenceOf(saga: string): Promise<Fence | undefined> {
    return (await this.records.read(jenny.id, [saga]))?.fences.of(sagaId(saga));
  }

  async forgetFences(): Promise<void> {
    await new ForgetFences(this.records, this.clock).execute();
  }

  readonly react = (message: EventMessage) =>
    this.answering.react(message as Parameters<Answering<PurseRecord>['react']>[0]);

  private async publish(): Promise<readonly OutgoingMessage[]> {
    return this.records.change(jenny.id, [], ({ outbox }) => {
      const { waiting } = outbox;
      outbox.drop(new Set(waiting.map(({ id }) => id)));
      return waiting;
    });
  }
}

const unexpected = () => Promise.reject(new Error('Nothing is parked here.'));
const NO_PARKING = { park: unexpected, find: unexpected, list: unexpected, note: unexpected };

import type { SagaType } from '@library/shared-kernel/contracts/event-contract';
import type { BookNo, IdempotencyKey, SagaId } from '@library/shared-kernel/domain/identifiers';
import type { IdName } from '@library/shared-kernel/domain/names';
import type { Outbox, PublishedCopy } from '@library/shared-kernel/outbox/outbox';
import { onPublished } from '@library/shared-kernel/saga/engine';
import { hasEnded } from '@library/shared-kernel/saga/saga';
import type { Saga } from '@library/shared-kernel/saga/saga';
import type { Entries } from '@library/shared-kernel/store/entries';
import type { KeptAnswer } from '@library/shared-kernel/store/kept-answer';
import type { LivingRecord } from '@library/shared-kernel/store/records';
import { RentalCard } from '../domain/rental-card';
import type { RentalCardState } from '../domain/rental-card';
import type { Answered } from './answered';

type SagasInFlight = Readonly<Record<string, Saga>>;

/** What is stored of a member's card, beside its outbox and its kept answers. */
export interface StoredRental {
  readonly card?: RentalCardState;
  readonly sagas: SagasInFlight;
  /** How many idempotency keys are kept. */
  readonly keys: number;
}

/** What there is of a card before its first change, and of one that only keeps answers. */
export const NOTHING_STORED: StoredRental = { sagas: {}, keys: 0 };

/** A saga that a change has moved, and what it was before; undefined when the change has begun it. */
export interface MovedSaga {
  readonly saga: Saga;
  readonly before: Saga | undefined;
}

/** A member's card, with the sagas in flight on it and the messages that travel with it: one record, one atomic write. */
export class RentalRecord implements LivingRecord {
  private readonly before: StoredRental;
  private opened: RentalCard | undefined;
  private sagas: SagasInFlight;
  private keys: number;
  private readonly told: MovedSaga[] = [];

  constructor(
    stored: StoredRental | undefined,
    readonly outbox: Outbox,
    readonly entries: Entries<unknown>,
  ) {
    this.before = stored ?? NOTHING_STORED;
    this.opened = this.before.card && new RentalCard(this.before.card);
    this.sagas = this.before.sagas;
    this.keys = this.before.keys;
  }

  get card(): RentalCard | undefined {
    return this.opened;
  }

  /** The member's card, opened on first use. */
  cardOf(member: IdName): RentalCard {
    return (this.opened ??= RentalCard.open(member));
  }

  get inFlight(): readonly Saga[] {
    return Object.values(this.sagas);
  }

  saga(id: SagaId): Saga | undefined {
    return this.sagas[id];
  }

  /** Sagas that have ended and are on their way to the archive. */
  get leaving(): readonly Saga[] {
    return this.outbox.leaving.filter(({ kind }) => kind === 'saga').map(({ document }) => document as Saga);
  }

  /** The saga of this type that is in flight on a book. */
  running(type: SagaType, no: BookNo): Saga | undefined {
    return this.inFlight.find((saga) => saga.type === type && saga.announced.item?.no === no);
  }

  /** Keeps a saga while it is in flight; one that has ended leaves the record for the archive. */
  put(saga: Saga): void {
    const before = this.sagas[saga.id];
    if (before === saga) return;
    this.told.push({ saga, before });
    if (!hasEnded(saga)) {
      this.sagas = { ...this.sagas, [saga.id]: saga };
      return;
    }
    const { [saga.id]: _ended, ...others } = this.sagas;
    this.sagas = others;
    this.outbox.archive({ kind: 'saga', id: saga.id, document: saga });
  }

  /** What this change has done to sagas, one after the other. */
  get moved(): readonly MovedSaga[] {
    return this.told;
  }

  keptAnswer(key: IdempotencyKey): KeptAnswer<Answered> | undefined {
    return this.entries.get(key) as KeptAnswer<Answered> | undefined;
  }

  get keptKeys(): number {
    return this.keys;
  }

  keep(key: IdempotencyKey, answer: KeptAnswer<Answered>, until: number): void {
    this.entries.set(key, answer, until);
    this.keys++;
  }

  forget(key: IdempotencyKey): void {
    if (this.keptAnswer(key) === undefined) return;
    this.entries.delete(key);
    this.keys = Math.max(0, this.keys - 1);
  }

  /** A published announcement tells its saga when the copy that is out expires. */
  published(copies: readonly PublishedCopy[]): void {
    const waiting = new Map(this.outbox.waiting.map((message) => [message.id, message.saga]));
    for (const { id, expires } of copies) {
      const saga = this.sagas[waiting.get(id) ?? ''];
      if (!saga || expires === undefined) continue;
      const told = onPublished(saga, expires);
      if (told !== saga) this.sagas = { ...this.sagas, [saga.id]: told };
    }
    this.outbox.drop(new Set(copies.map(({ id }) => id)));
  }

  /** The identical value when nothing changed. */
  body(): StoredRental {
    const card = this.opened?.snapshot();
    const { before } = this;
    if (card === before.card && this.sagas === before.sagas && this.keys === before.keys) return before;
    return { ...(card ? { card } : {}), sagas: this.sagas, keys: this.keys };
  }
}

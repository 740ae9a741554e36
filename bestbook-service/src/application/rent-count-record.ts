import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import type { Item } from '@library/shared-kernel/domain/names';
import { Fences } from '@library/shared-kernel/participant/fence';
import type { Fence } from '@library/shared-kernel/participant/fence';
import type { FencedRecord } from '@library/shared-kernel/participant/participant';
import type { Outbox, PublishedCopy } from '@library/shared-kernel/outbox/outbox';
import type { Entries } from '@library/shared-kernel/store/entries';
import { RentCount } from '../domain/rent-count';
import type { RentCountState } from '../domain/rent-count';

/** What is stored of a book's rents, beside the counts by day, the fences and the outbox. */
export interface StoredRentCount {
  /** Absent in a record that holds only fences. */
  readonly count?: RentCountState;
  readonly newestForgotten?: number;
}

const NOTHING_STORED: StoredRentCount = {};

/** How often a book was rented, with what is remembered of the sagas that were counted. Days are kept for ever. */
export class RentCountRecord implements FencedRecord {
  readonly fences: Fences;
  private readonly before: StoredRentCount;
  private state: RentCountState | undefined;

  constructor(
    stored: StoredRentCount | undefined,
    readonly outbox: Outbox,
    readonly entries: Entries<unknown>,
  ) {
    this.before = stored ?? NOTHING_STORED;
    this.state = this.before.count;
    this.fences = new Fences(entries as Entries<Fence>, this.before.newestForgotten);
  }

  get count(): RentCountState | undefined {
    return this.state;
  }

  /** Counts a rent of the day; the change must be about that day. */
  add(item: Item, day: LocalDate): void {
    this.change(item, day, (count) => count.count(day));
  }

  /** Takes a rent off the day that it was counted on. */
  takeOff(item: Item, day: LocalDate): void {
    this.change(item, day, (count) => count.uncount(day));
  }

  published(copies: readonly PublishedCopy[]): void {
    this.outbox.drop(new Set(copies.map(({ id }) => id)));
  }

  /** The identical value when nothing changed. */
  body(): StoredRentCount {
    const newestForgotten = this.fences.newestForgotten;
    const { before, state: count } = this;
    if (count === before.count && newestForgotten === before.newestForgotten) return before;
    return { ...(count ? { count } : {}), ...(newestForgotten === undefined ? {} : { newestForgotten }) };
  }

  private change(item: Item, day: LocalDate, how: (count: RentCount) => void): void {
    const before = (this.entries.get(day) as number | undefined) ?? 0;
    const count = new RentCount(this.state ?? { item, total: 0 }, new Map([[day, before]]));
    how(count);
    this.state = count.snapshot();
    const after = count.days.get(day) ?? 0;
    if (after !== before) this.entries.set(day, after);
  }
}

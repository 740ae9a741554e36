import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import type { Item } from '@library/shared-kernel/domain/names';

export interface RentCountState {
  readonly item: Item;
  /** Over all days, those that were not given to the count included. */
  readonly total: number;
}

/** How often one book was rented, in all and by day. */
export class RentCount {
  /** `counted` needs to hold only the days that are asked about; a day that is not in it counts 0. */
  constructor(
    private state: RentCountState,
    private counted: ReadonlyMap<LocalDate, number>,
  ) {}

  count(day: LocalDate): void {
    this.add(1, day);
  }

  /** Nothing happens on a day that counts nothing. */
  uncount(day: LocalDate): void {
    if (this.on(day) > 0) this.add(-1, day);
  }

  snapshot(): RentCountState {
    return this.state;
  }

  /** Replaced on every change, never mutated. A day stays in it, with 0, when its last rent was undone. */
  get days(): ReadonlyMap<LocalDate, number> {
    return this.counted;
  }

  private add(rents: 1 | -1, day: LocalDate): void {
    this.state = { ...this.state, total: this.state.total + rents };
    this.counted = new Map(this.counted).set(day, this.on(day) + rents);
  }

  private on(day: LocalDate): number {
    return this.counted.get(day) ?? 0;
  }
}

import { daysBetween, type LocalDate } from '@library/shared-kernel/domain/local-date';

const POINTS_A_DAY = 10;

/** What bringing a book back late costs: by whole calendar days, however many months they span. */
export class LateFee {
  private constructor(private readonly days: number) {}

  static between(dueOn: LocalDate, acceptedOn: LocalDate): LateFee {
    return new LateFee(Math.max(0, daysBetween(dueOn, acceptedOn)));
  }

  get points(): number {
    return this.days * POINTS_A_DAY;
  }
}

import type { LocalDate } from '../domain/local-date';

/** Days as the library counts them: in its own time zone, whatever the machine's. */
export class Calendar {
  private readonly format: Intl.DateTimeFormat;

  /** Throws a RangeError when `zone` is not an IANA time zone such as `Asia/Seoul`. */
  constructor(readonly zone: string) {
    this.format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  }

  /** The day on which this instant (milliseconds since the epoch) falls. */
  dayOf(instant: number): LocalDate {
    const parts = Object.fromEntries(this.format.formatToParts(instant).map(({ type, value }) => [type, value]));
    return `${parts['year']}-${parts['month']}-${parts['day']}` as LocalDate;
  }
}

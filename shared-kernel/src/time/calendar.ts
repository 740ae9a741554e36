import type { LocalDate } from '../domain/local-date';

/** Every zone's offset changes, and every zone's day begins, at a quarter of an hour. */
const QUARTER_MS = 900_000;

/** Days as the library counts them: in its own time zone, whatever the machine's. */
export class Calendar {
  private readonly format: Intl.DateTimeFormat;
  /** The answer for the quarter of an hour that was asked about last: formatting is slow, and mostly asked about now. */
  private last: { readonly quarter: number; readonly day: LocalDate } | undefined;

  /** Throws a RangeError when `zone` is not an IANA time zone such as `Asia/Seoul`. */
  constructor(readonly zone: string) {
    this.format = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
  }

  /** The day on which this instant (milliseconds since the epoch) falls. */
  dayOf(instant: number): LocalDate {
    const quarter = Math.floor(instant / QUARTER_MS);
    if (this.last?.quarter !== quarter) this.last = { quarter, day: this.formatted(instant) };
    return this.last.day;
  }

  private formatted(instant: number): LocalDate {
    const parts = Object.fromEntries(this.format.formatToParts(instant).map(({ type, value }) => [type, value]));
    return `${parts['year']}-${parts['month']}-${parts['day']}` as LocalDate;
  }
}

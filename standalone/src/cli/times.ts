/** Times as people at this terminal read them. */
export class Times {
  private readonly format: Intl.DateTimeFormat;

  /** `zone` is the library's. */
  constructor(zone: string) {
    this.format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  }

  /** `2026-11-21 19:03:07` */
  full(at: string): string {
    return this.format.format(new Date(at));
  }

  /** `19:03:07.123` */
  clock(at: string): string {
    const time = new Date(at);
    return `${this.format.format(time).slice(11)}.${String(time.getMilliseconds()).padStart(3, '0')}`;
  }
}

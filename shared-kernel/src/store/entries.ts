/** An entry, and until when it is kept (milliseconds since the epoch; absent: for ever). */
export interface KeptEntry<Entry = unknown> {
  readonly value: Entry;
  readonly until?: number;
}

/**
 * The keyed parts of a record (fences, answers by idempotency key, counts by day). A record may hold any number of them;
 * a change sees those that it named, so that its cost does not grow with the rest.
 */
export class Entries<Entry> {
  private readonly written = new Map<string, KeptEntry<Entry> | undefined>();

  constructor(
    private readonly about: ReadonlySet<string>,
    private readonly stored: ReadonlyMap<string, KeptEntry<Entry>>,
  ) {}

  /** Throws when the change did not say that it is about `key`: what was not loaded must not look absent. */
  get(key: string): Entry | undefined {
    return this.kept(key)?.value;
  }

  until(key: string): number | undefined {
    return this.kept(key)?.until;
  }

  /** Whether it is there, and need not be kept any longer at `now`. */
  expired(key: string, now: number): boolean {
    const until = this.until(key);
    return until !== undefined && until <= now;
  }

  set(key: string, value: Entry, until?: number): void {
    this.mustKnow(key);
    this.written.set(key, until === undefined ? { value } : { value, until });
  }

  delete(key: string): void {
    if (this.kept(key)) this.written.set(key, undefined);
  }

  /** What this change wrote; undefined for what it deleted. */
  get changes(): ReadonlyMap<string, KeptEntry<Entry> | undefined> {
    return this.written;
  }

  private kept(key: string): KeptEntry<Entry> | undefined {
    this.mustKnow(key);
    return this.written.has(key) ? this.written.get(key) : this.stored.get(key);
  }

  private mustKnow(key: string): void {
    if (!this.about.has(key)) throw new Error(`This change did not say that it is about the entry "${key}".`);
  }
}

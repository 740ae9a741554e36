import { cut } from './cut';

/** While so many questions are under way, what is asked for gathers for the next one. */
const QUESTIONS_IN_FLIGHT = 2;
const MOST_AT_ONCE = 500;

interface Asked<Found> {
  readonly resolve: (found: Found | undefined) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Reads of single things that are asked for at about the same time, as one question to the server: a question costs far
 * more than a thing. Each is answered by a question that was sent after it was asked for.
 */
export class GatheredReads<Found> {
  private asked = new Map<string, Asked<Found>[]>();
  private inFlight = 0;
  private scheduled = false;

  constructor(private readonly read: (keys: readonly string[]) => Promise<ReadonlyMap<string, Found>>) {}

  get(key: string): Promise<Found | undefined> {
    return new Promise((resolve, reject) => {
      const before = this.asked.get(key);
      if (before) before.push({ resolve, reject });
      else this.asked.set(key, [{ resolve, reject }]);
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.inFlight >= QUESTIONS_IN_FLIGHT) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.ask();
    });
  }

  private async ask(): Promise<void> {
    const [asked, left] = cut(this.asked, MOST_AT_ONCE);
    this.asked = left;
    this.inFlight += 1;
    try {
      const found = await this.read([...asked.keys()]);
      for (const [key, each] of asked) for (const { resolve } of each) resolve(found.get(key));
    } catch (error) {
      for (const each of asked.values()) for (const { reject } of each) reject(error);
    }
    this.inFlight -= 1;
    if (this.asked.size > 0) this.schedule();
  }
}

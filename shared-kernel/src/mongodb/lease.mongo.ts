import type { Collection } from 'mongodb';
import type { Leases } from '../store/lease';
import { isDuplicateKey, translated } from './mongo-fault';

export interface LeaseDocument {
  readonly _id: string;
  readonly holder: string;
  /** Grows whenever the holder takes it again. */
  readonly round: number;
  readonly forMs: number;
}

/** How much longer than asked for. */
const LONGER = 2;

interface Seen {
  readonly holder: string;
  readonly round: number;
  readonly at: number;
}

/**
 * Leases without a common clock: whoever wants one watches it. When its holder has not taken it again for as long as it
 * lasts, measured from when that was first seen, it has run out for its holder, who counts from before it asked.
 *
 * It is taken for longer than it was asked for, so that whoever takes it again and again need not ask the server each time.
 */
export class MongoLeases implements Leases {
  private readonly seen = new Map<string, Seen>();
  /** Until when our own last. */
  private readonly held = new Map<string, number>();

  constructor(
    private readonly documents: Collection<LeaseDocument>,
    /** Unique among all processes. */
    private readonly holder: string,
    /** Milliseconds that only grow. */
    private readonly elapsed: () => number = () => performance.now(),
  ) {}

  async take(name: string, forMs: number): Promise<boolean> {
    const asked = this.elapsed();
    if (asked + forMs <= (this.held.get(name) ?? 0)) return true;
    this.held.delete(name);
    if (!(await translated(this.taken(name, LONGER * forMs)))) return false;
    this.held.set(name, asked + LONGER * forMs);
    return this.elapsed() - asked < forMs;
  }

  async giveUp(name: string): Promise<void> {
    this.held.delete(name);
    await translated(this.documents.deleteOne({ _id: name, holder: this.holder }));
  }

  private async taken(name: string, forMs: number): Promise<boolean> {
    const found = await this.documents.findOne({ _id: name });
    if (!found) return this.made(name, forMs);
    if (found.holder !== this.holder && !this.hasRunOut(name, found)) return false;

    const { matchedCount } = await this.documents.replaceOne(
      { _id: name, holder: found.holder, round: found.round },
      { holder: this.holder, round: found.round + 1, forMs },
    );
    return matchedCount === 1;
  }

  private async made(name: string, forMs: number): Promise<boolean> {
    try {
      await this.documents.insertOne({ _id: name, holder: this.holder, round: 1, forMs });
      return true;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return false;
    }
  }

  private hasRunOut(name: string, { holder, round, forMs }: LeaseDocument): boolean {
    const seen = this.seen.get(name);
    if (seen?.holder === holder && seen.round === round) return this.elapsed() - seen.at >= forMs;
    this.seen.set(name, { holder, round, at: this.elapsed() });
    return false;
  }
}

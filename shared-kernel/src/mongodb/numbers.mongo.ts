import type { Collection } from 'mongodb';
import type { Numbers } from '../store/records';
import { isDuplicateKey, translated } from './mongo-fault';

/** Between attempts, when another process has taken numbers at the same time. */
const LONGEST_PAUSE_MS = 8;

export interface NumberDocument {
  readonly _id: string;
  readonly last: number;
}

/**
 * A counter. Those who ask during one turn of the event loop get their numbers from one conditional write, and a number is
 * given out when that write is durable; numbers of a write whose answer was lost are never given out.
 */
export class MongoNumbers implements Numbers {
  private asked: { readonly resolve: (number: number) => void; readonly reject: (error: unknown) => void }[] = [];
  private running: Promise<void> | undefined;
  /** The last number that anybody took, as far as is known here. */
  private last: number | undefined;

  constructor(
    private readonly documents: Collection<NumberDocument>,
    private readonly name: string,
  ) {}

  next(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.asked.push({ resolve, reject });
      this.running ??= this.run();
    });
  }

  private async run(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    while (this.asked.length > 0) {
      const asked = this.asked.splice(0);
      try {
        const last = await translated(this.take(asked.length));
        for (const [index, { resolve }] of asked.entries()) resolve(last - asked.length + index + 1);
      } catch (error) {
        this.last = undefined;
        for (const { reject } of asked) reject(error);
      }
    }
    this.running = undefined;
  }

  /** The last of so many numbers that are nobody else's. */
  private async take(count: number): Promise<number> {
    for (;;) {
      const last = this.last ?? (await this.documents.findOne({ _id: this.name }))?.last;
      if (last === undefined ? await this.begin(count) : await this.moveOn(last, last + count))
        return (this.last = (last ?? 0) + count);
      this.last = undefined;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_PAUSE_MS));
    }
  }

  private async moveOn(from: number, to: number): Promise<boolean> {
    const { matchedCount } = await this.documents.updateOne({ _id: this.name, last: from }, { $set: { last: to } });
    return matchedCount === 1;
  }

  private async begin(last: number): Promise<boolean> {
    try {
      await this.documents.insertOne({ _id: this.name, last });
      return true;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return false;
    }
  }
}

import { randomFillSync } from 'node:crypto';
import type { Clock } from '../time/clock';

/** Fills what it is given with random bits, for ids that nobody else makes. */
export type Randomness = (bytes: Uint8Array) => void;

const random = new Uint8Array(8);

/** Asking the system for a few bits at a time would cost more than everything else about an id. */
const supply = new Uint8Array(4_096);
let spent = supply.length;

function fromSupply(bytes: Uint8Array): void {
  if (spent + bytes.length > supply.length) {
    randomFillSync(supply);
    spent = 0;
  }
  bytes.set(supply.subarray(spent, (spent += bytes.length)));
}

/**
 * UUIDs of version 7 (RFC 9562): 48 bits of time in milliseconds, a counter of 12 bits that starts anew each millisecond,
 * and 62 random bits. Those made by one object ascend, also when its clock goes back.
 */
export class UuidV7 {
  private time = 0;
  private count = 0;

  constructor(
    private readonly clock: Clock,
    private readonly randomize: Randomness = fromSupply,
  ) {}

  next(): string {
    const now = Math.max(this.clock.now(), this.time);
    this.count = now === this.time ? this.count + 1 : 0;
    this.time = this.count > 0xfff ? now + 1 : now;
    if (this.count > 0xfff) this.count = 0;

    this.randomize(random);
    random[0] = (random[0]! & 0x3f) | 0x80;
    const time = this.time.toString(16).padStart(12, '0');
    const tail = Buffer.from(random).toString('hex');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${this.count.toString(16).padStart(3, '0')}-${tail.slice(0, 4)}-${tail.slice(4)}`;
  }
}

/** Numbers that look random and follow from their seed alone: sfc32, seeded by a hash of the text. */
export class Random {
  private state: readonly [number, number, number, number];

  constructor(private readonly seed: string) {
    this.state = [hashed(seed, 1), hashed(seed, 2), hashed(seed, 3), 1];
    for (let warm = 0; warm < 12; warm++) this.bits();
  }

  /** Another one, whose numbers do not depend on how many were drawn from this one. */
  of(name: string | number): Random {
    return new Random(`${this.seed} ${name}`);
  }

  /** A whole number from 0, less than `end`. */
  below(end: number): number {
    return Math.floor((this.bits() / 0x1_0000_0000) * end);
  }

  /** A whole number; both ends are possible. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.bits() / 0x1_0000_0000 < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)]!;
  }

  /** Items with weights: one of weight 3 comes three times as often as one of weight 1. */
  weighted<Item extends string>(weights: Readonly<Record<Item, number>>): Item {
    const entries = Object.entries(weights) as [Item, number][];
    let left = this.below(entries.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [item, weight] of entries) if ((left -= weight) < 0) return item;
    throw new Error('There is nothing to pick from.');
  }

  readonly fill = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at++) bytes[at] = this.below(256);
  };

  private bits(): number {
    const [a, b, c, d] = this.state;
    const sum = (a + b + d) | 0;
    this.state = [b ^ (b >>> 9), (c + (c << 3)) | 0, (((c << 21) | (c >>> 11)) + sum) | 0, (d + 1) | 0];
    return sum >>> 0;
  }
}

/** FNV-1a with a salt, finished as murmur3 does. */
function hashed(text: string, salt: number): number {
  let hash = 0x811c9dc5 ^ Math.imul(salt, 0x9e3779b1);
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

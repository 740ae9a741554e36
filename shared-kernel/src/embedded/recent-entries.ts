import type { KeptEntry } from '../store/entries';
import { Recent } from '../store/recent';
import { pairOf } from './unapplied';

/**
 * What is known of entries without a look at the disk. Most are asked for by sagas that have just begun, whose ids sort by
 * time: a key that sorts behind all that were ever stored is new. Keys are told apart by how they begin, for not all of
 * them are ids.
 */
export class RecentEntries {
  private readonly values: Recent<{ readonly kept: KeptEntry | undefined }>;
  private newer = new Set<string>();
  private older = new Set<string>();
  /** By first character: nobody knows what was stored at or before this key. */
  private readonly floors = new Map<string, string>();

  constructor(
    /** The last applied key that begins like this. */
    private readonly lastApplied: (first: string) => string | undefined,
    /** As many entries are remembered at least, and as many keys. */
    private readonly least: number,
  ) {
    this.values = new Recent(least);
  }

  /** Undefined when it is not known. */
  find(record: string, key: string): { readonly kept: KeptEntry | undefined } | undefined {
    const value = this.values.get(pairOf(key, record));
    if (value) return value;
    return this.isNew(key) ? NOTHING : undefined;
  }

  /** The entry is this from now on; undefined: it is deleted. */
  set(record: string, key: string, kept: KeptEntry | undefined): void {
    this.values.set(pairOf(key, record), { kept });
    if (!ASCII.test(key)) return;
    // Before the key is applied: the floor must not include it.
    this.floorOf(key);
    this.newer.add(key);
    if (this.newer.size <= this.least) return;
    for (const forgotten of this.older)
      if (forgotten > this.floorOf(forgotten)) this.floors.set(first(forgotten), forgotten);
    this.older = this.newer;
    this.newer = new Set();
  }

  private isNew(key: string): boolean {
    // Beyond ASCII, JavaScript and SQLite do not sort alike.
    return ASCII.test(key) && key > this.floorOf(key) && !this.newer.has(key) && !this.older.has(key);
  }

  private floorOf(key: string): string {
    const begins = first(key);
    let floor = this.floors.get(begins);
    if (floor === undefined) this.floors.set(begins, (floor = this.lastApplied(begins) ?? ''));
    return floor;
  }
}

const NOTHING = { kept: undefined };
const ASCII = /^[ -~]+$/;

function first(key: string): string {
  return key.slice(0, 1);
}

import type { Overlay } from './journaled-file';

/** Values that were written and that the SQL of their file may not show yet; undefined stands for one that was deleted. */
export class Unapplied<Value> implements Overlay {
  private newer = new Map<string, Value | undefined>();
  private beingApplied = new Map<string, Value | undefined>();

  has(key: string): boolean {
    return this.newer.has(key) || this.beingApplied.has(key);
  }

  get(key: string): Value | undefined {
    return this.newer.has(key) ? this.newer.get(key) : this.beingApplied.get(key);
  }

  set(key: string, value: Value | undefined): void {
    this.newer.set(key, value);
  }

  applying(): void {
    // Some are left when the last attempt failed.
    if (this.beingApplied.size === 0) this.beingApplied = this.newer;
    else for (const [key, value] of this.newer) this.beingApplied.set(key, value);
    this.newer = new Map();
  }

  applied(): void {
    this.beingApplied = new Map();
  }
}

/** Two names as one. The length keeps apart what would be one text when they are written in a row. */
export function pairOf(one: string, other: string): string {
  return `${one.length} ${one}${other}`;
}

/**
 * Remembers what was used recently, at most `most` values. Being used costs a look into a map: the order of use is kept
 * in two halves only, and the older half is forgotten as a whole.
 */
export class Recent<Value> {
  private newer = new Map<string, Value>();
  private older = new Map<string, Value>();

  constructor(private readonly most: number) {}

  get(key: string): Value | undefined {
    const value = this.newer.get(key);
    if (value !== undefined) return value;
    const found = this.older.get(key);
    if (found !== undefined) this.set(key, found);
    return found;
  }

  set(key: string, value: Value): void {
    if (this.most < 2) return;
    this.newer.set(key, value);
    if (this.newer.size * 2 <= this.most) return;
    this.older = this.newer;
    this.newer = new Map();
  }
}

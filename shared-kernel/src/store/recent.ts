/**
 * Remembers the values used last: `least` of them for certain, and never more than twice as many. Being used costs a look
 * into a map: the order of use is kept in two halves only, and the older half is forgotten as a whole.
 */
export class Recent<Value> {
  private newer = new Map<string, Value>();
  private older = new Map<string, Value>();

  constructor(private readonly least: number) {}

  get(key: string): Value | undefined {
    const value = this.newer.get(key);
    if (value !== undefined) return value;
    const found = this.older.get(key);
    if (found !== undefined) this.set(key, found);
    return found;
  }

  set(key: string, value: Value): void {
    if (this.least === 0) return;
    this.newer.set(key, value);
    if (this.newer.size < this.least) return;
    this.older = this.newer;
    this.newer = new Map();
  }
}

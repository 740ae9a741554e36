const NONE: readonly never[] = [];

/**
 * Short lists by key, of what comes and goes. Trap: a Map that grows, shrinks or is cleared leaves behind its old table, which
 * points to the new one. Once such a table is old itself, the collector of young objects spares whatever was in it or in any
 * table after it, until the next full collection. Therefore a list is emptied before its key goes.
 */
export class PassingLists<Key, Value> {
  private readonly lists = new Map<Key, Value[]>();

  /** Live: whoever removes while going through it takes a copy. */
  of(key: Key): readonly Value[] {
    return this.lists.get(key) ?? NONE;
  }

  get keys(): Iterable<Key> {
    return this.lists.keys();
  }

  /** How many keys have a list that is not empty. */
  get size(): number {
    return this.lists.size;
  }

  add(key: Key, value: Value): void {
    const list = this.lists.get(key);
    if (list) list.push(value);
    else this.lists.set(key, [value]);
  }

  /** The key's list, which is its own no more. */
  take(key: Key): readonly Value[] {
    const taken = this.lists.get(key)?.splice(0) ?? NONE;
    this.lists.delete(key);
    return taken;
  }

  /** Once, or not at all when it is not there. */
  remove(key: Key, value: Value): void {
    const list = this.lists.get(key);
    const at = list?.indexOf(value) ?? -1;
    if (!list || at < 0) return;
    list.splice(at, 1);
    if (list.length === 0) this.lists.delete(key);
  }
}

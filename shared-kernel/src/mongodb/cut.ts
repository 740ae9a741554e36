/** The map's first entries, `most` of them, and the rest: two new maps (`PassingLists` says why none is kept). */
export function cut<Key, Value>(map: ReadonlyMap<Key, Value>, most: number): [Map<Key, Value>, Map<Key, Value>] {
  const entries = [...map];
  return [new Map(entries.slice(0, most)), new Map(entries.slice(most))];
}

/** Where Kafka's default partitioner puts this key, so that moving to Kafka leaves every member's story in one piece. */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** MurmurHash2 with the seed and the signed 32-bit arithmetic of Kafka's Java client. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  const whole = length & ~3;
  const at = (index: number) => bytes[index] ?? 0;
  let hash = 0x9747b28c ^ length;

  for (let i = 0; i < whole; i += 4) {
    let word = at(i) | (at(i + 1) << 8) | (at(i + 2) << 16) | (at(i + 3) << 24);
    word = Math.imul(word, M);
    word ^= word >>> 24;
    hash = Math.imul(hash, M) ^ Math.imul(word, M);
  }

  if (whole < length) hash = Math.imul(hash ^ (at(whole) | (at(whole + 1) << 8) | (at(whole + 2) << 16)), M);

  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
}

const M = 0x5bd1e995;

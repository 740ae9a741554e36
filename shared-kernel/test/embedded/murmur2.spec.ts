import { murmur2, partitionOf } from '../../src/embedded/murmur2';

describe('murmur2', () => {
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])("hashes %s like the test of Kafka's own client", (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it('hashes nothing, and every length of a last word', () => {
    expect(['', 'a', 'ab', '1', 'kafka'].map((text) => murmur2(Buffer.from(text)))).toEqual([
      275646681, -1563381124, 316155434, -1993445489, -798503068,
    ]);
  });
});

describe('partitionOf', () => {
  // As kafkajs 2.2.4 with Partitioners.DefaultPartitioner puts them.
  it.each([
    ['jenny', 1, 0, 4],
    ['제니', 1, 3, 7],
    ['tom', 0, 1, 9],
    ['', 0, 1, 9],
    ['member-1', 0, 2, 6],
    ['member-2', 1, 0, 4],
    ['minsu', 2, 2, 2],
    ['abc', 0, 3, 3],
  ])('puts the key "%s" where Kafka does, among 3, 4 and 12 partitions', (key, of3, of4, of12) => {
    expect([3, 4, 12].map((partitions) => partitionOf(Buffer.from(key), partitions))).toEqual([of3, of4, of12]);
  });
});

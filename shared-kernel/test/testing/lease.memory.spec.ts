import { describeLeases } from '../../src/testing/lease.contract';
import { MemoryLeaseBoard } from '../../src/testing/lease.memory';

describeLeases('memory', async () => {
  let now = 0;
  const board = new MemoryLeaseBoard(() => now);
  return { leases: () => board.open(), pass: (ms) => void (now += ms), close: async () => undefined };
});

import type { Leases } from '../store/lease';

export interface LeasesUnderTest {
  /** The leases as one more process sees them. */
  leases(): Leases;
  /** Lets so many milliseconds pass, for all processes. */
  pass(ms: number): void;
  close(): Promise<void>;
}

/** Proves every promise of `Leases`. */
export function describeLeases(name: string, open: () => Promise<LeasesUnderTest>): void {
  describe(`Leases: ${name}`, () => {
    let storage: LeasesUnderTest;
    let one: Leases;
    let other: Leases;

    beforeEach(async () => {
      storage = await open();
      one = storage.leases();
      other = storage.leases();
    });

    afterEach(() => storage.close());

    it('are had by one process at a time, which may take its own again', async () => {
      expect(await one.take('sweeper', 1_000)).toBe(true);
      expect(await other.take('sweeper', 1_000)).toBe(false);
      expect(await one.take('sweeper', 1_000)).toBe(true);
      expect(await other.take('another', 1_000)).toBe(true);
    });

    it('are had by one of many who take at once', async () => {
      const taken = await Promise.all(Array.from({ length: 16 }, () => storage.leases().take('sweeper', 1_000)));

      expect(taken.filter(Boolean)).toHaveLength(1);
    });

    it('pass on when the holder does not take them again, and not before', async () => {
      await one.take('sweeper', 1_000);
      await other.take('sweeper', 1_000);
      storage.pass(900);
      expect(await other.take('sweeper', 1_000)).toBe(false);
      expect(await one.take('sweeper', 1_000)).toBe(true);
      storage.pass(900);
      expect(await other.take('sweeper', 1_000)).toBe(false);
      storage.pass(1_001);
      expect(await other.take('sweeper', 1_000)).toBe(true);
      expect(await one.take('sweeper', 1_000)).toBe(false);
    });

    it('pass on to one of many who see at the same time that they have run out [J6]', async () => {
      await one.take('sweeper', 1_000);
      const many = Array.from({ length: 16 }, () => storage.leases());
      await Promise.all(many.map((leases) => leases.take('sweeper', 1_000)));
      storage.pass(2_001);
      const taken = await Promise.all(many.map((leases) => leases.take('sweeper', 1_000)));

      expect(taken.filter(Boolean)).toHaveLength(1);
    });

    it('pass on at once when they are given up, by their holder only', async () => {
      await one.take('sweeper', 1_000);
      await other.giveUp('sweeper');
      expect(await other.take('sweeper', 1_000)).toBe(false);
      await one.giveUp('sweeper');
      expect(await other.take('sweeper', 1_000)).toBe(true);
    });
  });
}

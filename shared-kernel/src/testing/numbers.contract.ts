import type { Numbers } from '../store/records';

/** A counter from which no number was taken yet. */
export interface NumbersUnderTest {
  /** The same counter as one more instance of a service sees it. */
  numbers(): Numbers;
  close(): Promise<void>;
}

/** Proves every promise of `Numbers`. */
export function describeNumbers(name: string, open: () => Promise<NumbersUnderTest>): void {
  describe(`Numbers: ${name}`, () => {
    let storage: NumbersUnderTest;

    beforeEach(async () => {
      storage = await open();
    });

    afterEach(() => storage.close());

    it('begin at 1 and grow', async () => {
      const numbers = storage.numbers();

      expect(await numbers.next()).toBe(1);
      const [second, third] = [await numbers.next(), await numbers.next()];
      expect(second).toBeGreaterThan(1);
      expect(third).toBeGreaterThan(second);
    });

    it('are given out once, however many ask at a time', async () => {
      const askers = Array.from({ length: 16 }, () => storage.numbers());
      const taken = await Promise.all(askers.flatMap((numbers) => Array.from({ length: 10 }, () => numbers.next())));

      expect(new Set(taken).size).toBe(160);
      expect(taken.every((number) => Number.isSafeInteger(number) && number >= 1)).toBe(true);
    });
  });
}

import { TestClock } from '@library/shared-kernel/testing/test-clock';
import * as fc from 'fast-check';
import { UuidV7 } from '../../src/service/uuid-v7';

describe('Ids that sort by time', () => {
  it('are UUIDs of version 7 that begin with the time', () => {
    const id = new UuidV7(new TestClock(Date.parse('2023-02-11T09:00:00.123Z'))).next();

    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
    expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.parse('2023-02-11T09:00:00.123Z'));
  });

  it('ascend, however many are made and however the clock jumps [K3]', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -5_000, max: 5_000 }), fc.constantFrom(1, 3, 50)), { maxLength: 10 }),
        (steps) => {
          const clock = new TestClock();
          const ids = new UuidV7(clock);
          const made = steps.flatMap(([jump, count]) => {
            clock.jump(jump);
            return Array.from({ length: count }, () => ids.next());
          });

          expect(made.every((id, at) => at === 0 || made[at - 1]! < id)).toBe(true);
        },
      ),
    );
  });

  it('borrow from the next millisecond when one is used up', () => {
    const ids = new UuidV7(new TestClock());
    const made = Array.from({ length: 5_000 }, () => ids.next());

    expect(made.toSorted()).toEqual(made);
    expect(new Set(made).size).toBe(5_000);
  });

  it('are told apart when two make them at the same time', () => {
    const clock = new TestClock();

    expect(new UuidV7(clock).next()).not.toBe(new UuidV7(clock).next());
  });
});

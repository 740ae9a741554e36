import { MemoryStore } from '@library/shared-kernel/testing/records.memory';
import { Tally, tallies } from '@library/shared-kernel/testing/tally';
import { TestClock } from '@library/shared-kernel/testing/test-clock';
import { Fault } from '../../src/store/fault';
import { forgetExpired } from '../../src/store/forget-expired';
import type { Records } from '../../src/store/records';

const NOW = 10_000;
const bug = new TypeError('A bug of ours.');

describe('Forgetting what has expired', () => {
  let store: MemoryStore<Tally>;
  let records: Records<Tally>;

  beforeEach(() => {
    store = new MemoryStore(tallies, new TestClock());
    records = store.open();
  });

  const keep = (id: string, count: number, until: number) => {
    const keys = Array.from({ length: count }, (_, n) => `${n}`);
    return records.change(id, keys, ({ entries }) => keys.forEach((key) => entries.set(key, 'kept', until)));
  };
  const fail = (isDamaged: (id: string) => boolean, error: Error = bug) => {
    store.faults = { beforeCommit: (id) => (isDamaged(id) ? Promise.reject(error) : undefined) };
  };
  const forget = () => forgetExpired(records, NOW, ({ entries }, keys) => keys.forEach((key) => entries.delete(key)));
  const left = async () => new Set((await records.findExpiredEntries(NOW, 10_000)).map(({ id }) => id));

  it('goes on past records that fail, however many they are and however much they keep, and tells of them [B9]', async () => {
    for (let n = 0; n < 600; n++) await keep(`damaged ${n}`, 1, 1);
    await keep('damaged', 1_200, 2);
    for (let n = 0; n < 3; n++) await keep(`${n}`, 400, 3);
    fail((id) => id.startsWith('damaged'));

    await expect(forget()).rejects.toBe(bug);
    const damaged = await left();
    expect(damaged.size).toBe(601);
    expect([...damaged].every((id) => id.startsWith('damaged'))).toBe(true);
  });

  it('tries a record that fails once, and again the next time', async () => {
    for (let n = 0; n < 3; n++) await keep(`${n}`, 400, 1);
    let tries = 0;
    fail((id) => id === '0' && tries++ === 0);
    await expect(forget()).rejects.toBe(bug);
    expect([tries, await left()]).toEqual([1, new Set(['0'])]);
    await forget();

    expect(await left()).toEqual(new Set());
  });

  it('ends when the world fails, and leaves the others alone until the next time', async () => {
    const fault = new Fault('store-unreachable', 'The store cannot be reached.');
    for (let n = 0; n < 3; n++) await keep(`${n}`, 500, n);
    fail((id) => id === '0', fault);

    await expect(forget()).rejects.toBe(fault);
    expect(await left()).toEqual(new Set(['0', '1', '2']));
  });
});

import { Fault } from '@library/shared-kernel/store/fault';
import type { Decide, LivingRecord, Records } from '@library/shared-kernel/store/records';
import { deciding } from './deciding';
import type { Mortal } from './mortal';
import type { SimulatedStore } from './simulated-store';

/** One process's view of its service's store: the database may be down, a commit may fail, and the process may die around it. */
export function processRecords<Living extends LivingRecord>(
  store: SimulatedStore<Living>,
  process: Mortal,
  isDown: () => boolean,
): Records<Living> {
  const records = store.open({
    beforeCommit: async (id) => {
      await process.moment();
      const slow = process.meets('store.slow');
      if (slow) await process.sleep(slow.ms ?? 0);
      await process.passes('crash.before-commit');
      if (isDown() || process.meets('store.failed-commit')) throw unreachable();
      if (process.meets('store.conflict')) store.comeFirst(id);
    },
    afterCommit: async () => {
      await process.passes('crash.after-commit');
      if (process.meets('store.unknown-commit')) {
        throw new Fault('outcome-unknown', 'The connection was lost before the commit was answered.');
      }
    },
  });

  const reach = <Value>(work: () => Promise<Value>): Promise<Value> =>
    process.lives(() => {
      if (isDown()) throw unreachable();
      return work();
    });
  return {
    change: <Answer>(id: string, about: readonly string[], decide: Decide<Living, Answer>) =>
      reach(() => records.change<Answer>(id, about, (record) => deciding(process, id, () => decide(record)))),
    read: (id, about) => reach(() => records.read(id, about)),
    findByAlias: (alias) => reach(() => records.findByAlias(alias)),
    findDue: (now, horizon, limit) => reach(() => records.findDue(now, horizon, limit)),
    findWaiting: (before, limit) => reach(() => records.findWaiting(before, limit)),
    findExpiredEntries: (now, limit) => reach(() => records.findExpiredEntries(now, limit)),
  };
}

function unreachable(): Fault {
  return new Fault('store-unreachable', 'The store cannot be reached.');
}

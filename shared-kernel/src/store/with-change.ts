import type { LivingRecord, Records } from './records';

/** The same records, changed in another way. */
export function withChange<Living extends LivingRecord>(
  records: Records<Living>,
  change: Records<Living>['change'],
): Records<Living> {
  return {
    change,
    read: (id, about) => records.read(id, about),
    findByAlias: (alias) => records.findByAlias(alias),
    findDue: (now, horizon, limit) => records.findDue(now, horizon, limit),
    findWaiting: (before, limit) => records.findWaiting(before, limit),
    findExpiredEntries: (now, limit) => records.findExpiredEntries(now, limit),
  };
}

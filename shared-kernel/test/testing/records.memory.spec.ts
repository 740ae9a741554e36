import { describeArchive } from '@library/shared-kernel/testing/archive.contract';
import { describeRecords } from '@library/shared-kernel/testing/records.contract';
import { MemoryArchive, MemoryStore } from '@library/shared-kernel/testing/records.memory';
import { messageOf, tallies } from '@library/shared-kernel/testing/tally';
import { TestClock } from '@library/shared-kernel/testing/test-clock';
import { Fault } from '../../src/store/fault';

describeRecords('in memory', async (clock) => {
  const store = new MemoryStore(tallies, clock);
  return {
    records: () => store.open(),
    archive: store.archive,
    stored: async (id) => {
      const found = store.get(id);
      if (!found) return undefined;
      const columns = Object.keys(tallies.columns ?? {}).map((name) => [name, found.columns[name] ?? null]);
      return { version: found.version, columns: Object.fromEntries(columns) };
    },
    close: async () => {},
  };
});

describeArchive('in memory', async () => {
  const archive = new MemoryArchive();
  return { archive, put: async (record, documents) => archive.add(record, documents), close: async () => {} };
});

describe('What a test can do to records in memory', () => {
  it('lets another writer come first, so that the change is decided again on what that one left', async () => {
    const tally = new MemoryStore(tallies, new TestClock());
    let others = 2;
    tally.faults = {
      beforeCommit: async () => void (others-- > 0 && (await tally.open().change('a', [], (each) => each.add()))),
    };

    expect(await tally.open().change('a', [], (each) => each.add())).toBe(3);
    expect(tally.conflicts).toBe(2);
  });

  it('fails a commit before it happened, and after', async () => {
    const tally = new MemoryStore(tallies, new TestClock());
    const fault = new Fault('store-unreachable', 'The store cannot be reached.');
    tally.faults = { beforeCommit: () => Promise.reject(fault) };
    await expect(tally.open().change('a', [], (each) => each.add())).rejects.toBe(fault);
    expect(await tally.open().read('a')).toBeUndefined();

    tally.faults = { afterCommit: () => Promise.reject(fault) };
    await expect(tally.open().change('a', [], (each) => each.add())).rejects.toBe(fault);
    expect((await tally.open().read('a'))?.count).toBe(1);
  });

  it('keeps archive entries on their way until they are to arrive', async () => {
    const tally = new MemoryStore(tallies, new TestClock());
    tally.archiveLater();
    await tally.open().change('a', [], (each) => each.outbox.archive({ kind: 'line', id: 'l1', document: 1 }));
    expect(await tally.archive.find('line', 'l1')).toBeUndefined();
    expect(await tally.open().findWaiting(Infinity, 1)).toEqual([{ id: 'a', waiting: [] }]);

    tally.archiveNow();
    expect(await tally.archive.find('line', 'l1')).toBe(1);
    expect((await tally.open().read('a'))?.outbox.leaving).toEqual([]);
    expect(await tally.open().findWaiting(Infinity, 1)).toEqual([]);
  });

  it('keeps the newest copy of a message that was dropped and added again in one change', async () => {
    const tally = new MemoryStore(tallies, new TestClock());
    await tally.open().change('a', [], (each) => each.outbox.add(messageOf('m')));
    await tally.open().change('a', [], (each) => {
      each.published([{ id: 'm' }]);
      each.outbox.add({ ...messageOf('m'), expires: 1 });
    });

    expect((await tally.open().read('a'))?.outbox.waiting).toEqual([{ ...messageOf('m'), expires: 1 }]);
  });
});

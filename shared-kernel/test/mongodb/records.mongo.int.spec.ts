import type { RecordDocument } from '../../src/mongodb/record-document';
import { describeArchive } from '../../src/testing/archive.contract';
import { describeNumbers } from '../../src/testing/numbers.contract';
import { describeRecords } from '../../src/testing/records.contract';
import { tallies } from '../../src/testing/tally';
import { SystemClock } from '../../src/time/system-clock';
import { Databases, describeWithMongo } from '../../src/testing/mongo-databases';

describeWithMongo('MongoDB', (url) => {
  describeRecords('MongoDB', async (clock) => {
    const databases = new Databases(url);
    const database = databases.open({ clock });
    await database.start();
    const collection = database.collection<RecordDocument>(tallies.name);
    return {
      records: () => database.records(tallies),
      archive: database.archive,
      stored: async (id) => {
        const found = await collection.findOne({ _id: id });
        if (!found) return undefined;
        const { count, colour } = found as unknown as { readonly count: number; readonly colour?: string };
        return { version: found.version, columns: { count, colour: colour ?? null } };
      },
      close: () => databases.remove(),
    };
  });

  describeArchive('MongoDB', async () => {
    const databases = new Databases(url);
    const database = databases.open({ clock: new SystemClock() });
    const records = database.records(tallies);
    await database.start();
    return {
      archive: database.archive,
      put: async (record, documents) => {
        await records.change(record, [], (tally) => tally.outbox.archive(...documents));
        await records.findWaiting(Infinity, 10);
      },
      close: () => databases.remove(),
    };
  });

  describeNumbers('MongoDB', async () => {
    const databases = new Databases(url);
    const database = databases.open({ clock: new SystemClock() });
    await database.start();
    return { numbers: () => database.numbers('tallies'), close: () => databases.remove() };
  });
});

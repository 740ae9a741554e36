import { randomUUID } from 'node:crypto';
import { MongoLeases } from '../../src/mongodb/lease.mongo';
import type { LeaseDocument } from '../../src/mongodb/lease.mongo';
import { describeLeases } from '../../src/testing/lease.contract';
import { Databases, describeWithMongo } from '../../src/testing/mongo-databases';
import { SystemClock } from '../../src/time/system-clock';

describeWithMongo('MongoDB', (url) => {
  describeLeases('MongoDB', async () => {
    const databases = new Databases(url);
    const database = databases.open({ clock: new SystemClock() });
    await database.start();
    let passed = 0;
    return {
      leases: () =>
        new MongoLeases(database.collection<LeaseDocument>('leases'), randomUUID(), () => performance.now() + passed),
      pass: (ms) => void (passed += ms),
      close: () => databases.remove(),
    };
  });
});

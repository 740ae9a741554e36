import { Databases, describeWithMongo } from '@library/shared-kernel/testing/mongo-databases';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { MongoCountsOfAll } from '../../../src/adapters/out/mongo/counts-of-all.mongo';
import { MongoCurrentGeneration } from '../../../src/adapters/out/mongo/current-generation.mongo';
import { rentCountKind } from '../../../src/application/rent-count-kind';
import { describeRankings } from './rankings.contract';

describeWithMongo('MongoDB', (url) => {
  describeRankings('MongoDB', async () => {
    const databases = new Databases(url);
    const database = databases.open({ clock: new SystemClock() });
    const kind = rentCountKind(1);
    const rents = database.records(kind, { indexes: [['total']] });
    const counts = new MongoCountsOfAll(database, kind.name);
    await database.start();
    return {
      rents,
      counts,
      current: new MongoCurrentGeneration(database),
      caughtUp: async () => void (await rents.findWaiting(Infinity, 1_000)),
      close: () => databases.remove(),
    };
  });
});

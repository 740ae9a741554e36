import { Databases, describeWithMongo } from '@library/shared-kernel/testing/mongo-databases';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { MongoCardLists } from '../../../src/adapters/out/mongo/card-lists.mongo';
import { rentalKind } from '../../../src/application/rental-kind';
import { describeCardLists } from './card-lists.contract';

describeWithMongo('MongoDB', (url) => {
  describeCardLists('MongoDB', async () => {
    const databases = new Databases(url);
    const database = databases.open({ clock: new SystemClock() });
    const cards = database.records(rentalKind, { indexes: [['late_on'], ['overdue']] });
    await database.start();
    return { cards, lists: new MongoCardLists(database), archive: database.archive, close: () => databases.remove() };
  });
});

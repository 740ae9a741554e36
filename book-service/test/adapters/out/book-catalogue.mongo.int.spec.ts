import { Databases, describeWithMongo } from '@library/shared-kernel/testing/mongo-databases';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { MongoBookCatalogue } from '../../../src/adapters/out/mongo/book-catalogue.mongo';
import { bookKind } from '../../../src/application/book-kind';
import { describeBookCatalogue } from './book-catalogue.contract';

describeWithMongo('MongoDB', (url) => {
  describeBookCatalogue('MongoDB', async () => {
    const databases = new Databases(url);
    const database = databases.open({ clock: new SystemClock() });
    const books = database.records(bookKind, { indexes: [['no']] });
    await database.start();
    return { books, catalogue: new MongoBookCatalogue(database), close: () => databases.remove() };
  });
});

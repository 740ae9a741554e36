import { localDate } from '@library/shared-kernel/domain/local-date';
import { bookNo } from '@library/shared-kernel/domain/identifiers';
import { Databases, describeWithMongo } from '@library/shared-kernel/testing/mongo-databases';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { mongoBestBookStores } from '../../../src/adapters/out/mongo/best-book-stores.mongo';

const day = localDate('2026-01-01');

describeWithMongo('Generations, in MongoDB', (url) => {
  let databases: Databases;

  beforeEach(() => {
    databases = new Databases(url);
  });

  afterEach(() => databases.remove());

  it('leave nothing behind when they are discarded, also when the next one begins', async () => {
    const database = databases.open({ clock: new SystemClock() });
    const stores = mongoBestBookStores(database);
    for (const number of [1, 2, 3]) {
      const generation = stores.generation(number);
      await generation.ready();
      await generation.counts.change('1', [day], (record) => record.add({ no: bookNo(1), title: 'one' }, day));
      await generation.counts.findWaiting(Infinity, 10);
      if (number < 3) await generation.discard();
    }

    const collections = await database.client.db(databases.name).listCollections().toArray();
    const counts = collections.map(({ name }) => name).filter((name) => name.startsWith('rent_counts'));
    expect(counts.toSorted()).toEqual(['rent_counts_3', 'rent_counts_3_entries']);
  });
});

import type { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import type { BestBookStores } from '../../../application/ports';
import { rentCountKind } from '../../../application/rent-count-kind';
import { MongoCountsOfAll } from './counts-of-all.mongo';
import { MongoCurrentGeneration } from './current-generation.mongo';

/** All that the best-book service keeps, in a MongoDB database. */
export function mongoBestBookStores(database: ServiceDatabase): BestBookStores {
  return {
    chosen: new MongoCurrentGeneration(database),
    generation: (number) => {
      const kind = rentCountKind(number);
      const counts = database.records(kind, { indexes: [['total']] });
      const ofAll = new MongoCountsOfAll(database, kind.name);
      return { counts, ofAll, ready: () => database.start(), discard: () => ofAll.discard() };
    },
  };
}

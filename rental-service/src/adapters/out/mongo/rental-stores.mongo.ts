import type { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import type { RentalStores } from '../../../application/ports';
import { rentalKind } from '../../../application/rental-kind';
import { MongoCardLists } from './card-lists.mongo';

/** All that the rental service keeps, in a MongoDB database. */
export function mongoRentalStores(database: ServiceDatabase): RentalStores {
  return {
    cards: database.records(rentalKind, { indexes: [['late_on'], ['overdue']] }),
    lists: new MongoCardLists(database),
    archive: database.archive,
  };
}

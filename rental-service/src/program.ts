import type { Program } from '@library/shared-kernel/distributed/service-process';
import { mongoRentalStores } from './adapters/out/mongo/rental-stores.mongo';
import { RENTAL_SERVICE, composeRental } from './composition-root';

/** The rental service, for a process that has Kafka and MongoDB. */
export const rentalProgram: Program = {
  name: RENTAL_SERVICE,
  speaker: 'rental',
  port: 8081,
  compose: (world, database) => composeRental(world, mongoRentalStores(database)),
};

import { runService } from '@library/shared-kernel/distributed/run-service';
import { mongoRentalStores } from './adapters/out/mongo/rental-stores.mongo';
import { RENTAL_SERVICE, composeRental } from './composition-root';

/** The rental service as a process of its own, on Kafka and MongoDB. */
void runService(
  {
    name: RENTAL_SERVICE,
    speaker: 'rental',
    port: 8081,
    compose: (world, database) => composeRental(world, mongoRentalStores(database)),
  },
  process.env,
);

import { runService } from '@library/shared-kernel/distributed/run-service';
import { mongoBookStores } from './adapters/out/mongo/book-stores.mongo';
import { BOOK_SERVICE, composeBook } from './composition-root';

/** The book service as a process of its own, on Kafka and MongoDB. */
void runService(
  {
    name: BOOK_SERVICE,
    speaker: 'book',
    port: 8082,
    compose: (world, database) => composeBook(world, mongoBookStores(database)),
  },
  process.env,
);

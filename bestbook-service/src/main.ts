import { runService } from '@library/shared-kernel/distributed/run-service';
import { mongoBestBookStores } from './adapters/out/mongo/best-book-stores.mongo';
import { BESTBOOK_SERVICE, composeBestBook } from './composition-root';

/** The bestbook service as a process of its own, on Kafka and MongoDB. */
void runService(
  {
    name: BESTBOOK_SERVICE,
    speaker: 'bestbook',
    port: 8084,
    compose: (world, database) => composeBestBook(world, mongoBestBookStores(database)),
  },
  process.env,
);

import type { Program } from '@library/shared-kernel/distributed/service-process';
import { mongoBestBookStores } from './adapters/out/mongo/best-book-stores.mongo';
import { BESTBOOK_SERVICE, composeBestBook } from './composition-root';

/** The bestbook service, for a process that has Kafka and MongoDB. */
export const bestBookProgram: Program = {
  name: BESTBOOK_SERVICE,
  speaker: 'bestbook',
  port: 8084,
  compose: (world, database) => composeBestBook(world, mongoBestBookStores(database)),
};

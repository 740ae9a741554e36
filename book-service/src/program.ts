import type { Program } from '@library/shared-kernel/distributed/service-process';
import { mongoBookStores } from './adapters/out/mongo/book-stores.mongo';
import { BOOK_SERVICE, composeBook } from './composition-root';

/** The book service, for a process that has Kafka and MongoDB. */
export const bookProgram: Program = {
  name: BOOK_SERVICE,
  speaker: 'book',
  port: 8082,
  compose: (world, database) => composeBook(world, mongoBookStores(database)),
};

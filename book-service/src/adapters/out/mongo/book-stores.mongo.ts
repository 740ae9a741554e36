import type { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import { bookKind } from '../../../application/book-kind';
import type { BookStores } from '../../../application/ports';
import { MongoBookCatalogue } from './book-catalogue.mongo';

/** All that the book service keeps, in a MongoDB database. */
export function mongoBookStores(database: ServiceDatabase): BookStores {
  return {
    books: database.records(bookKind, { indexes: [['no']] }),
    catalogue: new MongoBookCatalogue(database),
    numbers: database.numbers('book'),
  };
}

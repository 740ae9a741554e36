import type { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { bookKind } from '../../../application/book-kind';
import type { BookStores } from '../../../application/ports';
import { EmbeddedBookCatalogue } from './book-catalogue.embedded';

/** All that the book service keeps, in one file on the local disk. */
export function embeddedBookStores(file: ServiceFile): BookStores {
  return {
    books: file.records(bookKind, { indexes: [['no']] }),
    catalogue: new EmbeddedBookCatalogue(file),
    numbers: file.numbers('book'),
  };
}

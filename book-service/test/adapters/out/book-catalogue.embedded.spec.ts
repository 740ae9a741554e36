import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { EmbeddedBookCatalogue } from '../../../src/adapters/out/embedded/book-catalogue.embedded';
import { bookKind } from '../../../src/application/book-kind';
import { describeBookCatalogue } from './book-catalogue.contract';

describeBookCatalogue('embedded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'book-service-'));
  const file = ServiceFile.open(join(folder, 'book.sqlite'), new SystemClock());
  return {
    books: file.records(bookKind, { indexes: [['no']] }),
    catalogue: new EmbeddedBookCatalogue(file),
    close: async () => {
      await file.close();
      rmSync(folder, { recursive: true });
    },
  };
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { EmbeddedCardLists } from '../../../src/adapters/out/embedded/card-lists.embedded';
import { rentalKind } from '../../../src/application/rental-kind';
import { describeCardLists } from './card-lists.contract';

describeCardLists('embedded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rental-service-'));
  const file = ServiceFile.open(join(folder, 'rental.sqlite'), new SystemClock());
  return {
    cards: file.records(rentalKind, { indexes: [['late_on'], ['overdue']] }),
    lists: new EmbeddedCardLists(file),
    archive: file.archive,
    close: async () => {
      await file.close();
      rmSync(folder, { recursive: true });
    },
  };
});

import type { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import type { BestBookStores } from '../../../application/ports';
import { rentCountKind } from '../../../application/rent-count-kind';
import { EmbeddedCountsOfAll } from './counts-of-all.embedded';
import { EmbeddedCurrentGeneration } from './current-generation.embedded';

/** All that the best-book service keeps, in one file on the local disk. */
export function embeddedBestBookStores(file: ServiceFile): BestBookStores {
  return {
    chosen: new EmbeddedCurrentGeneration(file),
    generation: (number) => {
      const kind = rentCountKind(number);
      const counts = file.records(kind, { indexes: [['total']] });
      const ofAll = new EmbeddedCountsOfAll(file, kind.name);
      return { counts, ofAll, ready: () => Promise.resolve(), discard: () => ofAll.discard() };
    },
  };
}

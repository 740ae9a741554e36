import type { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import type { RentalStores } from '../../../application/ports';
import { rentalKind } from '../../../application/rental-kind';
import { EmbeddedCardLists } from './card-lists.embedded';

/** All that the rental service keeps, in one file on the local disk. */
export function embeddedRentalStores(file: ServiceFile): RentalStores {
  return {
    cards: file.records(rentalKind, { indexes: [['late_on'], ['overdue']] }),
    lists: new EmbeddedCardLists(file),
    archive: file.archive,
  };
}

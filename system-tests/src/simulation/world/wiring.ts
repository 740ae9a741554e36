import type { BestBookStores } from '@library/bestbook-service/application/ports';
import { wireBestBook } from '@library/bestbook-service/composition-root';
import { wireBook } from '@library/book-service/composition-root';
import { wireMember } from '@library/member-service/composition-root';
import { wireRental } from '@library/rental-service/composition-root';
import type { Service } from '@library/shared-kernel/service/service';
import type { World } from '@library/shared-kernel/service/world';
import type { LivingRecord, Records } from '@library/shared-kernel/store/records';
import { cardListsOf } from './lists';
import type { Role } from './roles';
import type { SimulatedStore } from './simulated-store';
import type { Stores } from './stores';

/** What a process makes of its service's store: its own view of it. */
type OwnView = <Living extends LivingRecord>(store: SimulatedStore<Living>) => Records<Living>;

/** Nobody asks the simulated library for lists of books or members, or for the ranking. */
const notAsked = () => Promise.reject(new Error('This is no part of the simulation.'));

/** The real services, each on the simulated stores. */
const WIRINGS = {
  rental: (world: World, stores: Stores, own: OwnView) => {
    const { rental } = stores;
    return wireRental(world, { cards: own(rental), lists: cardListsOf(rental), archive: rental.archive });
  },
  book: (world: World, stores: Stores, own: OwnView) =>
    wireBook(world, {
      books: own(stores.book),
      catalogue: { list: notAsked },
      numbers: { next: async () => stores.nextNumber('book') },
    }),
  member: (world: World, stores: Stores, own: OwnView) =>
    wireMember(world, {
      members: own(stores.member),
      list: { list: notAsked, findByNumber: notAsked },
      ledger: stores.member.archive,
      numbers: { next: async () => stores.nextNumber('member') },
    }),
  bestbook: (world: World, stores: Stores, own: OwnView) => {
    const counts = own(stores.bestbook);
    const kept: BestBookStores = {
      chosen: { read: async () => 1, choose: notAsked, begin: notAsked },
      generation: () => ({
        counts,
        ofAll: { mostRented: notAsked },
        ready: () => Promise.resolve(),
        discard: notAsked,
      }),
    };
    return wireBestBook(world, kept);
  },
};

export type UseCases = { readonly [Name in Role]: ReturnType<(typeof WIRINGS)[Name]>['useCases'] };

export interface Wired<Name extends Role = Role> {
  readonly useCases: UseCases[Name];
  readonly work: Pick<Service, 'start' | 'operations'>;
}

export function wire<Name extends Role>(role: Name, world: World, stores: Stores, own: OwnView): Wired<Name> {
  const { useCases, work } = WIRINGS[role](world, stores, own);
  return { useCases: useCases as UseCases[Name], work };
}

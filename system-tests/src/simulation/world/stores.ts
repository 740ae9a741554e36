import { rentCountKind } from '@library/bestbook-service/application/rent-count-kind';
import type { RentCountRecord } from '@library/bestbook-service/application/rent-count-record';
import { bookKind } from '@library/book-service/application/book-kind';
import type { BookRecord } from '@library/book-service/application/book-record';
import { memberKind } from '@library/member-service/application/member-kind';
import type { MemberRecord } from '@library/member-service/application/member-record';
import { rentalKind } from '@library/rental-service/application/rental-kind';
import type { RentalRecord } from '@library/rental-service/application/rental-record';
import type { LivingRecord } from '@library/shared-kernel/store/records';
import type { Random } from '../random';
import type { Role } from './roles';
import { SimulatedStore } from './simulated-store';
import type { Commit } from './commit';
import type { VirtualTime } from './virtual-time';

/** All that is durable, whatever dies, but for the log. */
export class Stores {
  readonly rental: SimulatedStore<RentalRecord>;
  readonly book: SimulatedStore<BookRecord>;
  readonly member: SimulatedStore<MemberRecord>;
  readonly bestbook: SimulatedStore<RentCountRecord>;
  private readonly numbers = new Map<Role, number>();

  constructor(time: VirtualTime, random: Random, committed: (role: Role, commit: Commit) => void) {
    const told = (role: Role) => (commit: Commit) => committed(role, commit);
    this.rental = new SimulatedStore(rentalKind, time, random, told('rental'));
    this.book = new SimulatedStore(bookKind, time, random, told('book'));
    this.member = new SimulatedStore(memberKind, time, random, told('member'));
    this.bestbook = new SimulatedStore(rentCountKind(1), time, random, told('bestbook'));
  }

  of(role: Role): SimulatedStore<LivingRecord> {
    return this[role];
  }

  /** The next number of a service's counter. */
  nextNumber(role: Role): number {
    const next = (this.numbers.get(role) ?? 0) + 1;
    this.numbers.set(role, next);
    return next;
  }
}

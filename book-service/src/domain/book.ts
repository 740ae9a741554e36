import type { BookNo, MemberId, SagaId } from '@library/shared-kernel/domain/identifiers';
import type { LocalDate } from '@library/shared-kernel/domain/local-date';
import type { IdName } from '@library/shared-kernel/domain/names';
import { refuse, type Refusal } from '@library/shared-kernel/domain/refusal';

export const CLASSIFICATIONS = ['ARTS', 'COMPUTER', 'LITERATURE'] as const;
export const SOURCES = ['DONATION', 'SUPPLY'] as const;
export const LOCATIONS = ['JEONGJA', 'PANGYO'] as const;

export type Classification = (typeof CLASSIFICATIONS)[number];
export type Source = (typeof SOURCES)[number];
export type Location = (typeof LOCATIONS)[number];

/** What is known of a copy, whoever holds it. */
export interface Particulars {
  readonly title: string;
  readonly author: string;
  readonly isbn: string;
  readonly description?: string;
  readonly publicationDate?: LocalDate;
  readonly classification: Classification;
  readonly source: Source;
  readonly location: Location;
}

interface Copy {
  readonly no: BookNo;
  readonly particulars: Particulars;
}

/** ENTERED: registered, and not on the shelf. */
interface Unlent extends Copy {
  readonly status: 'ENTERED' | 'AVAILABLE' | 'WITHDRAWN';
}

interface Lent extends Copy {
  readonly status: 'UNAVAILABLE';
  readonly holder: IdName;
  readonly takenBy: SagaId;
  /** The saga that is bringing it back. */
  readonly returning?: SagaId;
}

export type BookState = Unlent | Lent;

/** One copy of a book, and who holds it. */
export class Book {
  constructor(private state: BookState) {}

  static register(no: BookNo, particulars: Particulars, onShelf: boolean): Book {
    return new Book({ no, particulars, status: onShelf ? 'AVAILABLE' : 'ENTERED' });
  }

  shelve(): void | Refusal<'book-not-available' | 'book-withdrawn'> {
    if (this.state.status === 'UNAVAILABLE') return refuse('book-not-available');
    if (this.state.status === 'WITHDRAWN') return refuse('book-withdrawn');

    this.become('AVAILABLE');
  }

  unshelve(): void | Refusal<'book-not-available' | 'book-withdrawn'> {
    if (this.state.status === 'UNAVAILABLE') return refuse('book-not-available');
    if (this.state.status === 'WITHDRAWN') return refuse('book-withdrawn');

    this.become('ENTERED');
  }

  /** For good: a withdrawn book never comes back to the shelf. */
  withdraw(): void | Refusal<'book-not-available'> {
    if (this.state.status === 'UNAVAILABLE') return refuse('book-not-available');

    this.become('WITHDRAWN');
  }

  lend(to: IdName, saga: SagaId): 'done' | Refusal<'book-not-available' | 'book-withdrawn'> {
    if (this.state.status === 'WITHDRAWN') return refuse('book-withdrawn');
    if (this.state.status !== 'AVAILABLE') return refuse('book-not-available');

    const { no, particulars } = this.state;
    this.state = { no, particulars, status: 'UNAVAILABLE', holder: to, takenBy: saga };

    return 'done';
  }

  cancelLoan(saga: SagaId): void {
    if (this.state.status === 'UNAVAILABLE' && this.state.takenBy === saga) this.become('AVAILABLE');
  }

  /** `nothing`: this member does not hold it, or another saga is bringing it back already. */
  startReturn(by: MemberId, saga: SagaId): 'returning' | 'nothing' {
    if (this.state.status !== 'UNAVAILABLE' || this.state.holder.id !== by) return 'nothing';
    if (this.state.returning) return this.state.returning === saga ? 'returning' : 'nothing';

    this.state = { ...this.state, returning: saga };

    return 'returning';
  }

  cancelReturn(saga: SagaId): void {
    if (this.state.status !== 'UNAVAILABLE') return;

    const { returning, ...held } = this.state;
    if (returning === saga) this.state = held;
  }

  confirmReturn(saga: SagaId): void {
    if (this.state.status === 'UNAVAILABLE' && this.state.returning === saga) this.become('AVAILABLE');
  }

  /** What the record still shows of this saga, for when its fence is no longer there to say. */
  shows(saga: SagaId): 'taken' | 'returning' | 'nothing' {
    if (this.state.status !== 'UNAVAILABLE') return 'nothing';
    if (this.state.takenBy === saga) return 'taken';
    return this.state.returning === saga ? 'returning' : 'nothing';
  }

  snapshot(): BookState {
    return this.state;
  }

  private become(status: Unlent['status']): void {
    if (this.state.status === status) return;

    const { no, particulars } = this.state;
    this.state = { no, particulars, status };
  }
}

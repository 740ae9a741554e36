import { callOf, type Known } from './calls';
import { NONSENSE } from './nonsense';
import type { Request } from './requests';

/** How the library should answer: with this status and, when it is a problem, with one of these codes. */
export interface Expected {
  readonly status: number;
  readonly codes?: readonly string[];
  /** What a return has cost. */
  readonly fee?: number;
  /** The book that was registered; its number is the library's to choose. */
  readonly book?: Book;
}

interface Book {
  no?: number;
  withdrawn: boolean;
  holder?: string | undefined;
  rents: number;
}

interface Card {
  fee: number;
  returned: number;
  readonly loans: Map<number, { readonly due: number; late: boolean }>;
}

interface State {
  today: number;
  readonly books: Book[];
  readonly members: Map<string, { closed: boolean; points: number }>;
  readonly cards: Map<string, Card>;
  /** By scope and key: what was asked, and how it was answered. */
  readonly kept: Map<string, { readonly asked: string; readonly expected: Expected }>;
}

/** What members, cards and books look like from outside. */
export interface Shown {
  readonly cards: Readonly<Record<string, object>>;
  readonly members: Readonly<Record<string, object>>;
  /** By number. */
  readonly books: readonly object[];
  readonly rents: readonly object[];
}

const LOAN_DAYS = 14;
const FEE_A_DAY = 10;
const POINTS = 10;
const LIMIT = 5;

/**
 * The library as it looks to people who ask one thing after the other: everything is done at once, nothing ever fails,
 * and there are neither sagas nor messages nor services. Days are counted from the first one.
 */
export class LibraryModel implements Known {
  constructor(
    readonly mark: string,
    private readonly state: State = { today: 0, books: [], members: new Map(), cards: new Map(), kept: new Map() },
  ) {}

  copy(): LibraryModel {
    const { today, books, members, cards, kept } = this.state;
    const copyOf = (card: Card): Card => ({ ...card, loans: copied(card.loans, (loan) => ({ ...loan })) });
    return new LibraryModel(this.mark, {
      today,
      books: books.map((book) => ({ ...book })),
      members: copied(members, (member) => ({ ...member })),
      cards: copied(cards, copyOf),
      kept: new Map(kept),
    });
  }

  get today(): number {
    return this.state.today;
  }

  get numbers(): readonly number[] {
    return this.state.books.map(({ no }) => no!);
  }

  numberOf(book: number): number {
    return this.numbers[book] ?? Math.max(0, ...this.numbers) + 1;
  }

  dueOf(member: string): number {
    return this.state.cards.get(member)?.fee || POINTS;
  }

  /** Does what is asked, and says how that is answered. What comes again under its key is not done again. */
  answer(request: Request): Expected {
    if (request.ask === 'nonsense') return problem(400, NONSENSE[request.which]!.code);
    const scope = scopeOf(request);
    // Without a card there is nowhere to look for a key.
    const needsCard = request.ask === 'return' || request.ask === 'clear';
    if (needsCard && !this.state.cards.has(request.member)) return problem(404, 'card-not-found');

    const { key, ...asked } = callOf(request, this);
    if (key === undefined) return this.decide(request);
    const entry = `${scope} ${key}`;
    const kept = this.state.kept.get(entry);
    if (kept) return kept.asked === JSON.stringify(asked) ? kept.expected : problem(422, 'idempotency-key-reused');

    const expected = this.decide(request);
    this.state.kept.set(entry, { asked: JSON.stringify(asked), expected });
    return expected;
  }

  /** Days pass, and what is late by then is marked. */
  wait(days: number): void {
    this.state.today += days;
    for (const { loans } of this.state.cards.values())
      for (const loan of loans.values()) loan.late ||= loan.due < this.state.today;
  }

  /** All that can be looked up. */
  shown(dayOf: (day: number) => string): Shown {
    const { books, members, cards } = this.state;
    return {
      cards: each(cards, (card) => ({
        fee: card.fee,
        status: unavailable(card) ? 'RENT_UNAVAILABLE' : 'RENT_AVAILABLE',
        items: [...card.loans].map(([no, { due, late }]) => ({
          no,
          state: 'RENTED',
          dueOn: dayOf(due),
          overdue: late,
        })),
        counts: {
          rented: card.loans.size,
          returned: card.returned,
          overdue: [...card.loans.values()].filter(({ late }) => late).length,
        },
      })),
      members: each(members, ({ closed, points }) => ({ status: closed ? 'CLOSED' : 'ACTIVE', points })),
      books: books.map(({ no, withdrawn, holder }) => ({
        no,
        status: withdrawn ? 'WITHDRAWN' : holder ? 'UNAVAILABLE' : 'AVAILABLE',
        holder: holder === undefined ? undefined : `${holder}${this.mark}`,
      })),
      rents: books.filter(({ rents }) => rents > 0).map(({ no, rents }) => ({ no, rents })),
    };
  }

  private decide(request: Exclude<Request, { ask: 'nonsense' }>): Expected {
    const { books, members } = this.state;
    switch (request.ask) {
      case 'rent':
        return this.rent(request.member, this.numberOf(request.book));
      case 'return':
        return this.return(request.member, this.numberOf(request.book));
      case 'clear':
        return this.clear(request.member, this.dueOf(request.member) + (request.exactly ? 0 : 1));
      case 'register book': {
        const book: Book = { withdrawn: false, rents: 0 };
        books.push(book);
        return { status: 201, book };
      }
      case 'register member':
        if (members.has(request.member)) return problem(409, 'member-already-exists');
        members.set(request.member, { closed: false, points: 0 });
        return { status: 201 };
      case 'adjust': {
        const member = members.get(request.member);
        if (!member) return problem(404, 'member-not-found');
        member.points += request.points;
        return { status: 201 };
      }
      case 'close': {
        const member = members.get(request.member);
        if (!member) return problem(404, 'member-not-found');
        member.closed = true;
        return { status: 200 };
      }
      case 'shelve':
      case 'withdraw': {
        const book = books[request.book];
        if (!book) return problem(404, 'book-not-found');
        if (book.holder) return problem(409, 'book-not-available');
        if (book.withdrawn && request.ask === 'shelve') return problem(409, 'book-withdrawn');
        book.withdrawn ||= request.ask === 'withdraw';
        return { status: 200 };
      }
    }
  }

  private rent(by: string, no: number): Expected {
    const card = this.state.cards.get(by) ?? { fee: 0, returned: 0, loans: new Map() };
    this.state.cards.set(by, card);
    if (unavailable(card)) return problem(409, 'card-unavailable');
    if (card.loans.size >= LIMIT) return problem(409, 'limit-reached');
    if (card.loans.has(no)) return problem(409, 'already-rented');

    const book = this.state.books.find((one) => one.no === no);
    const member = this.state.members.get(by);
    // Both are asked at once, so either may be the first to refuse.
    const reasons = [bookRefuses(book), memberRefuses(member)].filter((reason) => reason !== undefined);
    if (reasons.length > 0) return problem(409, ...reasons);

    Object.assign(book!, { holder: by, rents: book!.rents + 1 });
    member!.points += POINTS;
    card.loans.set(no, { due: this.today + LOAN_DAYS, late: false });
    return { status: 201 };
  }

  private return(by: string, no: number): Expected {
    const card = this.state.cards.get(by)!;
    const loan = card.loans.get(no);
    if (!loan) return problem(409, 'item-not-rented');

    const fee = Math.max(0, this.today - loan.due) * FEE_A_DAY;
    card.loans.delete(no);
    card.fee += fee;
    card.returned += 1;
    this.state.books.find((book) => book.no === no)!.holder = undefined;
    const member = this.state.members.get(by)!;
    if (!member.closed) member.points += POINTS;
    return { status: 200, fee };
  }

  private clear(by: string, points: number): Expected {
    const card = this.state.cards.get(by)!;
    if (card.loans.size > 0) return problem(409, 'items-not-returned');
    if (points !== card.fee) return problem(422, 'wrong-amount');
    const member = this.state.members.get(by)!;
    if (member.closed) return problem(409, 'member-closed');
    if (member.points < points) return problem(409, 'not-enough-points');

    member.points -= points;
    card.fee = 0;
    return { status: 200 };
  }
}

function scopeOf(request: Exclude<Request, { ask: 'nonsense' }>): string {
  switch (request.ask) {
    case 'rent':
    case 'return':
    case 'clear':
      return `card of ${request.member}`;
    case 'register member':
    case 'adjust':
    case 'close':
      return `member ${request.member}`;
    case 'register book':
    case 'shelve':
    case 'withdraw':
      return 'books';
  }
}

function unavailable({ fee, loans }: Card): boolean {
  return fee > 0 || [...loans.values()].some(({ late }) => late);
}

function bookRefuses(book: Book | undefined): string | undefined {
  if (!book) return 'book-not-found';
  if (book.withdrawn) return 'book-withdrawn';
  return book.holder === undefined ? undefined : 'book-not-available';
}

function memberRefuses(member: { readonly closed: boolean } | undefined): string | undefined {
  if (!member) return 'member-not-found';
  return member.closed ? 'member-closed' : undefined;
}

function problem(status: number, ...codes: readonly string[]): Expected {
  return { status, codes };
}

function each<Value>(
  all: ReadonlyMap<string, Value>,
  show: (value: Value) => object,
): Readonly<Record<string, object>> {
  return Object.fromEntries([...all].map(([id, value]) => [id, show(value)]));
}

function copied<Key, Value>(all: ReadonlyMap<Key, Value>, copyOf: (value: Value) => Value): Map<Key, Value> {
  return new Map([...all].map(([key, value]) => [key, copyOf(value)]));
}

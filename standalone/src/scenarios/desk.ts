/** What the library answered. */
export interface Answered<Body = unknown> {
  readonly status: number;
  readonly body: Body;
}

export interface CardSeen {
  readonly status: string;
  readonly fee: number;
  readonly items: readonly {
    readonly no: number;
    readonly state: string;
    readonly overdue: boolean;
    readonly dueOn: string;
  }[];
  readonly counts: { readonly rented: number; readonly returned: number; readonly overdue: number };
}

export interface SagaSeen {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly attention?: string;
  readonly steps: readonly { readonly participant: string; readonly state: string; readonly code?: string }[];
}

/** A saga that is under way, a loan, a card or a problem: as much of it as stories look at. */
export interface Outcome {
  readonly id?: string;
  readonly sagaId?: string;
  readonly code?: string;
  readonly fee?: number;
}

export interface ParkedSeen {
  readonly id: string;
  readonly group: string;
  readonly reason: string;
  readonly state: string;
}

interface Asking {
  readonly key?: string;
  /** Wait for the outcome; only ask when it is false. */
  readonly wait?: boolean;
}

const BOOK = {
  author: 'N. N.',
  isbn: '9788900000000',
  classification: 'LITERATURE',
  source: 'SUPPLY',
  location: 'PANGYO',
};
const OPERATOR = { actor: 'minho' };

/** The library's front desk, where everybody in a story asks for what they want: over HTTP, as anybody would. */
export class Desk {
  constructor(private readonly origin: () => string) {}

  async registerBook(title: string): Promise<number> {
    const { body } = (await this.call('POST', '/books', { title, ...BOOK })) as Answered<{ no: number }>;
    return body.no;
  }

  async registerMember(id: string, name: string): Promise<void> {
    await this.call('POST', '/members', { id, name, email: `${id}@example.org` });
  }

  async closeMember(id: string): Promise<void> {
    await this.call('PUT', `/members/${id}/closure`);
  }

  rent(member: string, no: number, asking: Asking = {}): Promise<Answered<Outcome>> {
    const body = { memberName: member, item: { no, title: `Book ${no}` } };
    return this.call('POST', `/rental-cards/${member}/rentals`, body, headersOf(asking));
  }

  giveBack(member: string, no: number, asking: Asking = {}): Promise<Answered<Outcome>> {
    return this.call('POST', `/rental-cards/${member}/returns`, { item: { no } }, headersOf(asking));
  }

  clear(member: string, points: number): Promise<Answered<Outcome>> {
    return this.call('POST', `/rental-cards/${member}/clearances`, { points }, headersOf({}));
  }

  async markOverdue(): Promise<number> {
    const { body } = (await this.call('POST', '/overdue-markings', {})) as Answered<{ marked: number }>;
    return body.marked;
  }

  async addPoints(member: string, points: number, reason: string): Promise<void> {
    await this.call('POST', `/members/${member}/adjustments`, { points, reason, ...OPERATOR });
  }

  async card(member: string): Promise<CardSeen> {
    return ((await this.call('GET', `/rental-cards/${member}`)) as Answered<CardSeen>).body;
  }

  /** Numbers of the books on the card, those that are only asked for included. */
  async booksOf(member: string): Promise<readonly number[]> {
    return (await this.card(member)).items.map(({ no }) => no);
  }

  async statusOf(book: number): Promise<string> {
    return ((await this.call('GET', `/books/${book}`)) as Answered<{ status: string }>).body.status;
  }

  async holderOf(book: number): Promise<string | undefined> {
    const { body } = (await this.call('GET', `/books/${book}`)) as Answered<{ holder?: { id: string } }>;
    return body.holder?.id;
  }

  async pointsOf(member: string): Promise<number> {
    return ((await this.call('GET', `/members/${member}`)) as Answered<{ points: number }>).body.points;
  }

  /** How often the book counts as rented. */
  async rentsOf(book: number): Promise<number> {
    const ranked = await this.ranking();
    return ranked.find(({ item }) => item.no === book)?.rentCount ?? 0;
  }

  async ranking(): Promise<readonly { readonly item: { readonly no: number }; readonly rentCount: number }[]> {
    return (
      (await this.call('GET', '/best-books?top=100')) as Answered<
        readonly { item: { no: number }; rentCount: number }[]
      >
    ).body;
  }

  async recount(): Promise<number> {
    return ((await this.call('POST', '/ops/best-books/rebuilds', {})) as Answered<{ generation: number }>).body
      .generation;
  }

  async saga(id: string): Promise<SagaSeen> {
    return ((await this.call('GET', `/sagas/${id}`)) as Answered<SagaSeen>).body;
  }

  /** How many sagas have not ended. */
  async inFlight(): Promise<number> {
    const counts = await Promise.all(['RUNNING', 'CONFIRMING', 'COMPENSATING'].map((status) => this.sagasIn(status)));
    return counts.reduce((sum, sagas) => sum + sagas.length, 0);
  }

  async sagasIn(status: string): Promise<readonly SagaSeen[]> {
    return ((await this.call('GET', `/sagas?status=${status}&limit=100`)) as Answered<{ items: readonly SagaSeen[] }>)
      .body.items;
  }

  async settle(saga: string, participant: string, reason: string): Promise<Answered> {
    return this.call('POST', `/ops/sagas/${saga}/settlements`, { participant, reason, ...OPERATOR });
  }

  async parked(): Promise<readonly ParkedSeen[]> {
    return ((await this.call('GET', '/ops/parked?limit=100')) as Answered<{ items: readonly ParkedSeen[] }>).body.items;
  }

  /** What was done: `released`, `obsolete`, `failed-again` and so on. */
  async release(parked: string, reason: string): Promise<string> {
    return (
      (await this.call('POST', `/ops/parked/${parked}/release`, { reason, ...OPERATOR })) as Answered<{ did: string }>
    ).body.did;
  }

  async discard(parked: string, reason: string): Promise<string> {
    return (
      (await this.call('POST', `/ops/parked/${parked}/discard`, { reason, ...OPERATOR })) as Answered<{ did: string }>
    ).body.did;
  }

  backUp(folder: string): Promise<Answered> {
    return this.call('POST', '/ops/backups', { folder });
  }

  private async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answered> {
    const answer = await fetch(this.origin() + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  }
}

function headersOf({ key, wait = true }: Asking): Readonly<Record<string, string>> {
  return { ...(wait ? { Prefer: 'wait=15' } : {}), ...(key === undefined ? {} : { 'Idempotency-Key': key }) };
}

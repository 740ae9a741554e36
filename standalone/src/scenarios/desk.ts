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

interface BookSeen {
  readonly status: string;
  readonly holder?: { readonly id: string };
}

export interface RankedSeen {
  readonly item: { readonly no: number };
  readonly rentCount: number;
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
    const { no } = (await this.post('/books', { title, ...BOOK })) as { no: number };
    return no;
  }

  async registerMember(id: string, name: string): Promise<void> {
    await this.post('/members', { id, name, email: `${id}@example.org` });
  }

  async closeMember(id: string): Promise<void> {
    await this.call('PUT', `/members/${id}/closure`);
  }

  async rent(member: string, no: number, asking: Asking = {}): Promise<Answered<Outcome>> {
    const body = { memberName: member, item: { no, title: `Book ${no}` } };
    return (await this.call('POST', `/rental-cards/${member}/rentals`, body, asking)) as Answered<Outcome>;
  }

  async giveBack(member: string, no: number, asking: Asking = {}): Promise<Answered<Outcome>> {
    return (await this.call('POST', `/rental-cards/${member}/returns`, { item: { no } }, asking)) as Answered<Outcome>;
  }

  async clear(member: string, points: number): Promise<Answered<Outcome>> {
    return (await this.call('POST', `/rental-cards/${member}/clearances`, { points }, {})) as Answered<Outcome>;
  }

  async markOverdue(): Promise<number> {
    const { marked } = (await this.post('/overdue-markings', {})) as { marked: number };
    return marked;
  }

  async addPoints(member: string, points: number, reason: string): Promise<void> {
    await this.post(`/members/${member}/adjustments`, { points, reason, ...OPERATOR });
  }

  async card(member: string): Promise<CardSeen> {
    return (await this.get(`/rental-cards/${member}`)) as CardSeen;
  }

  /** Numbers of the books on the card, those that are only asked for included. */
  async booksOf(member: string): Promise<readonly number[]> {
    return (await this.card(member)).items.map(({ no }) => no);
  }

  async statusOf(book: number): Promise<string> {
    return ((await this.get(`/books/${book}`)) as BookSeen).status;
  }

  async holderOf(book: number): Promise<string | undefined> {
    return ((await this.get(`/books/${book}`)) as BookSeen).holder?.id;
  }

  async pointsOf(member: string): Promise<number> {
    return ((await this.get(`/members/${member}`)) as { points: number }).points;
  }

  /** How often the book counts as rented. */
  async rentsOf(book: number): Promise<number> {
    const ranked = await this.ranking();
    return ranked.find(({ item }) => item.no === book)?.rentCount ?? 0;
  }

  async ranking(): Promise<readonly RankedSeen[]> {
    return (await this.get('/best-books?top=100')) as readonly RankedSeen[];
  }

  /** Answers with the number of the new counting. */
  async recount(): Promise<number> {
    const { generation } = (await this.post('/ops/best-books/rebuilds', {})) as { generation: number };
    return generation;
  }

  async saga(id: string): Promise<SagaSeen> {
    return (await this.get(`/sagas/${id}`)) as SagaSeen;
  }

  /** How many sagas have not ended. */
  async inFlight(): Promise<number> {
    const counts = await Promise.all(['RUNNING', 'CONFIRMING', 'COMPENSATING'].map((status) => this.sagasIn(status)));
    return counts.reduce((sum, sagas) => sum + sagas.length, 0);
  }

  async sagasIn(status: string): Promise<readonly SagaSeen[]> {
    const { items } = (await this.get(`/sagas?status=${status}&limit=100`)) as { items: readonly SagaSeen[] };
    return items;
  }

  settle(saga: string, participant: string, reason: string): Promise<Answered> {
    return this.call('POST', `/ops/sagas/${saga}/settlements`, { participant, reason, ...OPERATOR });
  }

  async parked(): Promise<readonly ParkedSeen[]> {
    const { items } = (await this.get('/ops/parked?limit=100')) as { items: readonly ParkedSeen[] };
    return items;
  }

  /** Answers with what was done: `released`, `obsolete`, `failed-again` and so on. */
  async seeTo(parked: string, how: 'release' | 'discard', reason: string): Promise<string> {
    const { did } = (await this.post(`/ops/parked/${parked}/${how}`, { reason, ...OPERATOR })) as { did: string };
    return did;
  }

  backUp(folder: string): Promise<Answered> {
    return this.call('POST', '/ops/backups', { folder });
  }

  private async get(path: string): Promise<unknown> {
    return (await this.call('GET', path)).body;
  }

  private async post(path: string, body: unknown): Promise<unknown> {
    return (await this.call('POST', path, body)).body;
  }

  private async call(method: string, path: string, body?: unknown, asking?: Asking): Promise<Answered> {
    const answer = await fetch(this.origin() + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headersOf(asking) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  }
}

function headersOf(asking: Asking | undefined): Readonly<Record<string, string>> {
  const { key, wait = asking !== undefined } = asking ?? {};
  return { ...(wait ? { Prefer: 'wait=15' } : {}), ...(key === undefined ? {} : { 'Idempotency-Key': key }) };
}

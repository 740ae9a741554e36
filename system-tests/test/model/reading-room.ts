import assert from 'node:assert/strict';
import { inspect, isDeepStrictEqual } from 'node:util';
import { plusDays, type LocalDate } from '@library/shared-kernel/domain/local-date';
import type { LibraryUnderTest } from '../library-under-test';
import type { Answer } from '../over-http';
import { callOf } from './calls';
import { LibraryModel, type Expected, type Shown } from './library-model';
import { MEMBERS, type Request } from './requests';

const BOOKS = 4;
const REGISTERED = ['jenny', 'scott'] as const;
const DAY_MS = 86_400_000;
/** Noon in Seoul, so that no test meets a midnight that it did not ask for. */
const NOON_MS = 3 * 3_600_000;

/** What is read of the lists. */
type Shelved = { readonly no: number; readonly state: string; readonly dueOn: string; readonly overdue: boolean };
type Held = { readonly no: number; readonly status: string; readonly holder?: { readonly id: string } };
type Ranked = { readonly item: { readonly no: number }; readonly rentCount: number };

let rooms = 0;

/** Books and members of their own in a library that many share, and a model of it: both are asked the same. */
export class ReadingRoom {
  /** The saga of each answer, by what the model said. */
  private readonly sagas = new Map<Expected, unknown>();

  private constructor(
    private readonly library: LibraryUnderTest,
    private model: LibraryModel,
    private readonly firstDay: LocalDate,
  ) {}

  /** Four books and two of the three members, on a day on which nothing has happened yet. */
  static async open(library: LibraryUnderTest): Promise<ReadingRoom> {
    library.clock.shiftBy(2 * DAY_MS - ((library.clock.now() - NOON_MS) % DAY_MS));
    const firstDay = new Date(library.clock.now()).toISOString().slice(0, 10) as LocalDate;
    const room = new ReadingRoom(library, new LibraryModel(`-${++rooms}.`), firstDay);
    for (const member of REGISTERED) await room.ask({ ask: 'register member', member });
    for (let book = 0; book < BOOKS; book++) await room.ask({ ask: 'register book', title: '책' });
    return room;
  }

  /** Asks both, and expects of the library what the model says. */
  async ask(request: Request): Promise<void> {
    const sent = this.send(request);
    const expected = this.model.answer(request);
    const answer = await sent;

    assert(fits(answer, expected), `${inspect(told(answer))} instead of ${inspect(expected)}`);
    if (expected.book) {
      expected.book.no ??= answer.body.no;
      assert.equal(answer.body.no, expected.book.no);
    }
    // What is answered once more is the same, and does not only look like it.
    if (!this.sagas.has(expected)) this.sagas.set(expected, answer.body.sagaId);
    assert.equal(answer.body.sagaId, this.sagas.get(expected));
  }

  /**
   * Asks for all of it at once, and expects that it was as if somebody had asked for it in some order. What has a key is
   * sent twice, and answered once.
   */
  async askAtOnce(requests: readonly Request[]): Promise<void> {
    const answers = await Promise.all(requests.map((request) => this.sendOnceOrTwice(request)));
    const seen = await this.seen();

    const inOrder = (order: readonly Request[]) => {
      const model = this.model.copy();
      const expected = new Map(order.map((request) => [request, model.answer(request)]));
      return { model, expected: requests.map((request) => expected.get(request)!), shown: this.shown(model) };
    };
    const explanation = ordersOf(requests)
      .map(inOrder)
      .find(
        ({ expected, shown }) => answers.every((one, at) => fits(one, expected[at]!)) && isDeepStrictEqual(seen, shown),
      );
    if (!explanation) {
      const { expected, shown } = inOrder(requests);
      // In no order, so not in this one: that shows where to look.
      assert.deepEqual({ answers: answers.map(told), seen }, { answers: expected, seen: shown });
    }
    assert(explanation);
    this.model = explanation.model;
  }

  /** Days pass, and what is late by then is marked. */
  async wait(days: number): Promise<void> {
    this.library.clock.shiftBy(days * DAY_MS);
    const { status } = await this.library.post('/overdue-markings', {});
    assert.equal(status, 200);
    this.model.wait(days);
  }

  /** Everything looks as the model says. */
  async look(): Promise<void> {
    assert.deepEqual(await this.seen(), this.shown());
  }

  /** What the library shows of this room. */
  private async seen(): Promise<Shown> {
    const { mark, numbers } = this.model;
    const [cards, members, books, best] = await Promise.all([
      this.each((id) => `/rental-cards/${id}`),
      this.each((id) => `/members/${id}`),
      this.library.get(`/books?limit=100&query=${mark}`),
      this.library.get(`/best-books?top=100&from=${this.firstDay}`),
    ]);
    const rentsOf = (no: number) => (best.body as readonly Ranked[]).filter(({ item }) => item.no === no);
    return {
      cards: mapped(cards, ({ fee, status, items, counts }) => {
        const shown = (items as readonly Shelved[]).map(({ no, state, dueOn, overdue }) => ({
          no,
          state,
          dueOn,
          overdue,
        }));
        return { fee, status, items: shown, counts };
      }),
      members: mapped(members, ({ status, points }) => ({ status, points })),
      books: (books.body.items as readonly Held[]).map(({ no, status, holder }) => ({
        no,
        status,
        holder: holder?.id,
      })),
      rents: numbers.flatMap((no) => rentsOf(no).map(({ rentCount }) => ({ no, rents: rentCount }))),
    };
  }

  private shown(model: LibraryModel = this.model): Shown {
    return model.shown((day) => plusDays(this.firstDay, day));
  }

  private async sendOnceOrTwice(request: Request): Promise<Answer> {
    const [answer, again] = await Promise.all([this.send(request), 'key' in request && this.send(request)]);
    if (again) assert.deepEqual([again.status, again.body], [answer.status, answer.body]);
    return answer;
  }

  /** Waits for what has become of it. */
  private send(request: Request): Promise<Answer> {
    const { method, path, body, key } = callOf(request, this.model);
    if (method === 'PUT') return this.library.put(path);
    const headers = { Prefer: 'wait=30', ...(key === undefined ? {} : { 'Idempotency-Key': key }) };
    return this.library.post(path, body, 'library', headers);
  }

  /** What there is of each member, by the name that the model knows. */
  private async each(pathOf: (id: string) => string): Promise<Record<string, Answer['body']>> {
    const found = await Promise.all(MEMBERS.map((member) => this.library.get(pathOf(`${member}${this.model.mark}`))));
    return Object.fromEntries(found.flatMap(({ status, body }, at) => (status === 404 ? [] : [[MEMBERS[at]!, body]])));
  }
}

function fits({ status, body }: Answer, { status: wanted, codes, fee }: Expected): boolean {
  if (status !== wanted) return false;
  return codes
    ? codes.includes(body.code) && body.type === `urn:library:problem:${body.code}`
    : fee === undefined || body.fee === fee;
}

/** An answer as a failure should print it. */
function told({ status, body }: Answer): object {
  const { code, fee } = body;
  if (code !== undefined) return { status, codes: [code] };
  return fee === undefined ? { status } : { status, fee };
}

/** All orders in which these could have been asked one after the other. */
function ordersOf<Value>(values: readonly Value[]): readonly (readonly Value[])[] {
  if (values.length === 0) return [[]];
  return values.flatMap((first, at) => ordersOf(values.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}

function mapped<Value>(all: Readonly<Record<string, Value>>, shown: (value: Value) => object): Record<string, object> {
  return Object.fromEntries(Object.entries(all).map(([id, value]) => [id, shown(value)]));
}

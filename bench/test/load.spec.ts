import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import { load, loadOfRents } from '../src/load';
import type { Calls } from '../src/target';

const POPULATION = { members: 4, books: 20 };
const FOR_EVER = 60;

/** A library that lends each book once at a time, and five to a member. */
class Library implements Calls {
  readonly lent = new Map<number, string>();
  readonly times = new Map<number, number>();
  readonly missing = new Set<number>();
  atOnce = 0;
  mostAtOnce = 0;

  /** `takesTime` is over when a request is answered. */
  constructor(private readonly takesTime: () => Promise<unknown> = turn) {}

  get = () => Promise.reject(new Error('Nobody asks.'));
  close = () => undefined;

  async post(path: string, body: unknown) {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    await this.takesTime();
    this.atOnce--;
    const [, , member = '', what] = path.split('/');
    const { no } = (body as { readonly item: { readonly no: number } }).item;
    return what === 'rentals' ? this.rent(member, no) : this.takeBack(member, no);
  }

  private rent(member: string, no: number) {
    if (no > POPULATION.books) {
      this.missing.add(no);
      return answered(409, { code: 'book-not-found' });
    }
    const has = [...this.lent.values()].filter((holder) => holder === member).length;
    if (this.lent.has(no) || has === 5) return answered(409, { code: 'limit-reached' });
    this.lent.set(no, member);
    this.times.set(no, (this.times.get(no) ?? 0) + 1);
    return answered(201);
  }

  private takeBack(member: string, no: number) {
    if (this.lent.get(no) !== member) return answered(404, { code: 'not-lent' });
    this.lent.delete(no);
    return answered(200);
  }
}

function answered(status: number, body: unknown = {}) {
  return { status, headers: {}, body };
}

describe('the load of rents alone', () => {
  it('lends every book once when there is time, and gives all back without counting it', async () => {
    const library = new Library();

    const { sagas, unexpected } = await loadOfRents(library, { ...POPULATION, clients: 4, seconds: FOR_EVER });

    expect({ sagas, unexpected }).toEqual({ sagas: 20, unexpected: {} });
    expect([...library.times.values()]).toEqual(Array(20).fill(1));
    expect(library.lent.size).toBe(0);
    expect(library.mostAtOnce).toBe(4);
  });

  it('ends when the time is over, and gives back what was lent until then', async () => {
    const library = new Library(() => pause(20));

    const { sagas } = await loadOfRents(library, { ...POPULATION, clients: 1, seconds: 0.05 });

    expect(sagas).toBeGreaterThan(0);
    expect(sagas).toBeLessThan(POPULATION.books);
    expect(library.lent.size).toBe(0);
  });

  it('says what was answered otherwise, when it is given back too', async () => {
    const library = new Library();
    library.lent.set(1, 'somebody else');

    const { sagas, unexpected } = await loadOfRents(library, { ...POPULATION, clients: 4, seconds: FOR_EVER });

    expect({ sagas, unexpected }).toEqual({ sagas: 19, unexpected: { '409 limit-reached': 1, '404 not-lent': 1 } });
  });
});

describe.each([
  ['COMPLETED', 'lends and takes back'],
  ['COMPENSATED', 'asks for what nobody has'],
] as const)('the load of sagas that are to be %s', (outcome, does) => {
  it(`${does} until the time is over, and leaves nothing lent`, async () => {
    const library = new Library();

    const { sagas, unexpected } = await load(library, { ...POPULATION, clients: 4, seconds: 0.05, outcome });

    expect(sagas).toBeGreaterThan(0);
    expect(unexpected).toEqual({});
    expect(library.lent.size).toBe(0);
    const rents = [...library.times.values()].reduce((sum, times) => sum + times, 0);
    expect(rents).toBe(outcome === 'COMPLETED' ? sagas / 2 : 0);
  });
});

describe('the load of sagas that are refused', () => {
  it.each([
    ['a book of its own each', false, 4],
    ['one and the same book', true, 1],
  ])('asks for %s, which nobody has', async (_what, onOneRecord, books) => {
    const library = new Library();

    await load(library, { ...POPULATION, clients: 4, seconds: 0.05, outcome: 'COMPENSATED', onOneRecord });

    expect(library.missing.size).toBe(books);
  });
});

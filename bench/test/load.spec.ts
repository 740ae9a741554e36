import { load, loadOfRents } from '../src/load';
import type { Calls } from '../src/target';

const POPULATION = { members: 4, books: 20 };
const FOR_EVER = 60;

/** A library that lends each book once at a time, and five to a member; it takes a turn of the event loop for each. */
class Library implements Calls {
  readonly lent = new Map<number, string>();
  readonly times = new Map<number, number>();
  atOnce = 0;
  mostAtOnce = 0;

  get = () => Promise.reject(new Error('Nobody asks.'));
  close = () => undefined;

  async post(path: string, body: unknown) {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.atOnce);
    await new Promise(setImmediate);
    this.atOnce--;
    const [, , member = '', what] = path.split('/');
    const { no } = (body as { readonly item: { readonly no: number } }).item;
    return what === 'rentals' ? this.rent(member, no) : this.takeBack(member, no);
  }

  private rent(member: string, no: number) {
    const has = [...this.lent.values()].filter((holder) => holder === member).length;
    if (no > POPULATION.books || this.lent.has(no) || has === 5)
      return answered(409, { code: no > POPULATION.books ? 'book-not-found' : 'limit-reached' });
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
    const library = new Library();

    const { sagas } = await loadOfRents(library, { ...POPULATION, clients: 2, seconds: 0 });

    expect(sagas).toBe(0);
    expect(library.lent.size).toBe(0);
  });

  it('says what was answered otherwise, when it is given back too', async () => {
    const library = new Library();
    library.lent.set(1, 'somebody else');

    const { sagas, unexpected } = await loadOfRents(library, { ...POPULATION, clients: 4, seconds: FOR_EVER });

    expect({ sagas, unexpected }).toEqual({ sagas: 19, unexpected: { '409 limit-reached': 1, '404 not-lent': 1 } });
  });
});

describe('the load of rents and returns', () => {
  it('returns every book that it rents, also when the time is over meanwhile', async () => {
    const library = new Library();

    const { sagas, unexpected } = await load(library, {
      ...POPULATION,
      clients: 4,
      seconds: 0.05,
      outcome: 'COMPLETED',
    });

    expect(sagas).toBeGreaterThan(0);
    expect(sagas % 2).toBe(0);
    expect(unexpected).toEqual({});
    expect(library.lent.size).toBe(0);
  });

  it('counts what is refused where that is what is meant', async () => {
    const library = new Library();

    const { sagas, unexpected } = await load(library, {
      ...POPULATION,
      clients: 4,
      seconds: 0.05,
      outcome: 'COMPENSATED',
    });

    expect(sagas).toBeGreaterThan(0);
    expect(unexpected).toEqual({});
    expect(library.times.size).toBe(0);
  });
});

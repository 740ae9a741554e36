import request from 'supertest';
import { openBestBookApp } from './best-book-app';

let library: Awaited<ReturnType<typeof openBestBookApp>>;
beforeEach(async () => {
  library = await openBestBookApp();
});
afterEach(() => library.close());

const get = (path: string) => request(library.app).get(path);
const rebuild = () => request(library.app).post('/ops/best-books/rebuilds');
const rents = async (query: string) => (await get(`/best-books?${query}`)).body[0].rentCount;
const ranked = (no: number, rentCount: number, rank: number) => ({
  item: { no, title: `book ${no}` },
  rentCount,
  rank,
});

describe('GET /best-books', () => {
  it('is empty at first', async () => {
    const { status, body } = await get('/best-books');

    expect(status).toBe(200);
    expect(body).toStrictEqual([]);
  });

  it('ranks the books by how often they were rented; equals share a rank', async () => {
    await library.count(1, '2026-01-15');
    await library.count(2, '2026-01-15', 3);
    await library.count(3, '2026-01-16');

    expect((await get('/best-books')).body).toStrictEqual([ranked(2, 3, 1), ranked(1, 1, 2), ranked(3, 1, 2)]);
  });

  it('names ten, or as many as it is asked for', async () => {
    for (let no = 1; no <= 12; no++) await library.count(no, '2026-01-15');

    expect((await get('/best-books')).body).toHaveLength(10);
    expect((await get('/best-books?top=1')).body).toStrictEqual([ranked(1, 1, 1)]);
    expect((await get('/best-books?top=100')).body).toHaveLength(12);
  });

  it('counts the first and the last day of a period, and none outside', async () => {
    for (const day of ['2026-01-14', '2026-01-15', '2026-01-16', '2026-01-17']) await library.count(1, day);

    expect(await rents('from=2026-01-15&to=2026-01-16')).toBe(2);
    expect(await rents('from=2026-01-15&to=2026-01-15')).toBe(1);
    expect(await rents('from=2026-01-16')).toBe(2);
    expect(await rents('to=2026-01-16')).toBe(3);
  });

  it('leaves out a book that was not rented in the period', async () => {
    await library.count(1, '2026-01-15');

    expect((await get('/best-books?from=2026-01-16')).body).toStrictEqual([]);
  });

  it.each([
    ['top=0', 'query.top'],
    ['top=101', 'query.top'],
    ['top=ten', 'query.top'],
    ['from=2026-02-30', 'query.from'],
    ['to=yesterday', 'query.to'],
    ['from=2026-01-16&to=2026-01-15', 'query.to'],
    ['limit=5', 'query.limit'],
  ])('refuses ?%s', async (query, path) => {
    const { status, type, body } = await get(`/best-books?${query}`);

    expect({ status, type }).toStrictEqual({ status: 400, type: 'application/problem+json' });
    expect(body.errors).toStrictEqual([{ path, message: expect.any(String) }]);
  });
});

describe('POST /ops/best-books/rebuilds', () => {
  it('answers with the generation that has taken over, which is read from then on', async () => {
    await library.count(1, '2026-01-15', 2);

    const { status, body } = await rebuild();

    expect(status).toBe(200);
    expect(body).toStrictEqual({ generation: 2 });
    expect((await get('/best-books')).body).toStrictEqual([]);
    await library.count(1, '2026-01-15');
    expect((await get('/best-books')).body).toStrictEqual([ranked(1, 1, 1)]);
  });

  it('counts on from there', async () => {
    await rebuild();

    expect((await rebuild()).body).toStrictEqual({ generation: 3 });
  });

  it('changes nothing when old rents were deleted from the log', async () => {
    await library.count(1, '2026-01-15', 2);
    library.forgetPast();

    const { status, body } = await rebuild();

    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'past-deleted' });
    expect((await get('/best-books')).body).toStrictEqual([ranked(1, 2, 1)]);
  });

  it('is for this machine only', async () => {
    const { status } = await rebuild().set('X-Forwarded-For', '10.0.0.1');

    expect(status).toBe(403);
  });
});

it('documents every call', async () => {
  const { body } = await get('/openapi.json');

  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining(['/best-books', '/ops/best-books/rebuilds', '/api/books']),
  );
  expect(body.paths['/best-books'].get.parameters).toEqual([
    expect.objectContaining({ name: 'top', required: false }),
    expect.objectContaining({ name: 'from', required: false }),
    expect.objectContaining({ name: 'to', required: false }),
  ]);
});

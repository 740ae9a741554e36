import request from 'supertest';
import { openBestBookApp } from './best-book-app';

let library: Awaited<ReturnType<typeof openBestBookApp>>;
beforeEach(async () => {
  library = await openBestBookApp();
});
afterEach(() => library.close());

const get = (path: string) => request(library.app).get(path);

it('ranks the books as the original did [AC-08]', async () => {
  await library.count(1, '2026-01-15');
  await library.count(7, '2026-01-15', 2);

  const { status, body } = await get('/api/books');

  expect(status).toBe(200);
  expect(body).toStrictEqual([
    { id: '7', item: { no: 7, title: 'book 7' }, rentCount: 2 },
    { id: '1', item: { no: 1, title: 'book 1' }, rentCount: 1 },
  ]);
});

it('is empty at first, and ignores what it does not know', async () => {
  const { status, body } = await get('/api/books?page=1');

  expect(status).toBe(200);
  expect(body).toStrictEqual([]);
});

it('ranks more than ten', async () => {
  for (let no = 1; no <= 12; no++) await library.count(no, '2026-01-15');

  expect((await get('/api/books')).body).toHaveLength(12);
});

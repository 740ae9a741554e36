import request from 'supertest';
import { openBookApp } from './book-app';

let library: ReturnType<typeof openBookApp>;
beforeEach(() => {
  library = openBookApp();
});
afterEach(() => library.close());

const register = (body: object) => request(library.app).post('/api/book').send(body);
const keyed = (body: object) => register(body).set('Idempotency-Key', 'k-1');
const get = (path: string) => request(library.app).get(path);
const shown = async () => (await get('/api/book/1')).body;

const script = {
  author: '한정헌',
  classfication: 'LITERATURE',
  description: '고전 소설',
  isbn: '1232141214',
  location: 'JEONGJA',
  publicationDate: '2023-02-11',
  source: 'SUPPLY',
  title: '누구를 위하여 종을 울리나?',
};
const { classfication, ...unclassed } = script;

it('registers a book as ENTERED [AC-02], though it can be rented', async () => {
  const { status, body } = await register(script);

  expect(status).toBe(201);
  expect(body).toStrictEqual({ bookNo: 1, bookTitle: script.title, bookStatus: 'ENTERED' });
  expect((await get('/books/1')).body).toStrictEqual({
    no: 1,
    ...unclassed,
    classification: 'LITERATURE',
    status: 'AVAILABLE',
  });
});

it('counts book numbers from 1, whoever registers', async () => {
  await request(library.app)
    .post('/books')
    .send({ ...unclassed, classification: 'ARTS' });

  expect((await register(script)).body.bookNo).toBe(2);
});

it('knows both spellings of the class', async () => {
  expect((await register({ ...unclassed, classification: 'COMPUTER' })).status).toBe(201);
  expect((await get('/books/1')).body.classification).toBe('COMPUTER');
});

it('needs one of them', async () => {
  const { status, body } = await register(unclassed);

  expect(status).toBe(400);
  expect(body.errors.map(({ path }: { path: string }) => path)).toStrictEqual(['body.classification']);
});

it('ignores what it does not know', async () => {
  expect((await register({ ...script, bookStatus: 'WITHDRAWN', price: 3 })).status).toBe(201);
  expect((await get('/books/1')).body.status).toBe('AVAILABLE');
});

it('shows a book as it is from then on [AC-03, AC-06, AC-09]', async () => {
  await register(script);

  expect(await shown()).toStrictEqual({ bookNo: 1, bookTitle: script.title, bookStatus: 'AVAILABLE' });
  await library.lend(1, 'jenny');
  expect((await shown()).bookStatus).toBe('UNAVAILABLE');
  await library.takeBack(1, 'jenny');
  expect((await shown()).bookStatus).toBe('AVAILABLE');
});

it('says in Korean that there is no such book [AC-37]', async () => {
  const { status, body } = await get('/api/book/99');

  expect(status).toBe(404);
  expect(body.code).toBe('book-not-found');
  expect(body.detail).toBe('해당 도서를 찾을 수 없습니다.');
});

it('registers once under one Idempotency-Key [M3]', async () => {
  await keyed(script);

  expect((await keyed({ ...unclassed, classification: classfication })).body.bookNo).toBe(1);
  expect((await keyed({ ...script, title: 'another' })).status).toBe(422);
  expect((await get('/books')).body.items).toHaveLength(1);
});

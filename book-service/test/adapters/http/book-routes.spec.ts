import request from 'supertest';
import { forWhomTheBellTolls, openBookApp, studying } from './book-app';

let library: ReturnType<typeof openBookApp>;
beforeEach(() => {
  library = openBookApp();
});
afterEach(() => library.close());

const post = (body: object, key?: string) => {
  const asked = request(library.app).post('/books');
  return (key === undefined ? asked : asked.set('Idempotency-Key', key)).send(body);
};
const register = async (...names: string[]) => {
  for (const title of names) await post({ ...studying, title, author: `author of ${title}` });
};
const get = (path: string) => request(library.app).get(path);
const titles = ({ body }: request.Response) => body.items.map(({ title }: { title: string }) => title);

describe('POST /books', () => {
  it('registers a copy and puts it on the shelf', async () => {
    const { status, headers, body } = await post(forWhomTheBellTolls);

    expect(status).toBe(201);
    expect(headers['location']).toBe('/books/1');
    expect(body).toStrictEqual({ no: 1, ...forWhomTheBellTolls, status: 'AVAILABLE' });
  });

  it('leaves it off the shelf when asked to', async () => {
    const { body } = await post({ ...studying, onShelf: false });

    expect(body).toStrictEqual({ no: 1, ...studying, status: 'ENTERED' });
  });

  it('counts the numbers from 1', async () => {
    await post(forWhomTheBellTolls);

    expect((await post(forWhomTheBellTolls)).body.no).toBe(2);
    expect((await post(studying)).headers['location']).toBe('/books/3');
  });

  it.each([
    ['status', { status: 'WITHDRAWN' }],
    ['no', { no: 7 }],
    ['holder', { holder: { id: 'jenny', name: '제니' } }],
  ])('refuses the field %s, which is not the client’s to set [Q7]', async (field, more) => {
    const { status, type, body } = await post({ ...studying, ...more });

    expect({ status, type, code: body.code }).toStrictEqual({
      status: 400,
      type: 'application/problem+json',
      code: 'unknown-field',
    });
    expect(body.errors).toStrictEqual([{ path: `body.${field}`, message: expect.any(String) }]);
    expect((await get('/books')).body).toStrictEqual({ items: [] });
  });

  it('refuses a prototype [Q2]', async () => {
    const body = `{"__proto__":{"status":"WITHDRAWN"},${JSON.stringify(studying).slice(1)}`;

    const answer = await request(library.app).post('/books').type('json').send(body);

    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('unknown-field');
  });

  it.each([
    ['a class that does not exist', { classification: 'POETRY' }],
    ['a day that does not exist', { publicationDate: '2023-02-30' }],
    ['an empty title', { title: '' }],
    ['a title of blanks alone', { title: ' \u3000 ' }],
    ['a title of two lines', { title: 'one\ntwo' }],
    ['an operator for a title [Q1]', { title: { $gt: '' } }],
    ['a shelf that is neither', { onShelf: 'yes' }],
  ])('refuses %s', async (_, wrong) => {
    const { status, body } = await post({ ...studying, ...wrong });

    expect({ status, code: body.code }).toStrictEqual({ status: 400, code: 'invalid-input' });
    expect(body.errors[0].path).toBe(`body.${Object.keys(wrong)[0]}`);
  });

  describe('with an Idempotency-Key', () => {
    it('registers one copy, and answers the same again', async () => {
      const first = await post(studying, 'k-1');
      const { location: _, title, ...reordered } = studying;
      const again = await post({ title, location: 'PANGYO', ...reordered, onShelf: true }, 'k-1');

      expect(again.status).toBe(201);
      expect(again.headers['location']).toBe(first.headers['location']);
      expect(again.body).toStrictEqual(first.body);
      expect((await get('/books')).body.items).toHaveLength(1);
    });

    it('answers the same again when somebody has the copy by now', async () => {
      const first = await post(studying, 'k-1');
      await library.lend(1, 'jenny');

      expect((await post(studying, 'k-1')).body).toStrictEqual(first.body);
      expect((await get('/books/1')).body.holder.id).toBe('jenny');
    });

    it('registers one copy when the same comes twice at once [M2]', async () => {
      const answers = await Promise.all([post(studying, 'k-1'), post(studying, 'k-1'), post(studying, 'k-1')]);

      expect(new Set(answers.map(({ body }) => body.no)).size).toBe(1);
      expect(answers.map(({ status }) => status)).toStrictEqual([201, 201, 201]);
      expect((await get('/books')).body.items).toHaveLength(1);
    });

    it('does nothing when the key comes with another body [M3]', async () => {
      await post(studying, 'k-1');

      const { status, body } = await post(forWhomTheBellTolls, 'k-1');

      expect({ status, code: body.code }).toStrictEqual({ status: 422, code: 'idempotency-key-reused' });
      expect(titles(await get('/books'))).toStrictEqual([studying.title]);
    });

    it('refuses a key that is none [Q3]', async () => {
      const { status, body } = await post(studying, 'two words');

      expect({ status, path: body.errors[0].path }).toStrictEqual({ status: 400, path: 'header.Idempotency-Key' });
    });
  });
});

describe('GET /books/{no}', () => {
  it('shows a copy', async () => {
    await post(forWhomTheBellTolls);

    const { status, body } = await get('/books/1');

    expect(status).toBe(200);
    expect(body).toStrictEqual({ no: 1, ...forWhomTheBellTolls, status: 'AVAILABLE' });
  });

  it('shows who holds it', async () => {
    await post(studying);
    await library.lend(1, 'jenny');

    const { body } = await get('/books/1');

    const holder = { id: 'jenny', name: "jenny's name" };
    expect(body).toStrictEqual({ no: 1, ...studying, status: 'UNAVAILABLE', holder });
  });

  it('knows no other number [AC-37]', async () => {
    const { status, type, body } = await get('/books/99');

    expect({ status, type }).toStrictEqual({ status: 404, type: 'application/problem+json' });
    expect(body).toStrictEqual({
      type: 'urn:library:problem:book-not-found',
      title: 'Book not found',
      status: 404,
      detail: expect.any(String),
      code: 'book-not-found',
    });
  });

  it.each(['0', '01', '-1', '1.5', 'one', '1%2f2', '99999999999999999'])('refuses the number %s [Q11]', async (no) => {
    const { status, body } = await get(`/books/${no}`);

    expect({ status, code: body.code }).toStrictEqual({ status: 400, code: 'invalid-input' });
  });

  it('never shows what was only asked for with a key', async () => {
    await post(studying, '7');

    expect((await get('/books/key:7')).status).toBe(400);
    expect((await get('/books')).body.items).toHaveLength(1);
  });
});

describe('GET /books', () => {
  it('is empty at first', async () => {
    const { status, body } = await get('/books');

    expect(status).toBe(200);
    expect(body).toStrictEqual({ items: [] });
  });

  it('goes by number, page after page, until there is no next', async () => {
    await register('a', 'b', 'c', 'd', 'e');

    const first = await get('/books?limit=2');
    const second = await get(`/books?limit=2&cursor=${first.body.next}`);
    const third = await get(`/books?limit=2&cursor=${second.body.next}`);

    expect([first, second, third].map(titles)).toStrictEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(third.body).not.toHaveProperty('next');
  });

  it('says of a full page whether it is the last', async () => {
    await register('a', 'b');

    expect((await get('/books?limit=2')).body).not.toHaveProperty('next');
    expect((await get('/books?limit=1')).body).toHaveProperty('next');
  });

  it('looks for a part of the title or the author, whatever the case', async () => {
    await register('The Sea', 'SEAGULLS', 'a book on birds');

    expect(titles(await get('/books?query=sea'))).toStrictEqual(['The Sea', 'SEAGULLS']);
    expect(titles(await get('/books?query=OF%20A%20BOOK'))).toStrictEqual(['a book on birds']);
  });

  it('looks for a status', async () => {
    await register('a', 'b', 'c');
    await library.lend(2, 'jenny');

    expect(titles(await get('/books?status=AVAILABLE'))).toStrictEqual(['a', 'c']);
    expect(titles(await get('/books?status=UNAVAILABLE'))).toStrictEqual(['b']);
  });

  it('goes on with the same search', async () => {
    await register('sea 1', 'b', 'sea 2', 'd', 'sea 3');

    const first = await get('/books?query=sea&limit=2');

    expect(titles(await get(`/books?query=sea&limit=2&cursor=${first.body.next}`))).toStrictEqual(['sea 3']);
  });

  it.each([
    'limit=0',
    'limit=101',
    'status=LOST',
    'query=',
    'cursor=bm9uc2Vuc2U',
    'colour=red',
    'query[$ne]=x',
    'query=a&query=b',
  ])('refuses ?%s', async (query) => {
    const { status, body } = await get(`/books?${query}`);

    expect(status).toBe(400);
    expect(body.errors[0].path).toMatch(/^query\./);
  });
});

describe('the shelf', () => {
  const asked = {
    shelve: () => request(library.app).put('/books/1/shelf'),
    unshelve: () => request(library.app).delete('/books/1/shelf'),
    withdraw: () => request(library.app).put('/books/1/withdrawal'),
  };
  type Move = keyof typeof asked;

  it.each<[Move, boolean, string]>([
    ['shelve', false, 'AVAILABLE'],
    ['unshelve', true, 'ENTERED'],
    ['withdraw', true, 'WITHDRAWN'],
  ])('answers to %s with the book, and again with the same', async (move, onShelf, status) => {
    await post({ ...studying, onShelf });

    for (const answer of [await asked[move](), await asked[move]()]) {
      expect(answer.status).toBe(200);
      expect(answer.body).toStrictEqual({ no: 1, ...studying, status });
    }
    expect((await get('/books/1')).body.status).toBe(status);
  });

  it.each<Move>(['shelve', 'unshelve', 'withdraw'])('leaves a book alone that is out: %s', async (move) => {
    await post(studying);
    await library.lend(1, 'jenny');

    const { status, body } = await asked[move]();

    expect({ status, code: body.code }).toStrictEqual({ status: 409, code: 'book-not-available' });
    expect((await get('/books/1')).body.holder.id).toBe('jenny');
  });

  it.each<Move>(['shelve', 'unshelve'])('has no place for a withdrawn book: %s', async (move) => {
    await post(studying);
    await asked.withdraw();

    const { status, body } = await asked[move]();

    expect({ status, code: body.code }).toStrictEqual({ status: 409, code: 'book-withdrawn' });
  });

  it.each<Move>(['shelve', 'unshelve', 'withdraw'])(
    'has no place for a book that is not registered: %s',
    async (move) => {
      const { status, body } = await asked[move]();

      expect({ status, code: body.code }).toStrictEqual({ status: 404, code: 'book-not-found' });
    },
  );
});

it('documents every call', async () => {
  const { body } = await get('/openapi.json');

  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining(['/books', '/books/{no}', '/books/{no}/shelf', '/books/{no}/withdrawal', '/api/book']),
  );
  expect(body.paths['/books'].get.parameters.map(({ required }: { required: boolean }) => required)).not.toContain(
    true,
  );
  expect(body.components.schemas.Book.required).toStrictEqual([
    'no',
    'title',
    'author',
    'isbn',
    'classification',
    'source',
    'location',
    'status',
  ]);
  // Only a rental card has a limit of keys.
  for (const path of ['/books', '/api/book']) {
    expect(body.paths[path].post.responses).not.toHaveProperty('429');
  }
});

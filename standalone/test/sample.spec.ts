import { addSample } from '@library/standalone/sample';
import { OpenLibrary } from './open-library';

// A library takes its time to open on a busy machine.
jest.setTimeout(30_000);

const PARTICULARS = { isbn: '1', author: '한강', classification: 'ARTS', source: 'SUPPLY', location: 'PANGYO' };

describe('the sample', () => {
  let open: OpenLibrary;

  beforeEach(async () => {
    open = await OpenLibrary.open();
  });

  afterEach(async () => {
    await open.remove();
  });

  const titles = async () => (await open.get('/books')).body.items.map(({ title }: { title: string }) => title);
  const members = async () => (await open.get('/members')).body.items.map(({ id }: { id: string }) => id);

  it('is added to a library in which there is nothing, and not a second time', async () => {
    expect(await addSample(open.origin)).toStrictEqual({ books: 10, members: 4 });
    expect(await addSample(open.origin)).toBeUndefined();

    expect(await titles()).toHaveLength(10);
    expect(await members()).toStrictEqual(['dahye', 'jenny', 'minji', 'scott']);
  });

  it('goes on where an earlier start was cut off', async () => {
    fullAfter(7);
    await expect(addSample(open.origin)).rejects.toMatchObject({
      code: 'call-refused',
      message:
        'The library answered POST /books with 507: The disk is full. Start with --sample again: it goes on where it stopped.',
    });
    jest.restoreAllMocks();
    expect(await titles()).toHaveLength(7);

    expect(await addSample(open.origin)).toStrictEqual({ books: 3, members: 4 });
    expect(new Set(await titles()).size).toBe(10);
  });

  it.each([
    ['a book', async () => open.post('/books', { title: '흰', ...PARTICULARS })],
    ['a member', async () => open.post('/members', { id: 'kim', name: '김', email: 'kim@example.org' })],
  ])('is not mixed with %s of somebody’s own', async (_, register) => {
    await register();

    expect(await addSample(open.origin)).toBeUndefined();
    expect([...(await titles()), ...(await members())]).toHaveLength(1);
  });
});

/** The disk is full after so many posts. */
function fullAfter(posts: number): void {
  const really = globalThis.fetch;
  let left = posts;
  jest.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    if (init?.method !== 'POST' || left-- > 0) return really(url, init);
    return Response.json({ detail: 'The disk is full.' }, { status: 507 });
  });
}

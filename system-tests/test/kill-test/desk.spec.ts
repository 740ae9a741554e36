import { Client } from '../../src/client';
import { Desk } from '../../src/kill-test/desk';

/** What it asks after its first rent, which is answered with this status; the card shows the book in this state. */
async function asksNext(status: number, state: string): Promise<readonly string[]> {
  const asked: string[] = [];
  const answer = async (what: string, as: number, body: unknown = {}) => {
    asked.push(what);
    await new Promise(setImmediate);
    return { status: as, headers: {}, body };
  };
  const library = {
    post: (path: string) => (path.endsWith('/rentals') ? answer('rentals', status) : answer('returns', 200)),
    get: () => answer('card', 200, { items: [{ no: 1, state }] }),
  };
  const at = new Desk(library, { members: 1, books: 1 });

  const working = at.work();
  while (asked.filter((what) => what !== 'rentals').length < 2) await new Promise(setImmediate);
  at.stop();
  await working;
  return asked.filter((what) => what !== 'rentals').slice(0, 2);
}

describe('a desk of the kill test', () => {
  const client = new Client('http://127.0.0.1:1', 1);
  const desk = () => new Desk(client, { members: 1, books: 1 });
  afterAll(() => client.close());

  it.each([
    [202, { location: '/sagas/s' }, {}, { saga: 's' }],
    [201, { location: '/sagas/s' }, {}, { saga: 's', ended: 'COMPLETED' }],
    [200, {}, { sagaId: 's' }, { saga: 's', ended: 'COMPLETED' }],
    [409, {}, { sagaId: 's' }, { saga: 's', ended: 'COMPENSATED' }],
    [409, {}, { code: 'limit-reached' }, undefined],
  ])('remembers of an answer %d %j %j: %j', (status, headers, body, expected) => {
    const at = desk();
    at.note('key', { status, headers, body });

    expect(at.acknowledged.get('key')).toEqual(expected);
    expect(at.contradictions).toEqual([]);
  });

  it('objects when one request is answered with two sagas', () => {
    const at = desk();
    for (const saga of ['one', 'one', 'other']) at.note('key', { status: 202, headers: {}, body: { sagaId: saga } });

    expect(at.contradictions).toEqual(['The key key was answered with the sagas one and other.']);
  });

  describe('that has lent something', () => {
    it.each([201, 202])('takes back what is on the card when it was answered with %d', async (status) => {
      expect(await asksNext(status, 'RENTED')).toEqual(['card', 'returns']);
    });

    it('looks at the card again when it is in the middle of something', async () => {
      expect(await asksNext(202, 'RENTING')).toEqual(['card', 'card']);
    });
  });
});

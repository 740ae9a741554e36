import { Client } from '../../src/client';
import { Desk } from '../../src/kill-test/desk';

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

  it.each([
    [201, 'RENTED', ['rentals', 'card', 'returns']],
    [202, 'RENTED', ['rentals', 'card', 'returns']],
    [202, 'RENTING', ['rentals', 'card', 'card']],
  ])('takes back what it was lent with %d, once it is %s', async (status, state, expected) => {
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

    expect(asked.filter((what, index) => what !== 'rentals' || index === 0).slice(0, 3)).toEqual(expected);
  });
});

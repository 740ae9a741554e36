import { PassingLists } from '../../src/store/passing-lists';

describe('Passing lists', () => {
  const a = { name: 'a' };
  const b = { name: 'b' };
  let lists: PassingLists<string, typeof a>;

  beforeEach(() => {
    lists = new PassingLists();
  });

  it('have a list for each key, in the order in which its values came', () => {
    lists.add('one', a);
    lists.add('other', a);
    lists.add('one', b);

    expect(lists.of('one')).toEqual([a, b]);
    expect(lists.of('other')).toEqual([a]);
    expect(lists.of('nobody')).toEqual([]);
    expect([...lists.keys]).toEqual(['one', 'other']);
    expect(lists.size).toBe(2);
  });

  it('lose one value at a time, and a key with its last one', () => {
    for (const value of [a, b, a]) lists.add('one', value);

    lists.remove('one', a);
    expect(lists.of('one')).toEqual([b, a]);
    lists.remove('one', b);
    lists.remove('one', a);
    expect(lists.size).toBe(0);
  });

  it('lose nothing when asked to remove what is not there', () => {
    lists.add('one', a);

    lists.remove('one', b);
    lists.remove('nobody', a);

    expect(lists.of('one')).toEqual([a]);
  });

  it('give a list away as a whole', () => {
    lists.add('one', a);
    lists.add('one', b);

    expect(lists.take('one')).toEqual([a, b]);
    expect(lists.take('one')).toEqual([]);
    expect(lists.size).toBe(0);
  });

  it('give lists away while the keys are gone through, which then begin anew', () => {
    for (const key of ['one', 'other']) lists.add(key, a);
    const seen = [];
    for (const key of lists.keys) seen.push([key, ...lists.take(key)]);

    lists.add('one', b);

    expect(seen).toEqual([
      ['one', a],
      ['other', a],
    ]);
    expect(lists.of('one')).toEqual([b]);
  });

  it('leave nothing in a list that a table left behind may still point to', () => {
    lists.add('one', a);
    lists.add('other', b);
    const left = [lists.of('one'), lists.of('other')];

    lists.remove('one', a);
    lists.take('other');

    expect(left).toEqual([[], []]);
  });
});

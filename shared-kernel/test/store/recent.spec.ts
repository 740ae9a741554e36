import { Recent } from '../../src/store/recent';

const filled = (least: number, keys: number) => {
  const recent = new Recent<number>(least);
  for (let key = 0; key < keys; key++) recent.set(`${key}`, key);
  return recent;
};

const rememberedOf = (recent: Recent<number>, keys: number) =>
  Array.from({ length: keys }, (_, key) => key).filter((key) => recent.get(`${key}`) !== undefined);

describe('What was used recently', () => {
  it.each([1, 2, 3, 10])('is remembered: the last %i for certain, and not many more', (least) => {
    for (let keys = 1; keys < 50; keys++) {
      for (let key = Math.max(0, keys - least); key < keys; key++) expect(filled(least, keys).get(`${key}`)).toBe(key);
      expect(rememberedOf(filled(least, keys), keys).length).toBeLessThanOrEqual(2 * least);
    }
  });

  it('stays as long as it is asked for', () => {
    const recent = filled(3, 3);
    for (let key = 3; key < 50; key++) {
      expect(recent.get('0')).toBe(0);
      recent.set(`${key}`, key);
    }
  });

  it('is never an older value of the same name', () => {
    const recent = filled(2, 2);
    recent.set('0', 7);
    for (let key = 2; key < 6; key++) {
      expect([7, undefined]).toContain(recent.get('0'));
      recent.set(`${key}`, key);
    }
  });

  it('can be nothing at all', () => {
    expect(filled(0, 3).get('2')).toBeUndefined();
  });
});

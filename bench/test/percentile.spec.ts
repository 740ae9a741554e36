import { median, percentile } from '../src/percentile';

const HUNDRED = Array.from({ length: 100 }, (_, at) => 100 - at);

describe('a percentile', () => {
  it.each([
    [[], 0.5, 0],
    [[7], 0.99, 7],
    [[10, 9, 100], 0.5, 10],
    [HUNDRED, 0, 1],
    [HUNDRED, 0.5, 51],
    [HUNDRED, 0.99, 100],
    [HUNDRED, 1, 100],
  ])('of %j at %d is %d', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });

  it('leaves the values in their order, and halves them as the median', () => {
    const values = [3, 1, 2];

    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
  });
});

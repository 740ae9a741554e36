import { contradiction } from '../../src/kill-test/judgement';

describe('what the library has acknowledged of a saga', () => {
  it.each([
    [undefined, 'COMPLETED'],
    [undefined, 'COMPENSATED'],
    ['COMPLETED', 'COMPLETED'],
    ['COMPENSATED', 'COMPENSATED'],
  ] as const)('as %s, is kept when it is %s in the end', (ended, now) => {
    expect(contradiction({ saga: 's', ...(ended && { ended }) }, now)).toBeUndefined();
  });

  it.each([
    [undefined, '404', 'The acknowledged saga s is lost: 404.'],
    ['COMPLETED', '500', 'The acknowledged saga s is lost: 500.'],
    [undefined, 'RUNNING', 'The acknowledged saga s is RUNNING.'],
    ['COMPENSATED', 'COMPENSATING', 'The acknowledged saga s is COMPENSATING.'],
    ['COMPLETED', 'COMPENSATED', 'Saga s was answered as COMPLETED, and is COMPENSATED.'],
    ['COMPENSATED', 'COMPLETED', 'Saga s was answered as COMPENSATED, and is COMPLETED.'],
  ] as const)('as %s, is broken when it is %s', (ended, now, sentence) => {
    expect(contradiction({ saga: 's', ...(ended && { ended }) }, now)).toBe(sentence);
  });
});

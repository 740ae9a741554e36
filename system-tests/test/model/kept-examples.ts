import type { Happening } from './requests';

const jenny = { member: 'jenny' };
const scott = { member: 'scott' };

/**
 * Scripts that are played each time: those that once told library and model apart, as fast-check had shrunk them (what it
 * prints as `Counterexample` belongs here, for a seed means something else as soon as the arbitraries change), and ways
 * that chance seldom goes.
 */
export const KEPT_EXAMPLES: readonly { readonly story: string; readonly script: readonly Happening[] }[] = [
  {
    story: 'a late return, and paying for it',
    script: [
      { ask: 'rent', ...jenny, book: 0 },
      { ask: 'wait', days: 16 },
      { ask: 'rent', ...jenny, book: 1 },
      { ask: 'clear', ...jenny, exactly: true },
      { ask: 'return', ...jenny, book: 0 },
      { ask: 'rent', ...jenny, book: 1 },
      { ask: 'clear', ...jenny, exactly: false },
      { ask: 'clear', ...jenny, exactly: true, key: 'a' },
      { ask: 'rent', ...jenny, book: 1 },
      { ask: 'clear', ...jenny, exactly: true, key: 'a' },
    ],
  },
  {
    story: 'a fee that the points do not cover, until they do',
    script: [
      { ask: 'rent', ...jenny, book: 0 },
      { ask: 'wait', days: 20 },
      { ask: 'return', ...jenny, book: 0 },
      { ask: 'clear', ...jenny, exactly: true },
      { ask: 'adjust', ...jenny, points: 100, key: 'a' },
      { ask: 'adjust', ...jenny, points: 100, key: 'a' },
      { ask: 'clear', ...jenny, exactly: true },
    ],
  },
  {
    story: 'a full card',
    script: [
      { ask: 'register book', title: '새 책' },
      { ask: 'register book', title: '새 책', key: 'a' },
      { ask: 'register book', title: '헌 책', key: 'a' },
      ...[0, 1, 2, 3, 4, 5].map((book) => ({ ask: 'rent' as const, ...jenny, book })),
      { ask: 'return', ...jenny, book: 2 },
      { ask: 'rent', ...jenny, book: 5 },
    ],
  },
  {
    story: 'one key for one thing after the other, and the same key of somebody else',
    script: [
      { ask: 'rent', ...jenny, book: 0, key: 'a' },
      { ask: 'rent', ...scott, book: 0, key: 'a' },
      { ask: 'return', ...jenny, book: 0 },
      { ask: 'rent', ...jenny, book: 0, key: 'a' },
      { ask: 'rent', ...scott, book: 0, key: 'a' },
      { ask: 'rent', ...scott, book: 0 },
      { ask: 'return', ...jenny, book: 0, key: 'a' },
    ],
  },
  {
    story: 'a book that comes to be after it was asked for',
    script: [
      { ask: 'rent', ...jenny, book: 4, key: 'a' },
      { ask: 'register book', title: '새 책' },
      { ask: 'rent', ...jenny, book: 4 },
      { ask: 'rent', ...jenny, book: 4, key: 'a' },
    ],
  },
  {
    story: 'a member who leaves, and comes to be after having asked',
    script: [
      { ask: 'rent', ...jenny, book: 0 },
      { ask: 'close', ...jenny },
      { ask: 'return', ...jenny, book: 0 },
      { ask: 'rent', ...jenny, book: 0 },
      { ask: 'rent', member: 'minsu', book: 0 },
      { ask: 'register member', member: 'minsu' },
      { ask: 'rent', member: 'minsu', book: 0 },
    ],
  },
];

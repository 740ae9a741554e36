import * as fc from 'fast-check';
import { NONSENSE } from './nonsense';

export const MEMBERS = ['jenny', 'scott', 'minsu'] as const;

/**
 * What the library is asked, as data: so that it can be told to a model, sent, repeated and printed. A `book` counts the
 * registered ones from 0, and one beyond them is a number that nobody has yet.
 */
export type Request =
  | { readonly ask: 'rent' | 'return'; readonly member: string; readonly book: number; readonly key?: string }
  | { readonly ask: 'clear'; readonly member: string; readonly exactly: boolean; readonly key?: string }
  | { readonly ask: 'register book'; readonly title: string; readonly key?: string }
  | { readonly ask: 'register member'; readonly member: string; readonly key?: string }
  | { readonly ask: 'adjust'; readonly member: string; readonly points: number; readonly key?: string }
  | { readonly ask: 'close'; readonly member: string }
  | { readonly ask: 'shelve' | 'withdraw'; readonly book: number }
  | { readonly ask: 'nonsense'; readonly which: number };

/** Mostly the same few, so that what is asked has to do with what was asked before. */
const member = fc.constantFrom('jenny', 'jenny', 'jenny', 'jenny', 'scott', 'scott', 'scott', 'minsu');
const book = fc.constantFrom(0, 0, 0, 0, 1, 1, 1, 2, 3, 9);
const points = fc.constantFrom(10, 100);
const title = fc.constantFrom('새 책', '헌 책');

/** Few keys, so that one comes again: with the same request, with another one, and from another member. */
function maybeKeyed<Unkeyed extends Request>(request: fc.Arbitrary<Unkeyed>): fc.Arbitrary<Request> {
  const key = fc.constantFrom(undefined, undefined, undefined, 'a', 'b');
  return fc.tuple(request, key).map(([unkeyed, by]) => (by === undefined ? unkeyed : { ...unkeyed, key: by }));
}

export const anyRequest: fc.Arbitrary<Request> = fc.oneof(
  { weight: 8, arbitrary: maybeKeyed(fc.record({ ask: fc.constant('rent' as const), member, book })) },
  { weight: 6, arbitrary: maybeKeyed(fc.record({ ask: fc.constant('return' as const), member, book })) },
  {
    weight: 3,
    arbitrary: maybeKeyed(fc.record({ ask: fc.constant('clear' as const), member, exactly: fc.boolean() })),
  },
  { weight: 1, arbitrary: maybeKeyed(fc.record({ ask: fc.constant('register book' as const), title })) },
  { weight: 1, arbitrary: maybeKeyed(fc.record({ ask: fc.constant('register member' as const), member })) },
  { weight: 2, arbitrary: maybeKeyed(fc.record({ ask: fc.constant('adjust' as const), member, points })) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('close' as const), member }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constantFrom('shelve' as const, 'withdraw' as const), book }) },
  {
    weight: 1,
    arbitrary: fc.record({ ask: fc.constant('nonsense' as const), which: fc.nat({ max: NONSENSE.length - 1 }) }),
  },
);

/** What happens in a reading room: somebody asks, looks around, or days pass. */
export type Happening = Request | { readonly ask: 'look' } | { readonly ask: 'wait'; readonly days: number };

export const anyHappening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 10, arbitrary: anyRequest },
  { weight: 2, arbitrary: fc.record({ ask: fc.constant('look' as const) }) },
  { weight: 1, arbitrary: fc.record({ ask: fc.constant('wait' as const), days: fc.constantFrom(1, 14, 15, 16) }) },
);

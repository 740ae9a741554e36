import type { Random } from '../random';
import { OPENS_MS } from './plan';
import type { Call, CallKind } from './plan';

/** Who may ask, for what, and within which time. */
interface Demand {
  readonly members: number;
  readonly books: number;
  readonly withinMs: number;
}

type Asking = Omit<Call, 'index'>;
type Scene = (random: Random, demand: Demand, at: number) => readonly Asking[];

const KINDS: Readonly<Record<CallKind, number>> = {
  rent: 44,
  return: 26,
  clear: 5,
  'make-overdue': 7,
  'mark-overdue': 3,
  'register-book': 2,
  'register-member': 2,
  'withdraw-book': 2,
  'unshelve-book': 2,
  'shelve-book': 4,
  'close-member': 1,
  'adjust-points': 2,
};

/** As many rents at once come from one member at most. */
const BURST = 8;

const SCENES = {
  /** Anything, by anybody. */
  single: (random, demand, at) => [single(random, demand, at)],
  /** A book is brought back late, and the fee paid. */
  lateReturn: (random, demand, at) => {
    const whose = { member: random.below(demand.members), book: random.between(1, demand.books) };
    const step = random.between(500, 2_500);
    const kinds = ['rent', 'make-overdue', 'return', 'clear'] as const;
    return kinds.map((kind, nth) => ({ ...single(random, demand, at + nth * step), kind, ...whose }));
  },
  /** A member asks for more books at once than a card may hold. */
  burst: (random, demand, at) => {
    const member = random.below(demand.members);
    return Array.from({ length: Math.min(demand.books, BURST) }, (_, nth) => ({
      ...single(random, demand, at + random.below(50)),
      kind: 'rent',
      member,
      book: nth + 1,
    }));
  },
  /** Everybody wants the same book. */
  rush: (random, demand, at) => {
    const book = random.between(1, demand.books);
    return Array.from({ length: demand.members }, (_, member) => ({
      ...single(random, demand, at + random.below(20)),
      kind: 'rent',
      member,
      book,
    }));
  },
} as const satisfies Record<string, Scene>;

const SHARES: Readonly<Record<keyof typeof SCENES, number>> = { single: 88, lateReturn: 6, burst: 3, rush: 3 };

/** What is asked for, at least so many things, in the order of time. */
export function callsOf(random: Random, least: number, demand: Demand): readonly Call[] {
  const calls: Asking[] = [];
  while (calls.length < least) {
    const scene: Scene = SCENES[random.weighted(SHARES)];
    calls.push(...scene(random, demand, OPENS_MS + random.below(demand.withinMs)));
  }
  return calls.toSorted((one, other) => one.at - other.at).map((call, index) => ({ index, ...call }));
}

function single(random: Random, { members, books }: Demand, at: number): Asking {
  return {
    at,
    kind: random.weighted(KINDS),
    member: random.below(members),
    book: random.between(1, books),
    keyed: random.chance(0.7),
    ...(random.chance(0.5) ? { waitMs: random.pick([1_000, 5_000, 30_000]) } : {}),
    ...(random.chance(0.08) ? { hangsUpAfterMs: random.below(2_000) } : {}),
    ...(random.chance(0.12) ? { twice: true as const } : {}),
  };
}

/**
 * Everything that can go wrong, by name. A `place` is one that a process, a store or a message passes: a fault lies in wait
 * there and strikes the next one that comes. A `time` is when something happens, whoever is where.
 */
export const FAULT_POINTS = {
  crash: { strikesAt: 'time', means: 'a process dies' },
  'power-cut': { strikesAt: 'time', means: 'every process of every service dies' },
  'crash.before-commit': { strikesAt: 'place', means: 'a process dies after deciding, before the commit' },
  'crash.after-commit': { strikesAt: 'place', means: 'a process dies right after the commit' },
  'crash.before-publish': { strikesAt: 'place', means: 'a process dies before publishing' },
  'crash.after-publish': { strikesAt: 'place', means: 'a process dies after publishing, before it drops what is out' },
  'crash.before-offset-commit': { strikesAt: 'place', means: 'a process dies before its offsets are committed' },
  pause: { strikesAt: 'time', means: 'a process stands still, and goes on as if nothing had been (a zombie)' },
  'clock.jump': { strikesAt: 'time', means: 'the clock of a process goes wrong' },
  rebalance: { strikesAt: 'time', means: 'a consumer loses its partitions while it works on them' },
  'network-cut': { strikesAt: 'time', means: 'a process sees its store and not the log' },
  'broker-down': { strikesAt: 'time', means: 'nobody reaches the log' },
  'database-down': { strikesAt: 'time', means: 'a service does not reach its store' },
  'store.conflict': { strikesAt: 'place', means: 'another writer comes first' },
  'store.failed-commit': { strikesAt: 'place', means: 'a commit fails' },
  'store.unknown-commit': { strikesAt: 'place', means: 'a commit succeeds, and its answer is lost' },
  'store.slow': { strikesAt: 'place', means: 'a commit takes seconds' },
  'log.unknown-publish': { strikesAt: 'place', means: 'messages are appended, and the answer is lost' },
  'log.partial-publish': { strikesAt: 'place', means: 'a batch is appended in part' },
  'log.duplicate': { strikesAt: 'place', means: 'a message reaches a group once more, later' },
  'log.delay': { strikesAt: 'place', means: 'a message reaches a group late, and others overtake it' },
  'log.loss': { strikesAt: 'place', means: 'a message never reaches a group' },
  'log.replay': { strikesAt: 'time', means: 'all that a topic holds is appended to it again' },
  'log.more-partitions': { strikesAt: 'time', means: 'a topic gets one more partition, and keys move to others' },
  'log.poison': { strikesAt: 'time', means: 'somebody writes what nobody can read into a topic' },
  'participant.refuse': { strikesAt: 'place', means: 'a participant refuses' },
  'participant.fail': { strikesAt: 'place', means: 'the world fails a participant before it does anything' },
  'participant.bug': { strikesAt: 'place', means: 'a participant has a bug, and its message is parked' },
} as const satisfies Record<string, { readonly strikesAt: 'place' | 'time'; readonly means: string }>;

export type FaultPoint = keyof typeof FAULT_POINTS;

type PointsOf<When extends 'place' | 'time'> = {
  [Point in FaultPoint]: (typeof FAULT_POINTS)[Point]['strikesAt'] extends When ? Point : never;
}[FaultPoint];

export type Place = PointsOf<'place'>;
export type Moment = PointsOf<'time'>;

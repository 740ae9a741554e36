import { RENTAL_SAGAS } from '@library/rental-service/application/sagas/rental-sagas';
import type { RentalSaga } from '@library/rental-service/application/sagas/rental-sagas';
import type { Direction, ParticipantName, SagaType } from '@library/shared-kernel/contracts/event-contract';
import { RESULT_TOPIC } from '@library/shared-kernel/contracts/event-result';
import { confirmersOf } from '@library/shared-kernel/saga/saga-definition';
import type { Violation } from './invariants/judge';
import { OPENS_MS } from './plan/plan';
import type { Call, CallKind, Plan, PlannedFault } from './plan/plan';
import type { Simulated } from './simulate';

/** One thing that goes wrong, at one participant of one saga, in one direction. */
interface MatrixCase {
  readonly name: string;
  readonly type: SagaType;
  readonly plan: Plan;
  readonly ends: 'COMPLETED' | 'COMPENSATED';
}

interface Node {
  readonly saga: RentalSaga;
  readonly who: ParticipantName;
  readonly direction: Direction;
}
/** A fault, and how long after the saga has begun it happens. */
type Sketch = Omit<PlannedFault, 'index' | 'at'> & { readonly afterMs?: number };

/** Longer than an announcement lives, and longer than a saga waits before it calls for help. */
const PAST_THE_DEADLINE_MS = 200_000;
/** Whatever cannot be heard for so long is delayed, and not undone. */
const OUTAGE_MS = 300_000;
/** All copies that are sent until then. */
const EVERY_COPY = 12;

const MISHAPS: Readonly<Record<string, (node: Node) => readonly Sketch[]>> = {
  refuses: ({ who, ...node }) => [{ point: 'participant.refuse', role: who, about: topicOf(node) }],
  'fails before it': ({ who, ...node }) => [{ point: 'participant.fail', role: who, about: topicOf(node) }],
  'fails after it': ({ who, ...node }) => [{ point: 'store.unknown-commit', role: who, about: topicOf(node) }],
  'crashes before the commit': ({ who, ...node }) => [
    { point: 'crash.before-commit', role: who, about: topicOf(node) },
  ],
  'crashes after the commit': ({ who, ...node }) => [{ point: 'crash.after-commit', role: who, about: topicOf(node) }],
  'crashes after publishing': (node) => [{ point: 'crash.after-publish', role: node.who, about: answerOf(node) }],
  'is told twice': ({ who, ...node }) => [{ point: 'log.duplicate', role: who, about: topicOf(node), ms: 700 }],
  'answers past the deadline': (node) => [
    { point: 'log.delay', role: 'rental', about: answerOf(node), ms: PAST_THE_DEADLINE_MS, times: EVERY_COPY },
  ],
  'has its answer dropped': (node) => [{ point: 'log.loss', role: 'rental', about: answerOf(node) }],
  'answers while the log is down': ({ who, ...node }) => [
    { point: 'store.slow', role: who, about: topicOf(node), ms: 3_000 },
    { point: 'broker-down', role: who, afterMs: 1_000, ms: OUTAGE_MS },
  ],
  'answers when rental has just woken up': ({ who, ...node }) => [
    { point: 'store.slow', role: who, about: topicOf(node), ms: OUTAGE_MS + 4_000 },
    { point: 'pause', role: 'rental', afterMs: 1_000, ms: OUTAGE_MS },
  ],
  'is overtaken by the cancel': ({ saga, who, direction }) => [
    direction === 'do'
      ? { point: 'log.delay', role: who, about: saga.announces.topic, ms: PAST_THE_DEADLINE_MS, times: EVERY_COPY }
      : { point: 'log.duplicate', role: who, about: saga.announces.topic, ms: 30_000 },
  ],
};

/** After these nobody can wait any longer for it to be done; for an undoing or a confirmation they can. */
const UNDOES: readonly string[] = ['refuses', 'answers past the deadline', 'is overtaken by the cancel'];

/** What has to be asked for so that a saga of this type begins, each a while after the other; the last one begins it. */
const BEGINNINGS: Readonly<Record<SagaType, readonly CallKind[]>> = {
  RENT: ['rent'],
  RETURN: ['rent', 'return'],
  OVERDUE: ['rent', 'make-overdue', 'return', 'clear'],
};

/** Every saga, every participant, every mishap, in every direction: all of it from the definitions. */
export function matrix(): readonly MatrixCase[] {
  const nodes = RENTAL_SAGAS.flatMap((saga) =>
    saga.awaits.flatMap((who) => directionsOf(saga, who).map((direction) => ({ saga, who, direction }))),
  );
  return nodes.flatMap((node) => Object.keys(MISHAPS).map((mishap, nth) => caseOf(node, mishap, nth)));
}

/** What is wrong with how it went: also when it has not gone wrong where it should have. */
export function judged(
  { plan, type, ends }: MatrixCase,
  { violations, sagas, story }: Simulated,
): readonly Violation[] {
  const missed = plan.faults.filter(({ index, point }) => !story.includes(`fault ${index} ${point}`));
  const ended = sagas.filter((saga) => saga.type === type).map(({ status }) => status);
  return [
    ...violations,
    ...missed.map(({ point }) => ({ invariant: 'struck' as const, sentence: `${point} has not struck.` })),
    ...(ended.join(' ') === ends
      ? []
      : [{ invariant: 'outcome' as const, sentence: `It ends ${ends}, and not ${ended.join(' ')}.` }]),
  ];
}

function lastsMs({ ms = 0, afterMs = 0, times }: Sketch): number {
  return times ? PAST_THE_DEADLINE_MS : Math.max(20_000, afterMs + ms + 10_000);
}

function directionsOf(saga: RentalSaga, who: ParticipantName): readonly Direction[] {
  return confirmersOf(saga).includes(who) ? ['do', 'undo', 'confirm'] : ['do', 'undo'];
}

function caseOf(node: Node, mishap: string, nth: number): MatrixCase {
  const { saga, who, direction } = node;
  const kinds = BEGINNINGS[saga.type];
  const calls = kinds.map((kind, index) => callOf(kind, index));
  const begins = calls.at(-1)!.at;
  const sketches = [...MISHAPS[mishap]!(node), ...(direction === 'undo' ? causeToUndo(node) : [])];
  return {
    name: `${saga.type}: ${who}, asked to ${direction}, ${mishap}`,
    type: saga.type,
    ends: direction === 'undo' || (direction === 'do' && UNDOES.includes(mishap)) ? 'COMPENSATED' : 'COMPLETED',
    plan: {
      seed: nth,
      beginning: Date.parse('2023-02-11T00:00:00Z'),
      instances: { rental: 1, book: 1, member: 1, bestbook: 1 },
      members: 1,
      books: 1,
      calls,
      faults: sketches.map(({ afterMs = 0, ...sketch }, index) => ({ ...sketch, index, at: begins + afterMs })),
      calmAt: begins + sketches.map(lastsMs).reduce((sum, ms) => sum + ms),
    },
  };
}

function callOf(kind: CallKind, index: number): Call {
  return { index, at: OPENS_MS + index * 1_500, kind, member: 0, book: 1, keyed: true, waitMs: 1_000 };
}

/** Somebody else refuses; where there is nobody else, its own answer does not come. */
function causeToUndo({ saga, who }: Node): readonly Sketch[] {
  const other = saga.awaits.find((name) => name !== who);
  if (other) return [{ point: 'participant.refuse', role: other, about: saga.announces.topic }];
  return [{ point: 'log.loss', role: 'rental', about: answerOf({ saga, who, direction: 'do' }), times: EVERY_COPY }];
}

function topicOf({ saga, direction }: Omit<Node, 'who'>): string {
  switch (direction) {
    case 'do':
      return saga.announces.topic;
    case 'undo':
      return saga.withdraws.topic;
    case 'confirm':
      return saga.confirms!.topic;
  }
}

function answerOf({ who, direction }: Node): string {
  return `${RESULT_TOPIC} ${who} ${direction}`;
}

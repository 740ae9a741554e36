import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { ParticipantName } from '../../src/contracts/event-contract';
import type { OutgoingMessage } from '../../src/messaging/event-message';
import { onAnswer, onDeadline, onPublished, onSettled, start } from '../../src/saga/engine';
import type { Ignored, Turn } from '../../src/saga/engine';
import { hasEnded, participantsIn, stepsOf } from '../../src/saga/saga';
import type { Saga, StepState } from '../../src/saga/saga';
import type { SagaDefinition } from '../../src/saga/saga-definition';
import { DEFAULT_TIMING } from '../../src/saga/timing';
import { beginning, lending, takingBack } from './toy-sagas';

const anyParticipant = fc.constantFrom<ParticipantName>('book', 'member', 'bestbook');
const anyEvent = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      what: fc.constant('answer' as const),
      participant: anyParticipant,
      direction: fc.constantFrom('do' as const, 'undo' as const, 'confirm' as const),
      outcome: fc.constantFrom('ok', 'ok', 'ok', 'book-not-available', 'expired', 'too-late', 'withdrawn'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('deadline' as const),
      /** A clock may jump, either way. */
      passes: fc.oneof(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: -3_600_000, max: 3_600_000 })),
      heard: fc.boolean(),
      inOutbox: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('published' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('settled' as const), participant: anyParticipant }) },
);
type Event = typeof anyEvent extends fc.Arbitrary<infer Value> ? Value : never;

/** Follows a saga, and checks after each step what must hold whatever happens. */
class Watched {
  private now: number = beginning().at;
  private readonly said = new Map<string, OutgoingMessage>();
  private happened: string[] = [];
  saga: Saga;

  constructor(private readonly definition: SagaDefinition<never>) {
    const { id, announced, cause, at } = beginning();
    const turn = start(definition, id, announced, cause, at, DEFAULT_TIMING);
    this.saga = turn.saga;
    this.hear(turn.send);
  }

  meet(event: Event): void {
    const before = this.saga;
    if (event.what === 'deadline') this.now += event.passes;
    const turn = this.turnOf(event);
    if (turn === undefined || typeof turn === 'string') return;

    this.saga = turn.saga;
    this.hear(turn.send);
    if (turn.happened) this.happened.push(turn.happened);
    this.check(before);
  }

  /** From here on everybody hears, and does what is asked. */
  comeToAnEnd(): void {
    for (let rounds = 0; rounds < 3 && !hasEnded(this.saga); rounds++) {
      for (const participant of participantsIn(this.saga, 'awaited'))
        this.meet({ what: 'answer', participant, direction: 'do', outcome: 'ok' });
      for (const participant of participantsIn(this.saga, 'undoing'))
        this.meet({ what: 'answer', participant, direction: 'undo', outcome: 'ok' });
      for (const participant of participantsIn(this.saga, 'confirming'))
        this.meet({ what: 'answer', participant, direction: 'confirm', outcome: 'ok' });
    }
  }

  private turnOf(event: Event): Turn | Ignored | undefined {
    const { definition, saga, now } = this;
    switch (event.what) {
      case 'answer':
        return onAnswer(definition, saga, { ...event, id: 'r' }, now, DEFAULT_TIMING);
      case 'deadline':
        return onDeadline(definition, saga, event, now, DEFAULT_TIMING);
      case 'published':
        return { saga: onPublished(saga, now + DEFAULT_TIMING.expiresAfterMs), send: [], withdraw: [] };
      case 'settled':
        return onSettled(saga, event.participant, { actor: 'a', reason: 'seen' }, now);
    }
  }

  private check(before: Saga): void {
    const { saga, now } = this;
    const agreed = saga.status === 'COMPLETED' || saga.status === 'CONFIRMING';
    if (hasEnded(before)) assert.equal(saga, before);
    if (before.status === 'COMPENSATING') assert.ok(!agreed);
    if (before.status === 'CONFIRMING') assert.ok(agreed);

    if (hasEnded(saga)) {
      const allowed: StepState[] =
        saga.status === 'COMPLETED' ? ['done', 'confirmed', 'settled'] : ['undone', 'settled'];
      assert.equal(participantsIn(saga, ...allowed).length, stepsOf(saga).length);
      assert.deepEqual([saga.dueAt, saga.attention], [undefined, undefined]);
      if (saga.status === 'COMPLETED' && !this.definition.confirms)
        assert.deepEqual(participantsIn(saga, 'settled'), []);
    } else {
      assert.ok(saga.dueAt !== undefined);
      if (saga.dueAt !== before.dueAt) assert.ok(saga.dueAt - now <= DEFAULT_TIMING.longestWaitMs);
    }
    assert.deepEqual(this.happened, agreed ? ['agreed'] : saga.status === 'COMPENSATED' ? ['compensated'] : []);
    assert.equal(saga.reason === undefined, saga.status === 'RUNNING' || agreed);
    assert.ok(before.story.every((event, at) => event === saga.story[at]));
  }

  /** Of one id there is one message; only whom it awaits becomes fewer, and an announcement gets its expiry. */
  private hear(messages: readonly OutgoingMessage[]): void {
    for (const { awaits = [], expires: _expires, expiresAfterMs: _after, ...message } of messages) {
      const { awaits: awaitedBefore, ...before } = this.said.get(message.id) ?? { ...message, awaits };
      assert.deepEqual(message, before);
      assert.ok(awaits.length > 0 && awaits.every((name) => awaitedBefore?.includes(name)));
      this.said.set(message.id, { ...message, awaits });
    }
  }
}

describe.each([
  ['without a confirmation', lending],
  ['with a confirmation', takingBack],
])('Whatever happens to a saga %s', (_what, definition) => {
  it('the end is complete with everything done, or compensated with nothing left; until then it is due, and after it nothing changes [G4 G5 G6 G10 G12]', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 60 }), (events) => {
        const watched = new Watched(definition);
        for (const event of events) watched.meet(event);
        watched.comeToAnEnd();
        for (const event of events) watched.meet(event);

        expect(hasEnded(watched.saga)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

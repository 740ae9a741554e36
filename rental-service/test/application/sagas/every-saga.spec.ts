import type { Direction, ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import type { RefusalCode } from '@library/shared-kernel/domain/refusal';
import type { OutgoingMessage } from '@library/shared-kernel/messaging/event-message';
import type { SagaStep, StepState } from '@library/shared-kernel/saga/saga';
import { confirmersOf } from '@library/shared-kernel/saga/saga-definition';
import {
  answerId,
  confirmed,
  confirmRefused,
  done,
  given,
  refused,
  settled,
  silence,
  undone,
  undoRefused,
} from '@library/shared-kernel/testing/saga-story';
import type { SagaStory } from '@library/shared-kernel/testing/saga-story';
import { RENTAL_SAGAS } from '../../../src/application/sagas/rental-sagas';
import type { RentalSaga } from '../../../src/application/sagas/rental-sagas';
import type { ReturnedItem } from '../../../src/domain/card-item';
import type { RentalCard } from '../../../src/domain/rental-card';
import { again, AT, BEGINNINGS, EXPIRES, SAGA, travels } from './beginnings';

type Story = SagaStory<RentalCard, ReturnedItem>;

/** One saga with one of its participants singled out; what is told is derived from the definition and nothing else. */
class Node {
  readonly others: readonly ParticipantName[];
  readonly confirmers: readonly ParticipantName[];
  private readonly beginning;
  private readonly announced: OutgoingMessage;

  constructor(
    readonly saga: RentalSaga,
    readonly who: ParticipantName,
  ) {
    this.others = saga.awaits.filter((name) => name !== who);
    this.confirmers = confirmersOf(saga);
    this.beginning = BEGINNINGS[saga.type].begin();
    this.announced = { ...this.message('do', saga.announces.topic, AT, 'request-1'), expiresAfterMs: 120_000 };
  }

  /** The first code that the contract lists, or the one that everybody may answer. */
  get refusal(): RefusalCode {
    return this.saga.announces.answeredBy[this.who]?.[0] ?? 'withdrawn';
  }

  readonly card = () => this.beginning.aggregate.snapshot();

  begin(): Story {
    return given(this.saga, this.beginning).announces(this.announced);
  }

  /** All others have done their part. */
  almostDone(): Story {
    return this.others.reduce((story, name) => story.when(done(name)), this.begin());
  }

  announcementAgain = () => again(this.announced, this.who);

  cancellation(reason: string, at = AT): OutgoingMessage {
    const causation =
      reason === 'expired'
        ? `${SAGA}:${this.saga.type.toLowerCase()}:do`
        : answerId({ id: SAGA }, this.who, 'do', reason);
    const { body, ...message } = this.message('undo', this.saga.withdraws.topic, at, causation);
    return { ...message, body: { ...(body as object), reason }, announced: AT };
  }

  readonly confirmation = (lastToAnswer: ParticipantName): OutgoingMessage => {
    const message = this.message(
      'confirm',
      this.saga.confirms!.topic,
      AT,
      answerId({ id: SAGA }, lastToAnswer, 'do', 'ok'),
    );
    return { ...message, awaits: this.confirmers };
  };

  /** It has refused, and all are being told to undo it. */
  refusedByIt(): Story {
    return this.almostDone()
      .when(refused(this.who, this.refusal))
      .withdraws(this.cancellation(this.refusal))
      .stands('COMPENSATING', this.steps('undoing', { state: 'undoing', code: this.refusal }));
  }

  /** It has never answered, however often it was asked. */
  silentUntilItExpired(): Story {
    const story = [2, 5, 10, 20, 40].reduce(
      (asked, wait) => asked.when(silence(wait * 1_000)).asksAgain(this.announcementAgain()),
      this.almostDone(),
    );
    return story
      .when(silence(43_000))
      .withdraws(this.cancellation('expired', EXPIRES))
      .stands('COMPENSATING', this.steps('undoing'));
  }

  /** Everybody else has undone it. */
  almostUndone(story: Story): Story {
    return this.others.reduce((undoing, name) => undoing.when(undone(name)), story);
  }

  steps(state: StepState, its: SagaStep = { state }) {
    return Object.fromEntries(this.saga.awaits.map((name) => [name, name === this.who ? its : { state }]));
  }

  private message(direction: Direction, topic: string, time: number, causation: string): OutgoingMessage {
    const id = `${SAGA}:${this.saga.type.toLowerCase()}:${direction}`;
    return { ...travels, id, topic, body: this.beginning.announced, time, causation, awaits: this.saga.awaits };
  }
}

/** All agree, and those who must confirm do. */
function verifyCompletes(
  { saga, confirmers, confirmation, card }: Node,
  story: Story,
  lastToAnswer: ParticipantName,
): void {
  const { succeeded, history } = BEGINNINGS[saga.type];
  const agreed = confirmers.length > 0 ? story.confirms(confirmation(lastToAnswer)) : story;
  confirmers.reduce((confirming, name) => confirming.when(confirmed(name)), agreed).ends('COMPLETED');

  const steps = saga.awaits.map((name) => [name, { state: confirmers.includes(name) ? 'confirmed' : 'done' }]);
  expect(story.saga.steps).toEqual(Object.fromEntries(steps));
  expect(card()).toEqual(succeeded);
  expect(story.finished).toEqual(history);
}

/** Everybody has undone it, and the card is as it was. */
function verifyCompensated(node: Node, story: Story, reason: string, its: SagaStep): void {
  story.stands('COMPENSATED', node.steps('undone', its)).ends('COMPENSATED', reason);
  expect(node.card()).toEqual(BEGINNINGS[node.saga.type].undone[reason === 'expired' ? 'silence' : 'refused']);
  expect(story.finished).toBeUndefined();
}

const NODES = RENTAL_SAGAS.flatMap((saga) =>
  saga.awaits.map((who) => ({ type: saga.type, who, node: () => new Node(saga, who) })),
);

describe.each(NODES)('In $type, when $who', ({ node: nodeOf }) => {
  let node: Node;

  beforeEach(() => {
    node = nodeOf();
  });

  it('agrees as the last one, the saga is complete', () => {
    verifyCompletes(node, node.almostDone().when(done(node.who)), node.who);
  });

  it('refuses, everything is undone, with everybody [A15 G6 G10]', () => {
    const story = node.almostUndone(node.refusedByIt()).when(undone(node.who));

    verifyCompensated(node, story, node.refusal, { state: 'undone', code: node.refusal });
  });

  it('stays silent, it is asked again, and when the announcement has expired everything is undone, with it too [A15 F2]', () => {
    const story = node.almostUndone(node.silentUntilItExpired()).when(undone(node.who));

    verifyCompensated(node, story, 'expired', { state: 'undone' });
  });

  it('answers late, the answer changes nothing, good or bad [A15 F3 F4]', () => {
    const story = node.silentUntilItExpired();
    const { saga } = story;
    story.when(done(node.who)).ignores('late').when(refused(node.who, node.refusal)).ignores('late');
    expect(story.saga).toBe(saga);

    verifyCompensated(node, node.almostUndone(story.when(undone(node.who))), 'expired', { state: 'undone' });
  });

  it('answers twice, the second answer changes nothing, in either direction [A15 D2 D3]', () => {
    const [first = node.who, ...rest] = node.others;
    const agreeing = node.begin().when(done(node.who));
    if (node.others.length > 0) {
      agreeing.when(done(node.who)).ignores('duplicate').when(refused(node.who, node.refusal)).ignores('duplicate');
      for (const name of [first, ...rest]) agreeing.when(done(name));
    }
    verifyCompletes(node, agreeing, node.others.at(-1) ?? node.who);
    agreeing.when(done(node.who)).ignores('late');

    const other = nodeOf();
    const undoing = other.refusedByIt().when(undone(other.who));
    if (other.others.length > 0) undoing.when(undone(other.who)).ignores('duplicate');
    verifyCompensated(other, other.almostUndone(undoing), other.refusal, { state: 'undone', code: other.refusal });
    undoing.when(undone(other.who)).ignores('late');
  });

  it('is answered for by somebody else, or says what it was not asked, nothing changes [A15 B10 E4]', () => {
    const stranger = 'reading-club' as ParticipantName;
    const story = node.almostDone();
    const { saga } = story;
    story.when(done(stranger)).ignores('foreign').when(refused(stranger, node.refusal)).ignores('foreign');
    story.when(undone(node.who)).ignores('late').when(confirmed(node.who)).ignores('late');

    expect(story.saga).toBe(saga);
    verifyCompletes(node, story.when(done(node.who)), node.who);
  });

  it('cannot undo it, a person is called, it is asked again, and it ends when it can [A15 A16 A17]', () => {
    const story = node.almostUndone(node.refusedByIt());
    story
      .when(undoRefused(node.who, 'not-enough-points'))
      .callsForHelp('undo-refused')
      .stands('COMPENSATING', node.steps('undone', { state: 'undoing', code: 'not-enough-points' }))
      .when(silence(2_000))
      .asksAgain({ ...node.cancellation(node.refusal), awaits: [node.who] })
      .when(undone(node.who));

    verifyCompensated(node, story, node.refusal, { state: 'undone', code: 'not-enough-points' });
  });

  it('can never undo it, an operator settles it [A15 D4b]', () => {
    const story = node.almostUndone(node.refusedByIt()).when(undoRefused(node.who, 'too-late'));
    story.callsForHelp('undo-refused').when(settled(node.who, { actor: 'librarian', reason: 'seen to by hand' }));

    verifyCompensated(node, story, node.refusal, { state: 'settled', code: 'seen to by hand' });
  });

  it('is not reached by the cancel, or its answer is lost, it alone is asked again until it answers [A15 F6]', () => {
    const story = node.almostUndone(node.refusedByIt());
    for (const wait of [2, 4, 8])
      story.when(silence(wait * 1_000)).asksAgain({ ...node.cancellation(node.refusal), awaits: [node.who] });

    verifyCompensated(node, story.when(undone(node.who)), node.refusal, { state: 'undone', code: node.refusal });
  });
});

const CONFIRMERS = NODES.filter(({ type, who }) =>
  confirmersOf(RENTAL_SAGAS.find((saga) => saga.type === type)!).includes(who),
);

describe.each(CONFIRMERS)('In $type, when $who must confirm and', ({ node: nodeOf }) => {
  it.each([['is not reached'], ['refuses at first']])(
    '%s, it is asked until it has, and nothing is undone [A15 A20]',
    (what) => {
      const node = nodeOf();
      const story = node.almostDone().when(done(node.who)).confirms(node.confirmation(node.who));
      if (what === 'refuses at first')
        story.when(confirmRefused(node.who, 'book-withdrawn')).callsForHelp('confirm-refused');
      for (const wait of [2, 4, 8]) story.when(silence(wait * 1_000)).asksAgain(node.confirmation(node.who));
      story.when(confirmed(node.who)).ends('COMPLETED');

      expect(node.card()).toEqual(BEGINNINGS[node.saga.type].succeeded);
    },
  );
});

import type { ParticipantName } from '../contracts/event-contract';
import type { SagaId } from '../domain/identifiers';
import type { OutgoingMessage } from '../messaging/event-message';
import type { Announced, Answer, AttentionCause, Saga, SagaCause, SagaEvent, SagaStep, StepState } from './saga';
import { participantsIn, stepsOf } from './saga';
import type { SagaDefinition } from './saga-definition';
import { confirmersOf } from './saga-definition';
import type { SagaTiming } from './timing';

type Definition = SagaDefinition<never>;

/** Where a saga has got to, and what is to be done about it in the same atomic write. */
export interface Turn {
  readonly saga: Saga;
  readonly send: readonly OutgoingMessage[];
  /** Ids of messages that must not be published any more. */
  readonly withdraw: readonly string[];
  /** What the aggregate must be told. */
  readonly happened?: 'agreed' | 'compensated';
}

/** An answer that changes nothing, and is counted: it came late, twice, or from somebody who was not asked. */
export type Ignored = 'late' | 'duplicate' | 'foreign' | 'silence';

/** Begins a saga: its announcement is on its way, and everybody is awaited. */
export function start(
  definition: Definition,
  id: SagaId,
  announced: Announced,
  cause: SagaCause,
  now: number,
  timing: SagaTiming,
): Turn {
  const saga: Saga = {
    id,
    type: definition.type,
    definition: definition.version,
    status: 'RUNNING',
    announced,
    steps: Object.fromEntries(definition.awaits.map((name) => [name, { state: 'awaited' }])),
    cause,
    story: [{ at: now, what: 'announced' }],
    startedAt: now,
    since: now,
    resent: 0,
    dueAt: now + timing.resendAfterMs[0]!,
  };
  return turn(saga, [announcement(definition, saga, timing)]);
}

/** Takes one participant's answer. */
export function onAnswer(
  definition: Definition,
  saga: Saga,
  answer: Answer,
  now: number,
  timing: SagaTiming,
): Turn | Ignored {
  const step = saga.steps[answer.participant];
  if (!step) return 'foreign';

  switch (answer.direction) {
    case 'do':
      if (saga.status !== 'RUNNING') return 'late';
      if (step.state !== 'awaited') return 'duplicate';
      return onDone(definition, saga, answer, now, timing);
    case 'confirm':
      if (saga.status !== 'CONFIRMING') return 'late';
      if (step.state !== 'confirming') return 'duplicate';
      return onConfirmed(saga, answer, now);
    case 'undo':
      if (saga.status !== 'COMPENSATING') return 'late';
      if (step.state !== 'undoing') return 'duplicate';
      return onUndone(saga, answer, now);
  }
}

/**
 * Looks at a saga that is due. `heard` says whether an answer could have reached us; `inOutbox` whether the announcement
 * still waits there. Undefined when it is not due.
 */
export function onDeadline(
  definition: Definition,
  saga: Saga,
  { heard, inOutbox }: { readonly heard: boolean; readonly inOutbox: boolean },
  now: number,
  timing: SagaTiming,
): Turn | undefined {
  if (saga.dueAt === undefined) return undefined;
  const implausible = saga.dueAt > now + timing.longestWaitMs;
  if (saga.dueAt > now && !implausible) return undefined;

  if (saga.status !== 'RUNNING') return insist(definition, saga, heard, now, timing);
  if (!heard || inOutbox) return moveOn(saga, now, timing);
  if (saga.expires !== undefined && now >= saga.expires) return onSilence(definition, saga, now, timing);
  return askAgain(definition, saga, now, timing);
}

/** The announcement was published, and the copy that everybody has expires then. */
export function onPublished(saga: Saga, expires: number): Saga {
  return saga.status === 'RUNNING' && saga.expires !== expires ? { ...saga, expires } : saga;
}

/** An operator has seen to one participant's part by hand: it counts as that participant's answer. */
export function onSettled(
  saga: Saga,
  participant: ParticipantName,
  { actor, reason }: { readonly actor: string; readonly reason: string },
  now: number,
): Turn | Ignored {
  const step = saga.steps[participant];
  if (!step) return 'foreign';
  if (step.state !== 'undoing' && step.state !== 'confirming') return 'late';

  return finishWhenAll(
    withStep(
      saga,
      participant,
      { state: 'settled', code: reason },
      { at: now, what: 'settled', participant, code: reason, actor },
    ),
    now,
  );
}

/** `ce_id` of a saga's own message. */
export function messageId(saga: Pick<Saga, 'id' | 'type'>, direction: 'do' | 'undo' | 'confirm'): string {
  return `${saga.id}:${saga.type.toLowerCase()}:${direction}`;
}

function onDone(definition: Definition, saga: Saga, answer: Answer, now: number, timing: SagaTiming): Turn | Ignored {
  const { participant, outcome } = answer;
  if (outcome === 'expired') return 'silence';
  if (outcome !== 'ok') {
    const refused = withStep(
      saga,
      participant,
      { state: 'refused', code: outcome },
      { at: now, what: 'refused', participant, code: outcome },
    );
    return withdraw(definition, refused, outcome, answer.id, now, timing);
  }

  const done = withStep(saga, participant, { state: 'done' }, { at: now, what: 'done', participant });
  if (participantsIn(done, 'awaited').length > 0) return turn(done);

  const confirmers = confirmersOf(definition).filter((name) => name in done.steps);
  if (confirmers.length === 0) return { ...turn(end(done, 'COMPLETED', now)), happened: 'agreed' };

  const confirming = enter(
    inState(done, confirmers, 'confirming'),
    'CONFIRMING',
    answer.id,
    { at: now, what: 'agreed' },
    timing,
  );
  return { ...turn(confirming, [confirmation(definition, confirming)]), happened: 'agreed' };
}

function onConfirmed(saga: Saga, { participant, outcome }: Answer, now: number): Turn {
  if (outcome === 'ok')
    return finishWhenAll(
      tell(inState(saga, [participant], 'confirmed'), { at: now, what: 'confirmed', participant }),
      now,
    );
  return stubborn(saga, participant, 'confirming', outcome, 'confirm-refused', now);
}

function onUndone(saga: Saga, { participant, outcome }: Answer, now: number): Turn {
  if (outcome === 'ok')
    return finishWhenAll(tell(inState(saga, [participant], 'undone'), { at: now, what: 'undone', participant }), now);
  return stubborn(saga, participant, 'undoing', outcome, 'undo-refused', now);
}

/** Somebody refuses what cannot be refused: a person must look, and we keep asking. */
function stubborn(
  saga: Saga,
  participant: ParticipantName,
  state: StepState,
  code: string,
  cause: 'confirm-refused' | 'undo-refused',
  now: number,
): Turn {
  const known = saga.steps[participant]?.code === code && saga.attention === cause;
  return turn(
    known
      ? saga
      : withStep(
          { ...saga, attention: cause },
          participant,
          { state, code },
          { at: now, what: cause, participant, code },
        ),
  );
}

function onSilence(definition: Definition, saga: Saga, now: number, timing: SagaTiming): Turn {
  const silent = participantsIn(saga, 'awaited').reduce(
    (told, participant) => withStep(told, participant, { state: 'awaited' }, { at: now, what: 'silent', participant }),
    saga,
  );
  return withdraw(definition, silent, 'expired', messageId(saga, 'do'), now, timing);
}

function withdraw(
  definition: Definition,
  saga: Saga,
  reason: string,
  causation: string,
  now: number,
  timing: SagaTiming,
): Turn {
  const everybody = stepsOf(saga).map(([name]) => name);
  const undoing = {
    ...enter(
      inState(saga, everybody, 'undoing'),
      'COMPENSATING',
      causation,
      { at: now, what: 'withdrawn', code: reason },
      timing,
    ),
    reason,
  };
  return { ...turn(undoing, [cancellation(definition, undoing)]), withdraw: [messageId(saga, 'do')] };
}

function askAgain(definition: Definition, saga: Saga, now: number, timing: SagaTiming): Turn {
  const resent = saga.resent + 1;
  const wait = timing.resendAfterMs[resent] ?? timing.longestWaitMs;
  const asked = { ...saga, resent, dueAt: Math.min(now + wait, saga.expires ?? Infinity) };
  return turn(asked, [announcement(definition, asked, timing)]);
}

function insist(definition: Definition, saga: Saga, heard: boolean, now: number, timing: SagaTiming): Turn {
  const resent = saga.resent + 1;
  const wait = Math.min(timing.insistAfterMs * 2 ** Math.min(resent, 30), timing.longestWaitMs);
  const untilHelp = saga.since + timing.attentionAfterMs - now;
  const dueAt = now + (untilHelp > 0 ? Math.min(wait, untilHelp) : wait);
  const asked = callForHelp({ ...saga, resent, dueAt }, heard ? 'not-answering' : 'not-heard', now, timing);
  return turn(asked, [
    saga.status === 'CONFIRMING' ? confirmation(definition, asked) : cancellation(definition, asked),
  ]);
}

function moveOn(saga: Saga, now: number, timing: SagaTiming): Turn {
  return turn(callForHelp({ ...saga, dueAt: now + timing.resendAfterMs[0]! }, 'not-heard', now, timing));
}

function callForHelp(saga: Saga, cause: AttentionCause, now: number, timing: SagaTiming): Saga {
  if (saga.attention || now - saga.since < timing.attentionAfterMs) return saga;
  return tell({ ...saga, attention: cause }, { at: now, what: 'attention', code: cause });
}

function finishWhenAll(saga: Saga, now: number): Turn {
  if (participantsIn(saga, 'undoing', 'confirming').length > 0) return turn(saga);
  if (saga.status === 'CONFIRMING') return turn(end(saga, 'COMPLETED', now));
  return { ...turn(end(saga, 'COMPENSATED', now)), happened: 'compensated' };
}

function end(saga: Saga, status: 'COMPLETED' | 'COMPENSATED', now: number): Saga {
  const { dueAt: _due, attention: _attention, ...rest } = saga;
  return tell(
    { ...rest, status, since: now, endedAt: now },
    { at: now, what: status === 'COMPLETED' ? 'completed' : 'compensated' },
  );
}

function enter(
  saga: Saga,
  status: 'CONFIRMING' | 'COMPENSATING',
  broughtBy: string,
  event: SagaEvent,
  timing: SagaTiming,
): Saga {
  const { attention: _attention, ...rest } = saga;
  return tell(
    { ...rest, status, broughtBy, since: event.at, resent: 0, dueAt: event.at + timing.insistAfterMs },
    event,
  );
}

function inState(saga: Saga, participants: readonly ParticipantName[], state: StepState): Saga {
  const steps = Object.fromEntries(participants.map((name) => [name, { ...saga.steps[name], state }]));
  return { ...saga, steps: { ...saga.steps, ...steps } };
}

function withStep(saga: Saga, participant: ParticipantName, step: SagaStep, event: SagaEvent): Saga {
  return tell({ ...saga, steps: { ...saga.steps, [participant]: step } }, event);
}

function tell(saga: Saga, event: SagaEvent): Saga {
  return { ...saga, story: [...saga.story, event] };
}

function turn(saga: Saga, send: readonly OutgoingMessage[] = []): Turn {
  return { saga, send, withdraw: [] };
}

/** To whoever has not answered: the same event each time, with the expiry that its first copy has. */
function announcement(definition: Definition, saga: Saga, timing: SagaTiming): OutgoingMessage {
  return {
    ...message(definition.announces.topic, saga, 'do', saga.startedAt, saga.cause.causation),
    body: saga.announced,
    awaits: participantsIn(saga, 'awaited'),
    ...(saga.expires === undefined ? { expiresAfterMs: timing.expiresAfterMs } : { expires: saga.expires }),
  };
}

function confirmation(definition: Definition, saga: Saga): OutgoingMessage {
  return {
    ...message(definition.confirms!.topic, saga, 'confirm', saga.since, saga.broughtBy),
    body: saga.announced,
    awaits: participantsIn(saga, 'confirming'),
  };
}

function cancellation(definition: Definition, saga: Saga): OutgoingMessage {
  return {
    ...message(definition.withdraws.topic, saga, 'undo', saga.since, saga.broughtBy),
    body: { ...saga.announced, reason: saga.reason },
    awaits: participantsIn(saga, 'undoing'),
    announced: saga.startedAt,
  };
}

function message(
  topic: string,
  saga: Saga,
  direction: 'do' | 'undo' | 'confirm',
  time: number,
  causation: string | undefined,
) {
  return {
    id: messageId(saga, direction),
    topic,
    time,
    saga: saga.id,
    correlation: saga.cause.correlation,
    ...(causation === undefined ? {} : { causation }),
    ...(saga.cause.traceparent === undefined ? {} : { traceparent: saga.cause.traceparent }),
  };
}

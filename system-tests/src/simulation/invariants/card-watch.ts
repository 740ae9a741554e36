import { NOTHING_STORED } from '@library/rental-service/application/rental-record';
import type { StoredRental } from '@library/rental-service/application/rental-record';
import type { Direction, ParticipantName } from '@library/shared-kernel/contracts/event-contract';
import type { Fence } from '@library/shared-kernel/participant/fence';
import { messageId } from '@library/shared-kernel/saga/engine';
import { hasEnded, stepsOf } from '@library/shared-kernel/saga/saga';
import type { Saga, SagaStatus } from '@library/shared-kernel/saga/saga';
import type { Stored } from '@library/shared-kernel/testing/records.memory';
import type { Commit } from '../world/commit';
import type { Judge } from './judge';

const MOST_ON_A_CARD = 5;

const MAY_FOLLOW: Readonly<Record<SagaStatus | 'nothing', readonly SagaStatus[]>> = {
  nothing: ['RUNNING'],
  RUNNING: ['RUNNING', 'CONFIRMING', 'COMPENSATING', 'COMPLETED'],
  CONFIRMING: ['CONFIRMING', 'COMPLETED'],
  COMPENSATING: ['COMPENSATING', 'COMPENSATED'],
  COMPLETED: [],
  COMPENSATED: [],
};

/** What a saga has to say in a status in which it has not ended. */
const SAYS: Readonly<Partial<Record<SagaStatus, Direction>>> = {
  RUNNING: 'do',
  COMPENSATING: 'undo',
  CONFIRMING: 'confirm',
};

/** Looks at every commit of a card, with the sagas and the messages that travel with it. */
export class CardWatch {
  /** How sagas have ended. What is on its way to the archive comes again with a commit that did not know that it had arrived. */
  private readonly ended = new Map<string, Saga>();
  private readonly holders = new Map<number, Set<string>>();

  constructor(
    private readonly judge: Judge,
    /** What a participant remembers of a saga right now. */
    private readonly fenceOf: (participant: ParticipantName, saga: Saga) => Fence | undefined,
  ) {}

  see(commit: Commit): void {
    const before = storedIn(commit.before);
    const after = storedIn(commit.after);
    this.seeItems(commit.id, before, after);

    const ended = commit.archives
      .flatMap(({ kind, document }) => (kind === 'saga' ? [document as Saga] : []))
      .filter((saga) => JSON.stringify(this.ended.get(saga.id)) !== JSON.stringify(saga));
    for (const saga of [...Object.values(after.sagas), ...ended]) this.seeSaga(saga, before.sagas[saga.id], commit);
    this.seeMessages(commit, [...Object.values(after.sagas), ...ended]);
    for (const saga of Object.values(before.sagas)) {
      const isThere = saga.id in after.sagas || ended.some(({ id }) => id === saga.id);
      this.judge.holds('G12', isThere, () => `Saga ${saga.id} has left the card of ${commit.id} as ${saga.status}.`);
    }
    for (const saga of ended) this.ended.set(saga.id, saga);
  }

  private seeItems(member: string, before: StoredRental, after: StoredRental): void {
    const items = after.card?.items ?? [];
    this.judge.holds(
      'G2',
      items.length <= MOST_ON_A_CARD,
      () => `The card of ${member} holds ${items.length} books, pending ones included.`,
    );

    for (const { no } of before.card?.items ?? []) this.holders.get(no)?.delete(member);
    for (const { no, state } of items) {
      if (state === 'RENTING') continue;
      const holders = this.holders.get(no) ?? new Set();
      this.holders.set(no, holders.add(member));
      this.judge.holds('G1', holders.size === 1, () => `Book ${no} is on the cards of ${[...holders].join(' and ')}.`);
    }
  }

  private seeSaga(saga: Saga, before: Saga | undefined, { id: member }: Commit): void {
    const { judge } = this;
    const was = (this.ended.get(saga.id) ?? before)?.status ?? 'nothing';
    judge.holds(
      'G12',
      MAY_FOLLOW[was].includes(saga.status),
      () => `Saga ${saga.id} of ${member} was ${was}, and is ${saga.status}.`,
    );
    if (!hasEnded(saga)) {
      judge.holds(
        'G5',
        saga.dueAt !== undefined,
        () => `Saga ${saga.id} of ${member} is ${saga.status}, and never due.`,
      );
    }
    if (saga.status === 'COMPENSATED') this.seeUndone(saga);
  }

  /** A transition says what it has to say in the same write, and nothing is said without one. */
  private seeMessages(commit: Commit, sagas: readonly Saga[]): void {
    const { judge } = this;
    const before = storedIn(commit.before).sagas;
    const may = new Set<string>();
    for (const saga of sagas) {
      const direction = SAYS[saga.status];
      if (!direction) continue;
      const says = messageId(saga, direction);
      may.add(says);
      judge.holds(
        'G7',
        saga.status === before[saga.id]?.status || commit.keepsSaying(says),
        () => `Saga ${saga.id} became ${saga.status}, and ${says} is not in the outbox.`,
      );
    }
    for (const { id } of commit.says) {
      judge.holds(
        'G7',
        may.has(id),
        () => `The card of ${commit.id} says ${id}, and no saga on it is where that is said.`,
      );
    }
  }

  private seeUndone(saga: Saga): void {
    for (const [participant, { state }] of stepsOf(saga)) {
      const isUndone = state === 'settled' || this.fenceOf(participant, saga)?.undone === true;
      this.judge.holds('G10', isUndone, () => `Saga ${saga.id} is COMPENSATED, and ${participant} has not undone it.`);
    }
  }
}

/** What is stored after one commit is what the next one finds. */
const READ = new WeakMap<Stored, StoredRental>();

function storedIn(stored: Stored | undefined): StoredRental {
  if (stored?.body === undefined) return NOTHING_STORED;
  let read = READ.get(stored);
  if (!read) READ.set(stored, (read = JSON.parse(stored.body) as StoredRental));
  return read;
}

import type { Saga } from '@library/shared-kernel/saga/saga';
import type { Attempt } from '../clients/history';
import type { Ending } from './ending';
import type { CallKind } from '../plan/plan';
import type { Judge } from './judge';

/** Whether the end explains everything that any client was told, and nothing else has happened. */
export function checkHistory(
  history: readonly Attempt[],
  { sagas, items, books, adjustments }: Ending,
  booksAtFirst: number,
  judge: Judge,
): void {
  const byId = new Map(sagas.map((saga) => [saga.id as string, saga]));
  const byCorrelation = new Map<string, Saga[]>();
  for (const saga of sagas) {
    byCorrelation.set(saga.cause.correlation, [...(byCorrelation.get(saga.cause.correlation) ?? []), saga]);
  }

  for (const attempt of history) {
    if (attempt.begins === undefined) continue;
    const begun = byCorrelation.get(attempt.correlation) ?? [];
    checkBegun(attempt, begun, judge);
    checkTold(attempt, byId, begun, judge);
  }
  checkKeys(history, byCorrelation, judge);
  checkCards(sagas, items, judge);
  checkCount(history, 'register-book', books - booksAtFirst, judge);
  checkCount(history, 'adjust-points', adjustments, judge);
}

/** What an attempt has begun is what it asked for, and at most once. */
function checkBegun({ correlation, begins, member }: Attempt, begun: readonly Saga[], judge: Judge): void {
  judge.holds('G14', begun.length <= 1, () => `${correlation} has begun ${begun.length} sagas.`);
  for (const saga of begun) {
    judge.holds(
      'G18',
      saga.type === begins && saga.announced.idName.id === member,
      () => `${correlation} has begun ${saga.type} ${saga.id}.`,
    );
  }
}

/** What was told of a saga is so in the end. */
function checkTold(
  { correlation, told, begins, member, book }: Attempt,
  byId: ReadonlyMap<string, Saga>,
  begun: readonly Saga[],
  judge: Judge,
): void {
  switch (told?.is) {
    case undefined:
      judge.offends('G13', `${correlation} was told nothing.`);
      return;
    case 'refused':
      judge.holds(
        'G13',
        begun.length === 0,
        () => `${correlation} was refused (${told.code}), and has begun ${begun[0]?.id}.`,
      );
      return;
    case 'under-way':
    case 'completed':
    case 'undone': {
      const saga = byId.get(told.saga);
      const isTheirs =
        saga !== undefined &&
        saga.type === begins &&
        saga.announced.idName.id === member &&
        (book === undefined || saga.announced.item?.no === book);
      judge.holds(
        'G13',
        isTheirs,
        () => `${correlation} was told of saga ${told.saga}, which is ${saga ? 'another one' : 'not there'}.`,
      );
      if (told.is === 'completed') {
        judge.holds(
          'G13',
          saga?.status === 'COMPLETED',
          () => `${correlation} was told that it is done, and ${told.saga} is ${saga?.status}.`,
        );
      }
      if (told.is === 'undone') {
        const isUndone = saga?.status === 'COMPENSATED' && saga.reason === told.code;
        judge.holds(
          'G13',
          isUndone,
          () => `${correlation} was told that it is undone (${told.code}), and ${told.saga} is ${saga?.status}.`,
        );
      }
      return;
    }
    case 'done':
    case 'unknown':
      return;
  }
}

/** All that was told for one key is the same, and so is what was begun for it. */
function checkKeys(history: readonly Attempt[], begunBy: ReadonlyMap<string, readonly Saga[]>, judge: Judge): void {
  const keyed = new Map<string, Attempt[]>();
  for (const attempt of history) {
    if (attempt.key === undefined || attempt.begins === undefined) continue;
    keyed.set(attempt.key, [...(keyed.get(attempt.key) ?? []), attempt]);
  }
  for (const [key, attempts] of keyed) {
    const begun = attempts.flatMap(({ correlation }) => begunBy.get(correlation) ?? []);
    judge.holds('G14', begun.length <= 1, () => `The key ${key} has begun ${begun.map(({ id }) => id).join(' and ')}.`);
    const answers = new Set(attempts.flatMap(({ told }) => kept(told)));
    judge.holds('G14', answers.size <= 1, () => `The key ${key} was answered ${[...answers].join(' and ')}.`);
  }
}

/** What is on a card is what was rented on it, less what was brought back. */
function checkCards(sagas: readonly Saga[], items: Ending['items'], judge: Judge): void {
  const loans = new Map<string, number>();
  for (const { type, status, announced } of sagas) {
    if (status !== 'COMPLETED' || !announced.item) continue;
    const loan = `${announced.idName.id} ${announced.item.no}`;
    loans.set(loan, (loans.get(loan) ?? 0) + (type === 'RENT' ? 1 : -1));
  }
  const onCards = new Set([...items].flatMap(([member, held]) => held.map(({ no }) => `${member} ${no}`)));
  for (const loan of new Set([...loans.keys(), ...onCards])) {
    const expected = loans.get(loan) ?? 0;
    judge.holds(
      'G6',
      expected === (onCards.has(loan) ? 1 : 0),
      () => `The sagas leave ${expected} loans of ${loan}, and the card ${onCards.has(loan) ? 1 : 0}.`,
    );
  }
}

/** What was asked for with a key is done once, however often it was asked; without one, as often as it was asked. */
function checkCount(history: readonly Attempt[], kind: CallKind, done: number, judge: Judge): void {
  const attempts = history.filter(({ call }) => call.kind === kind);
  const least = timesOf(attempts.filter(({ told }) => told?.is === 'done'));
  const most = timesOf(attempts.filter(({ told }) => told?.is !== 'refused'));
  judge.holds(
    'G14',
    least <= done && done <= most,
    () =>
      `Clients know that ${kind} was done ${least} times, and asked for it ${most} times: it was done ${done} times.`,
  );
}

/** What is kept for a key. It is kept on the card: where there is no card yet, the same may be answered otherwise later. */
function kept(told: Attempt['told']): readonly string[] {
  if (told && 'saga' in told) return [told.saga];
  return told?.is === 'refused' && told.code !== 'card-not-found' ? [told.code] : [];
}

function timesOf(attempts: readonly Attempt[]): number {
  return new Set(attempts.map(({ key, correlation }) => key ?? correlation)).size;
}

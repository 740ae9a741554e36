import {
  confirmed,
  confirmRefused,
  deafness,
  done,
  given,
  published,
  refused,
  settled,
  silence,
  undone,
  undoRefused,
  waiting,
} from '@library/shared-kernel/testing/saga-story';
import { onAnswer, onDeadline, onPublished, onSettled } from '../../src/saga/engine';
import type { Ignored, Turn } from '../../src/saga/engine';
import type { Saga } from '../../src/saga/saga';
import { DEFAULT_TIMING } from '../../src/saga/timing';
import {
  again,
  AT,
  beginning,
  cancelOf,
  confirmationAt,
  EXPIRES,
  lending,
  LENT,
  TAKEN_BACK,
  takingBack,
} from './toy-sagas';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const everybody = ['book', 'member', 'bestbook'] as const;
const awaited = { state: 'awaited' } as const;
const undoing = { state: 'undoing' } as const;
const ANSWER = '0186-1:book:do:book-not-available';

const givenLending = () => given(lending, beginning()).announces(LENT);
const givenTakingBack = () => given(takingBack, beginning()).announces(TAKEN_BACK);

/** A lending that the book has refused at once. */
const refusedCancel = cancelOf(LENT, { reason: 'book-not-available', at: AT, causation: ANSWER });
const givenCompensating = () => givenLending().when(refused('book', 'book-not-available')).withdraws(refusedCancel);
/** A taking back that both agreed to at once. */
const confirmation = confirmationAt(AT, '0186-1:member:do:ok');
const givenConfirming = () => givenTakingBack().when(done('book')).when(done('member')).confirms(confirmation);

const looked = (saga: Saga, now: number, { heard = true, inOutbox = false } = {}) =>
  onDeadline(lending, saga, { heard, inOutbox }, now, DEFAULT_TIMING);
const said = (saga: Saga, participant: 'book' | 'member', direction: 'do' | 'undo' | 'confirm', outcome = 'ok') =>
  onAnswer(lending, saga, { participant, direction, outcome, id: 'r' }, AT + SECOND, DEFAULT_TIMING);

function turnOf(turn: Turn | Ignored | undefined): Turn {
  if (turn === undefined || typeof turn === 'string') throw new Error(`Nothing came of it: ${turn}.`);
  return turn;
}

describe('A running saga', () => {
  it('is complete when all have done their part, and tells its aggregate so once', () => {
    const start = beginning();
    given(lending, start)
      .announces(LENT)
      .stands('RUNNING', { book: awaited, member: awaited, bestbook: awaited })
      .when(done('member'))
      .when(done('bestbook'))
      .when(done('book'))
      .stands('COMPLETED', { book: { state: 'done' }, member: { state: 'done' }, bestbook: { state: 'done' } })
      .ends('COMPLETED');

    expect(start.aggregate).toEqual(['agreed']);
  });

  it('asks again 2, 5, 10, 20 and 40 seconds later, the same each time, and gives up when its announcement has expired [F1 F2]', () => {
    const start = beginning();
    given(lending, start)
      .announces(LENT)
      .isDueIn(2 * SECOND)
      .when(silence(2 * SECOND))
      .asksAgain(again(LENT, everybody))
      .isDueIn(5 * SECOND)
      .when(silence(5 * SECOND))
      .asksAgain(again(LENT, everybody))
      .isDueIn(10 * SECOND)
      .when(silence(10 * SECOND))
      .asksAgain(again(LENT, everybody))
      .isDueIn(20 * SECOND)
      .when(silence(20 * SECOND))
      .asksAgain(again(LENT, everybody))
      .isDueIn(40 * SECOND)
      .when(silence(40 * SECOND))
      .asksAgain(again(LENT, everybody))
      .isDueIn(43 * SECOND)
      .when(silence(43 * SECOND))
      .withdraws(cancelOf(LENT, { reason: 'expired', at: EXPIRES, causation: '0186-1:rent:do' }))
      .stands('COMPENSATING', { book: undoing, member: undoing, bestbook: undoing })
      .when(undone('bestbook'))
      .when(undone('member'))
      .when(undone('book'))
      .ends('COMPENSATED', 'expired');

    expect(start.aggregate).toEqual(['compensated after silence']);
  });

  it('asks only those who have not answered yet [F1]', () => {
    givenLending()
      .when(done('member'))
      .when(silence(2 * SECOND))
      .asksAgain(again(LENT, ['book', 'bestbook']))
      .when(done('bestbook'))
      .when(silence(5 * SECOND))
      .asksAgain(again(LENT, ['book']));
  });

  it('is not looked at before it is due', () => {
    const { saga } = givenLending();

    expect(looked(saga, AT + 2 * SECOND - 1)).toBeUndefined();
    expect(looked(saga, AT + 2 * SECOND)).toBeDefined();
  });

  it('takes "expired" for silence, and the answer to a fresh copy for an answer [D4c]', () => {
    givenLending()
      .when(refused('book', 'expired'))
      .ignores('silence')
      .stands('RUNNING', { book: awaited, member: awaited, bestbook: awaited })
      .when(silence(2 * SECOND))
      .asksAgain(again(LENT, everybody))
      .when(done('book'))
      .stands('RUNNING', { book: { state: 'done' }, member: awaited, bestbook: awaited });
  });

  it('expires two minutes after it was published, however long it had to wait for that [B6b]', () => {
    const story = given(lending, beginning());
    story
      .asksAgain(LENT)
      .when(waiting(60 * MINUTE))
      .isDueIn(2 * SECOND);
    expect(story.saga.expires).toBeUndefined();
    story.when(published);

    expect(story.saga.expires).toBe(AT + 62 * MINUTE);
    story
      .when(silence(2 * MINUTE - 1))
      .asksAgain(again(LENT, everybody, AT + 62 * MINUTE))
      .isDueIn(1);
    expect(story.when(silence(1)).saga.status).toBe('COMPENSATING');
  });

  it.each([
    ['the announcement waits in the outbox', waiting],
    ['nothing can be heard', deafness],
  ])('holds silence against nobody while %s, and only moves its due time [B6b]', (_what, passes) => {
    const story = givenLending();
    for (let looks = 0; looks < 1_800; looks++) story.when(passes(2 * SECOND)).isDueIn(2 * SECOND);

    expect(story.stands('RUNNING', { book: awaited, member: awaited, bestbook: awaited }).saga.resent).toBe(0);
    story.when(done('book')).when(done('member')).when(done('bestbook')).ends('COMPLETED');
  });

  it('calls for help when it has not been heard for three minutes, once [B6b]', () => {
    const story = givenLending();
    for (let looks = 1; looks < 90; looks++) story.when(deafness(2 * SECOND));
    story
      .callsForHelp(undefined)
      .when(deafness(2 * SECOND))
      .callsForHelp('not-heard')
      .when(deafness(2 * SECOND));

    expect(story.saga.story.slice(1)).toEqual([{ at: AT + 3 * MINUTE, what: 'attention', code: 'not-heard' }]);
    story.when(done('book')).when(done('member')).when(done('bestbook')).callsForHelp(undefined).ends('COMPLETED');
  });

  it('gives up at once when it can hear again and its announcement has expired', () => {
    givenLending()
      .when(deafness(3 * MINUTE))
      .when(silence(2 * SECOND))
      .withdraws(cancelOf(LENT, { reason: 'expired', at: AT + 182 * SECOND, causation: '0186-1:rent:do' }));
  });

  it('takes the copy for its expiry that was published last', () => {
    const { saga } = givenLending();

    expect(onPublished(saga, EXPIRES)).toBe(saga);
    expect(onPublished(saga, EXPIRES + 1)).toEqual({ ...saga, expires: EXPIRES + 1 });
    expect(onPublished(givenCompensating().saga, EXPIRES + 1).expires).toBe(EXPIRES);
  });

  it('changes nothing for an answer that comes twice, or from somebody who was not asked [D2 B10 E4]', () => {
    givenTakingBack()
      .when(done('bestbook'))
      .ignores('foreign')
      .when(done('book'))
      .when(done('book'))
      .ignores('duplicate')
      .when(refused('book', 'book-withdrawn'))
      .ignores('duplicate')
      .when(undone('member'))
      .ignores('late')
      .when(confirmed('book'))
      .ignores('late')
      .stands('RUNNING', { book: { state: 'done' }, member: awaited });
  });

  it('is decided by whichever comes first, the last answer or its expiry at the same instant [F5]', () => {
    const { saga } = givenLending().when(done('book')).when(done('member'));
    const last = { participant: 'bestbook', direction: 'do', outcome: 'ok', id: 'r' } as const;
    const answered = turnOf(onAnswer(lending, saga, last, EXPIRES, DEFAULT_TIMING));
    const expired = turnOf(looked(saga, EXPIRES));

    expect(answered.saga.status).toBe('COMPLETED');
    expect(looked(answered.saga, EXPIRES)).toBeUndefined();
    expect(expired.saga.status).toBe('COMPENSATING');
    expect(onAnswer(lending, expired.saga, last, EXPIRES, DEFAULT_TIMING)).toBe('late');
  });
});

describe('A compensating saga', () => {
  it('is over when everybody has undone it, also who refused and who never answered [A4 G10]', () => {
    const start = beginning();
    given(lending, start)
      .announces(LENT)
      .when(done('member'))
      .when(refused('book', 'book-not-available'))
      .withdraws(refusedCancel)
      .isDueIn(2 * SECOND)
      .stands('COMPENSATING', {
        book: { state: 'undoing', code: 'book-not-available' },
        member: undoing,
        bestbook: undoing,
      })
      .when(undone('bestbook'))
      .when(undone('member'))
      .stands('COMPENSATING', {
        book: { state: 'undoing', code: 'book-not-available' },
        member: { state: 'undone' },
        bestbook: { state: 'undone' },
      })
      .when(undone('book'))
      .stands('COMPENSATED', {
        book: { state: 'undone', code: 'book-not-available' },
        member: { state: 'undone' },
        bestbook: { state: 'undone' },
      })
      .ends('COMPENSATED', 'book-not-available');

    expect(start.aggregate).toEqual(['compensated after refused']);
  });

  it('asks again for ever, the same each time, after 2, 4, 8 seconds and so on, at most every five minutes [F6 B7]', () => {
    const story = givenCompensating().when(undone('member'));
    for (const wait of [2, 4, 8, 16, 32, 64]) {
      story
        .isDueIn(wait * SECOND)
        .when(silence(wait * SECOND))
        .asksAgain({ ...refusedCancel, awaits: ['book', 'bestbook'] });
    }
    // The next wait is cut short, so that a person is called in time.
    for (const wait of [54, 256, 300, 300, 300]) {
      story
        .isDueIn(wait * SECOND)
        .when(silence(wait * SECOND))
        .asksAgain({ ...refusedCancel, awaits: ['book', 'bestbook'] });
    }
    story.when(undone('book')).when(undone('bestbook')).ends('COMPENSATED', 'book-not-available');
  });

  it('calls for help after three minutes, once, and goes on [A16 B2]', () => {
    const story = givenCompensating();
    story
      .when(silence(3 * MINUTE - 1))
      .asksAgain(refusedCancel)
      .callsForHelp(undefined)
      .isDueIn(1);
    story.when(silence(1)).asksAgain(refusedCancel).callsForHelp('not-answering');
    const told = story.saga.story.length;
    story
      .when(silence(5 * MINUTE))
      .asksAgain(refusedCancel)
      .callsForHelp('not-answering');

    expect(story.saga.story).toHaveLength(told);
  });

  it('does not say that nobody answers while nobody can be heard', () => {
    givenCompensating()
      .when(deafness(3 * MINUTE))
      .asksAgain(refusedCancel)
      .callsForHelp('not-heard');
  });

  it('calls for help at once when an undo is refused, keeps asking, and is over when it is repaired [A16 A17]', () => {
    const story = givenCompensating().when(undone('book')).when(undone('bestbook'));
    story
      .when(undoRefused('member', 'not-enough-points'))
      .callsForHelp('undo-refused')
      .stands('COMPENSATING', {
        book: { state: 'undone', code: 'book-not-available' },
        member: { state: 'undoing', code: 'not-enough-points' },
        bestbook: { state: 'undone' },
      });
    const { saga } = story;
    expect(story.when(undoRefused('member', 'not-enough-points')).saga).toBe(saga);
    story
      .when(silence(2 * SECOND))
      .asksAgain({ ...refusedCancel, awaits: ['member'] })
      .when(undone('member'))
      .ends('COMPENSATED', 'book-not-available');

    expect(story.saga.story.map(({ what, participant }) => [what, participant])).toEqual([
      ['announced', undefined],
      ['refused', 'book'],
      ['withdrawn', undefined],
      ['undone', 'book'],
      ['undone', 'bestbook'],
      ['undo-refused', 'member'],
      ['undone', 'member'],
      ['compensated', undefined],
    ]);
  });

  it('tells that an undo is refused also after it was told that nobody answers', () => {
    givenCompensating()
      .when(silence(3 * MINUTE))
      .asksAgain(refusedCancel)
      .callsForHelp('not-answering')
      .when(undoRefused('book', 'book-not-available'))
      .callsForHelp('undo-refused');
  });

  it('takes what an operator settled by hand for an answer, and remembers who and why [D4b G10]', () => {
    const by = { actor: 'librarian', reason: 'taken off the ledger by hand' };
    const story = givenCompensating()
      .when(undone('member'))
      .when(undone('bestbook'))
      .when(undoRefused('book', 'too-late'))
      .when(settled('book', by));

    story
      .stands('COMPENSATED', {
        book: { state: 'settled', code: by.reason },
        member: { state: 'undone' },
        bestbook: { state: 'undone' },
      })
      .ends('COMPENSATED', 'book-not-available');
    expect(story.saga.story.at(-2)).toEqual({
      at: AT,
      what: 'settled',
      participant: 'book',
      code: by.reason,
      actor: 'librarian',
    });
  });

  it('takes no late answer to its announcement, good or bad, for an answer [F3 F4]', () => {
    givenCompensating()
      .when(done('member'))
      .ignores('late')
      .when(refused('bestbook', 'book-withdrawn'))
      .ignores('late')
      .when(undone('member'))
      .when(undone('member'))
      .ignores('duplicate')
      .stands('COMPENSATING', {
        book: { state: 'undoing', code: 'book-not-available' },
        member: { state: 'undone' },
        bestbook: undoing,
      });
  });

  it('goes on when its announcement expires meanwhile [F7]', () => {
    givenCompensating()
      .when(silence(2 * MINUTE))
      .asksAgain(refusedCancel)
      .stands('COMPENSATING', {
        book: { state: 'undoing', code: 'book-not-available' },
        member: undoing,
        bestbook: undoing,
      });
  });
});

describe('A confirming saga', () => {
  it('is complete when those who must have confirmed, which they are asked when all agreed [A20]', () => {
    const start = beginning();
    given(takingBack, start)
      .announces(TAKEN_BACK)
      .when(done('book'))
      .when(silence(2 * SECOND))
      .asksAgain(again(TAKEN_BACK, ['member']))
      .when(done('member'))
      .confirms(confirmationAt(AT + 2 * SECOND, '0186-1:member:do:ok'))
      .stands('CONFIRMING', { book: { state: 'confirming' }, member: { state: 'done' } })
      .when(confirmed('book'))
      .stands('COMPLETED', { book: { state: 'confirmed' }, member: { state: 'done' } })
      .ends('COMPLETED');

    expect(start.aggregate).toEqual(['agreed']);
  });

  it('asks for ever until it is confirmed, calls for help meanwhile, and withdraws nothing [A20]', () => {
    givenConfirming()
      .when(silence(2 * SECOND))
      .asksAgain(confirmation)
      .isDueIn(4 * SECOND)
      .when(silence(3 * MINUTE))
      .asksAgain(confirmation)
      .callsForHelp('not-answering')
      .when(confirmRefused('book', 'book-withdrawn'))
      .callsForHelp('confirm-refused')
      .stands('CONFIRMING', { book: { state: 'confirming', code: 'book-withdrawn' }, member: { state: 'done' } })
      .when(refused('member', 'member-closed'))
      .ignores('late')
      .when(undone('book'))
      .ignores('late')
      .when(silence(5 * MINUTE))
      .asksAgain(confirmation)
      .when(confirmed('member'))
      .ignores('duplicate')
      .when(confirmed('book'))
      .ends('COMPLETED');
  });

  it('can be settled by an operator', () => {
    givenConfirming()
      .when(settled('member', { actor: 'librarian', reason: 'seen' }))
      .ignores('late')
      .when(settled('book', { actor: 'librarian', reason: 'seen' }))
      .ends('COMPLETED');
  });

  it('awaits nobody who was not awaited when it began', () => {
    const newer = {
      ...takingBack,
      awaits: ['book', 'member', 'bestbook'],
      confirms: { ...takingBack.confirms!, answeredBy: { book: [], bestbook: [] } },
    } as const;
    const { saga } = givenTakingBack().when(done('book'));
    const turn = turnOf(
      onAnswer(newer, saga, { participant: 'member', direction: 'do', outcome: 'ok', id: 'r' }, AT, DEFAULT_TIMING),
    );

    expect(turn.saga.steps).toEqual({ book: { state: 'confirming' }, member: { state: 'done' } });
  });
});

describe('A saga that has ended', () => {
  const endings: readonly [string, Saga][] = [
    ['COMPLETED', givenLending().when(done('book')).when(done('member')).when(done('bestbook')).saga],
    ['COMPENSATED', givenCompensating().when(undone('book')).when(undone('member')).when(undone('bestbook')).saga],
    ['COMPLETED', givenConfirming().when(confirmed('book')).saga],
  ];

  it.each(endings)('is never due, never answered and never settled again: %s [G12 D3]', (_status, saga) => {
    expect(saga.dueAt).toBeUndefined();
    expect(looked(saga, AT + 60 * MINUTE)).toBeUndefined();
    for (const direction of ['do', 'undo', 'confirm'] as const) {
      expect(said(saga, 'book', direction)).toBe('late');
      expect(said(saga, 'member', direction, 'member-closed')).toBe('late');
    }
    expect(onSettled(saga, 'book', { actor: 'a', reason: 'b' }, AT)).toBe('late');
    expect(onPublished(saga, EXPIRES + 1)).toBe(saga);
  });
});

describe('Operators', () => {
  it('settle only what is being undone or confirmed, by somebody who is awaited', () => {
    const by = { actor: 'librarian', reason: 'seen' };
    givenTakingBack().when(settled('bestbook', by)).ignores('foreign').when(settled('book', by)).ignores('late');
    givenCompensating().when(undone('book')).when(settled('book', by)).ignores('late');
  });
});

describe('A clock that was wrong', () => {
  const { longestWaitMs } = DEFAULT_TIMING;
  const sagas = [
    { definition: lending, saga: givenLending().saga },
    { definition: lending, saga: givenCompensating().saga },
    { definition: takingBack, saga: givenConfirming().saga },
  ];
  const nothingWrong = { heard: true, inOutbox: false };

  it.each(sagas)(
    'strands nothing: a due time further ahead than the longest wait counts as due and is set anew, $saga.status [K2b K3]',
    ({ definition, saga }) => {
      const now = AT - 60 * MINUTE;

      expect(
        onDeadline(definition, { ...saga, dueAt: now + longestWaitMs }, nothingWrong, now, DEFAULT_TIMING),
      ).toBeUndefined();
      const turn = turnOf(
        onDeadline(definition, { ...saga, dueAt: now + longestWaitMs + 1 }, nothingWrong, now, DEFAULT_TIMING),
      );
      expect(turn.send).toHaveLength(1);
      expect(turn.saga.dueAt).toBeLessThanOrEqual(now + longestWaitMs);
      expect(turn.saga.dueAt).toBeGreaterThan(now);
    },
  );

  it.each(sagas)(
    'wakes a saga once when it was paused past its due time, $saga.status [F8 O12]',
    ({ definition, saga }) => {
      const turn = turnOf(onDeadline(definition, saga, nothingWrong, AT + 8 * 60 * MINUTE, DEFAULT_TIMING));

      expect(onDeadline(definition, turn.saga, nothingWrong, AT + 8 * 60 * MINUTE, DEFAULT_TIMING)).toBeUndefined();
    },
  );
});

import { answerId, done, given, refused, silence, undone } from '@library/shared-kernel/testing/saga-story';
import { overdueSaga } from '../../../src/application/sagas/overdue.saga';
import { AT, BEGINNINGS, EXPIRES, FEE, jenny, SAGA, travels } from './beginnings';

const OverdueCleared = {
  ...travels,
  id: `${SAGA}:overdue:do`,
  topic: 'overdue_clear',
  body: { idName: jenny, point: FEE },
  time: AT,
  causation: 'request-1',
  awaits: ['member'],
  expiresAfterMs: 120_000,
} as const;

const OverdueClearCancelled = {
  ...travels,
  id: `${SAGA}:overdue:undo`,
  topic: 'overdue_clear_cancel',
  body: { idName: jenny, point: FEE, reason: 'not-enough-points' },
  time: AT,
  announced: AT,
  causation: answerId({ id: SAGA }, 'member', 'do', 'not-enough-points'),
  awaits: ['member'],
} as const;

describe('Clearing an overdue card', () => {
  const { begin, succeeded, undone: before } = BEGINNINGS.OVERDUE;

  it('is done when the member has paid, and the card may rent again', () => {
    const rental = begin();
    given(overdueSaga, rental).announces(OverdueCleared).when(done('member')).ends('COMPLETED');

    expect(rental.aggregate.snapshot()).toEqual(succeeded);
    expect(rental.aggregate.status).toBe('RENT_AVAILABLE');
  });

  it('leaves the fee, and the card suspended, when there are not enough points [A13]', () => {
    const rental = begin();
    given(overdueSaga, rental)
      .announces(OverdueCleared)
      .when(refused('member', 'not-enough-points'))
      .withdraws(OverdueClearCancelled)
      .when(undone('member'))
      .ends('COMPENSATED', 'not-enough-points');

    expect(rental.aggregate.snapshot()).toEqual(before.refused);
    expect(rental.aggregate.status).toBe('RENT_UNAVAILABLE');
  });

  it('keeps the card locked until the member has given back what may have been paid in silence [F3 A18]', () => {
    const rental = begin();
    const story = given(overdueSaga, rental)
      .announces(OverdueCleared)
      .when(silence(120_000))
      .withdraws({
        ...OverdueClearCancelled,
        body: { ...OverdueClearCancelled.body, reason: 'expired' },
        time: EXPIRES,
        causation: OverdueCleared.id,
      });
    expect(rental.aggregate.snapshot().clearing).toBe(SAGA);
    story.when(done('member')).ignores('late').when(undone('member')).ends('COMPENSATED', 'expired');

    expect(rental.aggregate.snapshot()).toEqual(before.silence);
  });
});

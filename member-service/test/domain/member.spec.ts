import * as fc from 'fast-check';
import { memberId, sagaId } from '@library/shared-kernel/domain/identifiers';
import { isRefusal } from '@library/shared-kernel/domain/refusal';
import type { LedgerEntry } from '../../src/domain/ledger-entry';
import { Member, type MemberState } from '../../src/domain/member';

const saga = sagaId('saga');
const jenny: MemberState = {
  id: memberId('jenny'),
  no: 1,
  name: '제니',
  email: 'scant10@gmail.com',
  status: 'ACTIVE',
  points: 0,
};
const entry = { member: jenny.id, saga };

const withPoints = (points: number) => new Member({ ...jenny, points });
const closed = (points: number) => new Member({ ...jenny, status: 'CLOSED', points });

describe('a new member', () => {
  it('is active and has no points [AC-01]', () => {
    expect(Member.register(jenny.id, 1, '제니', 'scant10@gmail.com').snapshot()).toStrictEqual(jenny);
  });
});

describe('rewarding', () => {
  it.each(['RENT', 'RETURN'] as const)('adds the points of a %s, and says so in the ledger [AC-07] [AC-09]', (step) => {
    const member = withPoints(10);

    expect(member.reward(10, saga, step)).toStrictEqual({
      ...entry,
      id: `saga:${step}:do`,
      step,
      direction: 'do',
      points: 10,
    });
    expect(member.snapshot()).toStrictEqual({ ...jenny, points: 20 });
  });

  it('refuses a member who is closed [A8]', () => {
    const member = closed(10);
    const before = member.snapshot();

    expect(member.reward(10, saga, 'RENT')).toStrictEqual({ refused: 'member-closed' });
    expect(member.snapshot()).toBe(before);
  });

  it.each(['RENT', 'RETURN'] as const)('of a %s is taken back, also from a closed member [AC-20]', (step) => {
    for (const status of ['ACTIVE', 'CLOSED'] as const) {
      const member = new Member({ ...jenny, status, points: 10 });

      const undone = { ...entry, id: `saga:${step}:undo`, step, direction: 'undo', points: -10 };
      expect(member.takeBack(10, saga, step)).toStrictEqual(undone);
      expect(member.snapshot()).toStrictEqual({ ...jenny, status, points: 0 });
    }
  });

  it('is not taken back from a member who has spent it', () => {
    const member = withPoints(9);
    const before = member.snapshot();

    expect(member.takeBack(10, saga, 'RENT')).toStrictEqual({ refused: 'not-enough-points' });
    expect(member.snapshot()).toBe(before);
  });
});

describe('spending', () => {
  it.each([10, 25])('takes the fee from %s points, and says so in the ledger [AC-16]', (points) => {
    const member = withPoints(points);

    const spent = { ...entry, id: 'saga:OVERDUE:do', step: 'OVERDUE', direction: 'do', points: -10 };
    expect(member.spend(10, saga)).toStrictEqual(spent);
    expect(member.snapshot()).toStrictEqual({ ...jenny, points: points - 10 });
  });

  it('refuses more than there is [A13] [AC-30]', () => {
    const member = withPoints(9);
    const before = member.snapshot();

    expect(member.spend(10, saga)).toStrictEqual({ refused: 'not-enough-points' });
    expect(member.snapshot()).toBe(before);
  });

  it.each([0, 10])('refuses a closed member, with %s points', (points) => {
    const member = closed(points);
    const before = member.snapshot();

    expect(member.spend(10, saga)).toStrictEqual({ refused: 'member-closed' });
    expect(member.snapshot()).toBe(before);
  });

  it.each(['ACTIVE', 'CLOSED'] as const)('is given back to a member who is %s', (status) => {
    const member = new Member({ ...jenny, status, points: 5 });

    const undone = { ...entry, id: 'saga:OVERDUE:undo', step: 'OVERDUE', direction: 'undo', points: 10 };
    expect(member.giveBack(10, saga)).toStrictEqual(undone);
    expect(member.snapshot()).toStrictEqual({ ...jenny, status, points: 15 });
  });
});

describe('adjusting', () => {
  it.each(['ACTIVE', 'CLOSED'] as const)(
    'adds points by hand to a member who is %s, with reason and actor',
    (status) => {
      const member = new Member({ ...jenny, status, points: 5 });

      expect(member.adjust(100, 'welcome', 'librarian', 'adjustment-1')).toStrictEqual({
        id: 'adjustment-1',
        member: jenny.id,
        step: 'ADJUSTMENT',
        direction: 'do',
        points: 100,
        reason: 'welcome',
        actor: 'librarian',
      });
      expect(member.snapshot()).toStrictEqual({ ...jenny, status, points: 105 });
    },
  );

  it.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('never takes points away, nor adds %s', (points) => {
    const member = withPoints(5);
    const before = member.snapshot();

    expect(() => member.adjust(points, 'fix', 'librarian', 'adjustment-1')).toThrow(RangeError);
    expect(member.snapshot()).toBe(before);
  });
});

describe('closing', () => {
  it('keeps the points', () => {
    const member = withPoints(5);

    member.close();

    expect(member.snapshot()).toStrictEqual({ ...jenny, status: 'CLOSED', points: 5 });
  });

  it('changes nothing the second time', () => {
    const member = closed(5);
    const before = member.snapshot();

    member.close();

    expect(member.snapshot()).toBe(before);
  });
});

describe('a member, whatever happens under the locks of the card,', () => {
  /** What a card lets happen: it begins a clearing only with nothing in flight, and nothing else while it is clearing. */
  type Flow = { kind: 'RENT' | 'RETURN' | 'OVERDUE'; saga: string; points: number; booked: boolean };

  const command = fc.oneof(
    { weight: 5, arbitrary: fc.record({ ask: fc.constantFrom('RENT' as const, 'RETURN' as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({ ask: fc.constant('OVERDUE' as const), points: fc.integer({ min: 1, max: 40 }) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ ask: fc.constantFrom('complete' as const, 'undo' as const), which: fc.nat() }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ ask: fc.constant('adjust' as const), points: fc.integer({ min: 1, max: 30 }) }),
    },
    { weight: 1, arbitrary: fc.record({ ask: fc.constant('close' as const) }) },
  );
  type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;
  const commands = fc.array(command, { maxLength: 60 });

  /** Plays the commands that the card would let through; every state is frozen, and every answer is shown to `see`. */
  function play(script: readonly Command[], see: (answer: unknown, ask: string, member: Member) => void = () => {}) {
    const member = new Member(jenny);
    const inFlight: Flow[] = [];
    const ledger: LedgerEntry[] = [];
    script.forEach((asked, i) => {
      Object.freeze(member.snapshot());
      const id = sagaId(`s${i}`);
      const begin = (kind: Flow['kind'], points: number, answer: unknown) => {
        inFlight.push({ kind, saga: id, points, booked: !isRefusal(answer) });
        return answer;
      };
      const answer = (() => {
        switch (asked.ask) {
          case 'RENT':
          case 'RETURN':
            if (inFlight.some(({ kind }) => kind === 'OVERDUE')) return undefined;
            return begin(asked.ask, 10, member.reward(10, id, asked.ask));
          case 'OVERDUE':
            if (inFlight.length > 0) return undefined;
            return begin(asked.ask, asked.points, member.spend(asked.points, id));
          case 'complete':
          case 'undo': {
            const [flow] = inFlight.splice(asked.which % (inFlight.length || 1), 1);
            if (!flow?.booked || asked.ask === 'complete') return undefined;
            if (flow.kind === 'OVERDUE') return member.giveBack(flow.points, sagaId(flow.saga));
            return member.takeBack(flow.points, sagaId(flow.saga), flow.kind);
          }
          case 'adjust':
            return member.adjust(asked.points, 'reason', 'actor', `adjustment-${i}`);
          case 'close':
            return member.close();
        }
      })();
      if (answer && !isRefusal(answer)) ledger.push(answer as LedgerEntry);
      see(answer, asked.ask, member);
    });
    return { member, ledger };
  }

  it('has the points of the whole ledger, and never less than 0 [G3] [A18]', () => {
    fc.assert(
      fc.property(commands, (script) => {
        let sum = 0;
        play(script, (answer, _, member) => {
          if (answer && !isRefusal(answer)) sum += (answer as LedgerEntry).points;
          expect(member.snapshot().points).toBe(sum);
          expect(sum).toBeGreaterThanOrEqual(0);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('is never refused an undo', () => {
    fc.assert(
      fc.property(commands, (script) => {
        play(script, (answer, ask) => {
          expect(ask === 'undo' && isRefusal(answer)).toBe(false);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('has no two ledger entries of one id', () => {
    fc.assert(
      fc.property(commands, (script) => {
        const ids = play(script).ledger.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  it('is as before when what was done is undone', () => {
    fc.assert(
      fc.property(commands, fc.integer({ min: 1, max: 40 }), (script, points) => {
        const before = Object.freeze(play(script).member.snapshot());

        const rewarded = new Member(before);
        if (!isRefusal(rewarded.reward(points, saga, 'RENT'))) rewarded.takeBack(points, saga, 'RENT');
        expect(rewarded.snapshot()).toStrictEqual(before);

        const spent = new Member(before);
        if (!isRefusal(spent.spend(points, saga))) spent.giveBack(points, saga);
        expect(spent.snapshot()).toStrictEqual(before);
      }),
    );
  });
});

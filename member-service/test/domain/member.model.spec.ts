import * as fc from 'fast-check';
import { memberId, sagaId } from '@library/shared-kernel/domain/identifiers';
import { isRefusal } from '@library/shared-kernel/domain/refusal';
import { Member, type MemberState } from '../../src/domain/member';

/** A purse: what is in it, and whether its owner still takes part. */
interface Purse {
  points: number;
  closed: boolean;
}

/** What is asked of a member, and what a purse says to it: a refusal's code, or by how much the points change. */
interface Asked {
  readonly name: string;
  readonly of: (member: Member, no: number) => ReturnType<Member['reward' | 'takeBack' | 'spend'] | Member['close']>;
  readonly says: (purse: Purse) => string | number;
}

const unlessClosed = (says: (purse: Purse) => string | number) => (purse: Purse) =>
  purse.closed ? 'member-closed' : says(purse);
const ifEnough = (points: number) => (purse: Purse) => (purse.points < points ? 'not-enough-points' : -points);

const step = fc.constantFrom('RENT' as const, 'RETURN' as const);
const points = fc.integer({ min: 1, max: 30 });
const saga = (no: number) => sagaId(`s${no}`);

const anyAsked: fc.Arbitrary<Asked> = fc.oneof(
  fc.tuple(points, step).map(([some, of]) => ({
    name: `reward ${some} for ${of}`,
    of: (member: Member, no: number) => member.reward(some, saga(no), of),
    says: unlessClosed(() => some),
  })),
  fc.tuple(points, step).map(([some, of]) => ({
    name: `take back ${some} for ${of}`,
    of: (member: Member, no: number) => member.takeBack(some, saga(no), of),
    says: ifEnough(some),
  })),
  points.map((some) => ({
    name: `spend ${some}`,
    of: (member: Member, no: number) => member.spend(some, saga(no)),
    says: unlessClosed(ifEnough(some)),
  })),
  points.map((some) => ({
    name: `give back ${some}`,
    of: (member: Member, no: number) => member.giveBack(some, saga(no)),
    says: () => some,
  })),
  points.map((some) => ({
    name: `adjust by ${some}`,
    of: (member: Member, no: number) => member.adjust(some, 'reason', 'actor', `a${no}`),
    says: () => some,
  })),
  fc.constant({
    name: 'close',
    of: (member: Member) => member.close(),
    says: (purse: Purse) => {
      purse.closed = true;
      return 0;
    },
  }),
);

class Asks implements fc.Command<Purse, { readonly member: Member; asked: number }> {
  constructor(private readonly asked: Asked) {}

  check(): boolean {
    return true;
  }

  run(purse: Purse, real: { readonly member: Member; asked: number }): void {
    const before = Object.freeze(real.member.snapshot());
    const answer = this.asked.of(real.member, real.asked++);
    const said = this.asked.says(purse);
    if (typeof said === 'number') purse.points += said;

    expectAnswer(answer, said);
    expectState(real.member, { ...before, points: purse.points, status: purse.closed ? 'CLOSED' : 'ACTIVE' });
  }

  toString(): string {
    return this.asked.name;
  }
}

function expectAnswer(answer: ReturnType<Asked['of']>, said: string | number): void {
  if (answer === undefined) return expect(said).toBe(0);
  expect(isRefusal(answer) ? answer.refused : answer.points).toBe(said);
}

function expectState(member: Member, state: MemberState): void {
  expect(member.snapshot()).toStrictEqual(state);
}

it('a member answers as a purse would, whatever is asked and in whatever order [G3]', () => {
  const asked = anyAsked.map((one) => new Asks(one));

  fc.assert(
    fc.property(fc.commands([asked], { maxCommands: 40, size: 'max' }), (script) => {
      const member = Member.register(memberId('jenny'), 1, 'jenny', 'jenny@example.org');
      fc.modelRun(() => ({ model: { points: 0, closed: false }, real: { member, asked: 0 } }), script);
    }),
    { numRuns: 100 },
  );
});

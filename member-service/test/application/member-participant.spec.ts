import {
  itemRentCancelledContract,
  itemRentedContract,
  itemReturnCancelledContract,
  itemReturnedContract,
  overdueClearCancelledContract,
  overdueClearedContract,
} from '@library/shared-kernel/contracts/events';
import { bookNo, memberId, sagaId, type SagaId } from '@library/shared-kernel/domain/identifiers';
import { ParticipantTrial, type Reply } from '@library/shared-kernel/testing/participant-trial';
import { memberKind } from '../../src/application/member-kind';
import { memberParticipant } from '../../src/application/member-participant';
import type { DatedEntry, MemberRecord } from '../../src/application/member-record';
import { Member, type MemberState } from '../../src/domain/member';

const jenny: MemberState = {
  id: memberId('jenny'),
  no: 1,
  name: '제니',
  email: 'scant10@gmail.com',
  status: 'ACTIVE',
  points: 0,
};
const closed: MemberState = { ...jenny, status: 'CLOSED' };
const saga = sagaId('saga');
const other = sagaId('other');
const idName = { id: jenny.id, name: jenny.name };
const onItem = { idName, item: { no: bookNo(1), title: '최재천의공부' }, point: 10 };
const reason = 'book-not-available';

let trial: ParticipantTrial<MemberRecord>;
beforeEach(() => {
  trial = new ParticipantTrial(memberKind, memberParticipant);
});

type Tell = (of?: SagaId, announcedAt?: number) => Promise<Reply>;

const doRent: Tell = (of = saga, at) => trial.tell(itemRentedContract, of, onItem, at);
const undoRent: Tell = (of = saga, at) => trial.tell(itemRentCancelledContract, of, { ...onItem, reason }, at);
const doReturn: Tell = (of = saga, at) => trial.tell(itemReturnedContract, of, onItem, at);
const undoReturn: Tell = (of = saga, at) => trial.tell(itemReturnCancelledContract, of, { ...onItem, reason }, at);
const clear: Tell = (of = saga, at) => trial.tell(overdueClearedContract, of, { idName, point: 30 }, at);
const undoClear: Tell = (of = saga, at) =>
  trial.tell(overdueClearCancelledContract, of, { idName, point: 30, reason }, at);

const arrange = (state: MemberState) =>
  trial.change('jenny', [], (record) => {
    record.register(new Member(state));
    return true;
  });
const member = async () => (await trial.read('jenny'))?.member?.snapshot();
const points = async () => (await member())?.points;
const ledger = () => trial.archivedOf('ledger') as readonly DatedEntry[];
const moved = () => ledger().map(({ id, points: by }) => [id, by]);

/** Does it, and lets so much time pass that its fence is dropped; answers when it was announced. */
async function forgotten(does: Tell) {
  const announcedAt = trial.now;
  await does();
  await trial.pass(8);
  expect((await trial.read('jenny', [saga]))?.fences.of(saga)).toBeUndefined();
  return announcedAt;
}

it('has a part in every saga', () => {
  expect(trial.topics).toStrictEqual([
    'rental_rent',
    'rental_rent_cancel',
    'rental_return',
    'rental_return_cancel',
    'overdue_clear',
    'overdue_clear_cancel',
  ]);
});

describe.each<['RENT' | 'RETURN', string, Tell, Tell]>([
  ['RENT', 'a rent', doRent, undoRent],
  ['RETURN', 'a return', doReturn, undoReturn],
])('%s: the points of %s', (step, _, does, undoes) => {
  it('are given, and entered in the ledger', async () => {
    await arrange(jenny);

    const { outcome, message } = await does();

    expect(outcome).toBe('applied');
    expect(await member()).toStrictEqual({ ...jenny, points: 10 });
    expect(ledger()).toStrictEqual([
      { id: `saga:${step}:do`, member: 'jenny', saga, step, direction: 'do', points: 10, at: trial.now },
    ]);
    expect(message).toStrictEqual({
      id: 'saga:member:do:ok',
      topic: 'rental_result',
      body: { eventType: step, ...onItem, success: true },
      time: trial.now,
      saga,
      correlation: 'a-request',
      causation: 'saga:rental:do',
      participant: 'member',
    });
  });

  it('are given once, however often it is told [AC-23]', async () => {
    await arrange(jenny);
    const first = await does();

    expect(await does()).toStrictEqual({ ...first, outcome: 'repeated' });
    expect(await points()).toBe(10);
    expect(ledger()).toHaveLength(1);
  });

  it('are taken back', async () => {
    await arrange({ ...jenny, points: 5 });
    await does();

    expect(await undoes()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await points()).toBe(5);
    expect(moved()).toStrictEqual([
      [`saga:${step}:do`, 10],
      [`saga:${step}:undo`, -10],
    ]);
  });

  it('are taken back once', async () => {
    await arrange({ ...jenny, points: 50 });
    await does();
    await undoes();

    expect(await undoes()).toMatchObject({ outcome: 'repeated', said: 'ok' });
    expect(await points()).toBe(50);
  });

  it('leave nothing behind when told again after that [E2]', async () => {
    await arrange(jenny);
    await does();
    await undoes();

    expect(await does()).toMatchObject({ outcome: 'withdrawn', said: 'withdrawn' });
    expect(await points()).toBe(0);
  });

  it('are neither taken back nor given when the cancel comes first [E1]', async () => {
    await arrange({ ...jenny, points: 50 });

    expect(await undoes()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await does()).toMatchObject({ outcome: 'withdrawn', said: 'withdrawn' });
    expect(await points()).toBe(50);
    expect(ledger()).toStrictEqual([]);
  });

  it('are taken back from a member who has been closed since', async () => {
    await arrange(jenny);
    await does();
    await arrange({ ...closed, points: 10 });

    expect(await undoes()).toMatchObject({ said: 'ok' });
    expect(await points()).toBe(0);
  });

  it('stay while they are missing elsewhere, until the cancel comes again when they are back [A16, A17]', async () => {
    await arrange(jenny);
    await does();
    await arrange({ ...jenny, points: 4 });

    expect(await undoes()).toMatchObject({ outcome: 'refused', said: 'not-enough-points' });
    expect(await points()).toBe(4);
    await arrange({ ...jenny, points: 14 });
    expect(await undoes()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await points()).toBe(4);
  });

  describe('when the fence was dropped [D4b]', () => {
    it('are taken back because the ledger shows them', async () => {
      await arrange(jenny);
      const at = await forgotten(does);

      expect(await undoes(saga, at)).toMatchObject({ outcome: 'applied', said: 'ok' });
      expect(await points()).toBe(0);
      expect(await undoes(saga, at)).toMatchObject({ outcome: 'repeated', said: 'ok' });
      expect(await points()).toBe(0);
    });

    it('are not taken back a second time, because the ledger shows that too', async () => {
      await arrange({ ...jenny, points: 50 });
      const at = await forgotten(async () => {
        await does();
        return undoes();
      });

      expect(await undoes(saga, at)).toMatchObject({ outcome: 'applied', said: 'ok' });
      expect(await points()).toBe(50);
    });

    it('are not taken back when they were never given', async () => {
      await arrange({ ...jenny, points: 50 });
      const at = await forgotten(() => does());

      expect(await undoes(other, at)).toMatchObject({ outcome: 'applied', said: 'ok' });
      expect(await points()).toBe(60);
    });

    it('are not given again: the announcement has expired [D4]', async () => {
      await arrange(jenny);
      const at = await forgotten(does);

      expect(await does(saga, at)).toMatchObject({ outcome: 'expired', said: 'expired' });
      expect(await points()).toBe(10);
    });
  });
});

describe('renting', () => {
  it.each<[string, MemberState | undefined, string]>([
    ['a member nobody knows', undefined, 'member-not-found'],
    ['a closed member', { ...closed, points: 50 }, 'member-closed'],
  ])('refuses %s, and has nothing to undo then [A8]', async (_, state, code) => {
    if (state) await arrange(state);

    const refused = await doRent();

    expect(refused).toMatchObject({ outcome: 'refused', said: code });
    expect(refused.message).toMatchObject({
      id: `saga:member:do:${code}`,
      body: { eventType: 'RENT', ...onItem, success: false, reason: code },
    });
    expect(await undoRent()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await member()).toStrictEqual(state);
    expect(ledger()).toStrictEqual([]);
  });

  it('still refuses a member who has registered since', async () => {
    await doRent();
    await arrange(jenny);

    expect(await doRent()).toMatchObject({ outcome: 'repeated', said: 'member-not-found' });
    expect(await points()).toBe(0);
  });
});

describe('returning', () => {
  it.each<[string, MemberState | undefined]>([
    ['a member nobody knows', undefined],
    ['a closed member', { ...closed, points: 50 }],
  ])('succeeds for %s without points, and has nothing to undo then', async (_, state) => {
    if (state) await arrange(state);

    expect(await doReturn()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await undoReturn()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await member()).toStrictEqual(state);
    expect(ledger()).toStrictEqual([]);
  });
});

describe('clearing', () => {
  const rich: MemberState = { ...jenny, points: 40 };

  it('spends the points, once', async () => {
    await arrange(rich);

    const first = await clear();
    const again = await clear();

    expect(first).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(first.message?.body).toStrictEqual({ eventType: 'OVERDUE', idName, point: 30, success: true });
    expect(again).toStrictEqual({ ...first, outcome: 'repeated' });
    expect(await member()).toStrictEqual({ ...rich, points: 10 });
    expect(ledger()).toStrictEqual([
      { id: 'saga:OVERDUE:do', member: 'jenny', saga, step: 'OVERDUE', direction: 'do', points: -30, at: trial.now },
    ]);
  });

  it('spends the last point', async () => {
    await arrange({ ...jenny, points: 30 });

    expect(await clear()).toMatchObject({ said: 'ok' });
    expect(await points()).toBe(0);
  });

  it.each<[string, MemberState | undefined, string]>([
    ['a member with too few points [A13]', { ...jenny, points: 29 }, 'not-enough-points'],
    ['a member nobody knows', undefined, 'member-not-found'],
    ['a closed member', { ...closed, points: 40 }, 'member-closed'],
  ])('refuses %s, and has nothing to give back then', async (_, state, code) => {
    if (state) await arrange(state);

    expect(await clear()).toMatchObject({ outcome: 'refused', said: code });
    expect(await undoClear()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await member()).toStrictEqual(state);
    expect(ledger()).toStrictEqual([]);
  });

  it('gives the points back, once', async () => {
    await arrange(rich);
    await clear();

    expect(await undoClear()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await undoClear()).toMatchObject({ outcome: 'repeated', said: 'ok' });
    expect(await member()).toStrictEqual(rich);
    expect(moved()).toStrictEqual([
      ['saga:OVERDUE:do', -30],
      ['saga:OVERDUE:undo', 30],
    ]);
  });

  it('spends nothing when told again after that [E2]', async () => {
    await arrange(rich);
    await clear();
    await undoClear();

    expect(await clear()).toMatchObject({ outcome: 'withdrawn', said: 'withdrawn' });
    expect(await member()).toStrictEqual(rich);
  });

  it('gives them back to a member who has been closed since', async () => {
    await arrange(rich);
    await clear();
    await arrange({ ...closed, points: 10 });

    expect(await undoClear()).toMatchObject({ said: 'ok' });
    expect(await member()).toStrictEqual({ ...closed, points: 40 });
  });

  describe('when the fence was dropped [D4b]', () => {
    it('gives back what the ledger shows as spent', async () => {
      await arrange(rich);
      const at = await forgotten(clear);

      expect(await undoClear(saga, at)).toMatchObject({ outcome: 'applied', said: 'ok' });
      expect(await member()).toStrictEqual(rich);
    });

    it('gives nothing back that was given back', async () => {
      await arrange(rich);
      const at = await forgotten(async () => {
        await clear();
        return undoClear();
      });

      expect(await undoClear(saga, at)).toMatchObject({ outcome: 'applied', said: 'ok' });
      expect(await member()).toStrictEqual(rich);
    });
  });
});

it('keeps the balance equal to the ledger through all of it [G3]', async () => {
  await arrange(jenny);
  for (const each of ['a', 'b', 'c', 'd']) await doRent(sagaId(each));
  await undoRent(sagaId('b'));
  await doReturn(sagaId('e'));
  await clear(sagaId('f'));
  await undoClear(sagaId('f'));
  await clear(sagaId('g'));
  await clear(sagaId('h'));

  expect(await points()).toBe(10);
  expect(ledger().reduce((sum, entry) => sum + entry.points, 0)).toBe(10);
});

import { itemRentCancelledContract, itemRentedContract } from '@library/shared-kernel/contracts/events';
import { bookNo, memberId, sagaId, type SagaId } from '@library/shared-kernel/domain/identifiers';
import { localDate } from '@library/shared-kernel/domain/local-date';
import { ParticipantTrial } from '@library/shared-kernel/testing/participant-trial';
import { Calendar } from '@library/shared-kernel/time/calendar';
import { bestbookParticipant } from '../../src/application/bestbook-participant';
import { rentCountKind } from '../../src/application/rent-count-kind';
import type { RentCountRecord } from '../../src/application/rent-count-record';

const item = { no: bookNo(1), title: '최재천의공부' };
const body = { idName: { id: memberId('jenny'), name: '제니' }, item, point: 10 };
const saga = sagaId('saga');
const other = sagaId('other');

const thursday = localDate('2026-01-15');
const friday = localDate('2026-01-16');
/** Two noons in Seoul, which is nine hours ahead. */
const onThursday = Date.parse('2026-01-15T03:00:00Z');
const onFriday = Date.parse('2026-01-16T03:00:00Z');

let answers: boolean;
let zone: string;
let trial: ParticipantTrial<RentCountRecord>;
beforeEach(() => {
  answers = true;
  zone = 'Asia/Seoul';
  trial = new ParticipantTrial(
    rentCountKind(1),
    () => bestbookParticipant({ dayOf: (instant) => new Calendar(zone).dayOf(instant) }),
    () => answers,
  );
  trial.now = onThursday;
});

const rent = (of: SagaId = saga, at = trial.now) => trial.tell(itemRentedContract, of, body, at);
const undo = (of: SagaId = saga, at = trial.now) =>
  trial.tell(itemRentCancelledContract, of, { ...body, reason: 'book-not-available' }, at);

/** How often the book was rented: in all, on Thursday, and on Friday. */
async function counted() {
  const record = await trial.read('1', [thursday, friday]);
  return [record?.count?.total, record?.entries.get(thursday), record?.entries.get(friday)];
}

it('has a part in renting only', () => {
  expect(trial.topics).toStrictEqual(['rental_rent', 'rental_rent_cancel']);
});

it('counts a rent and says so', async () => {
  const { outcome, message } = await rent();

  expect(outcome).toBe('applied');
  expect(await counted()).toStrictEqual([1, 1, undefined]);
  expect((await trial.read('1'))?.count).toStrictEqual({ item, total: 1 });
  expect(message).toStrictEqual({
    id: 'saga:bestbook:do:ok',
    topic: 'rental_result',
    body: { eventType: 'RENT', ...body, success: true },
    time: trial.now,
    saga,
    correlation: 'a-request',
    causation: 'saga:rental:do',
    participant: 'bestbook',
  });
});

it('counts it once, however often it is told [AC-23]', async () => {
  const first = await rent();

  expect(await rent()).toStrictEqual({ ...first, outcome: 'repeated' });
  expect(await counted()).toStrictEqual([1, 1, undefined]);
});

it('counts it on the day it was announced, in the library’s zone, whenever it hears of it', async () => {
  const midnight = Date.parse('2026-01-15T15:00:00Z');
  trial.now = midnight + 1_000;
  await rent(saga, midnight - 1);
  await rent(other, midnight);

  expect(await counted()).toStrictEqual([2, 1, 1]);
});

describe('undoing a rent', () => {
  it('takes it off the day it was counted on', async () => {
    await rent();
    trial.now = onFriday;
    await rent(other);

    expect(await undo(saga, onThursday)).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await counted()).toStrictEqual([1, 0, 1]);
  });

  it.each([
    ['Pacific/Kiritimati', 'Etc/GMT+12'],
    ['Etc/GMT+12', 'Pacific/Kiritimati'],
  ])(
    'takes it off that day, though it was counted by the days of %s and is undone by those of %s',
    async (one, another) => {
      for (let hour = 0; hour < 24; hour++) {
        const announced = onThursday + hour * 3_600_000;
        const id = sagaId(`saga-${hour}`);
        zone = one;
        await rent(id, announced);
        zone = another;

        expect(await undo(id, announced)).toMatchObject({ outcome: 'applied', said: 'ok' });
      }
      expect((await counted())[0]).toBe(0);
    },
  );

  it('happens once', async () => {
    await rent();
    await rent(other);
    await undo();

    expect(await undo()).toMatchObject({ outcome: 'repeated', said: 'ok' });
    expect(await counted()).toStrictEqual([1, 1, undefined]);
  });

  it('leaves nothing behind when told to count it again [E2]', async () => {
    await rent();
    await undo();

    expect(await rent()).toMatchObject({ outcome: 'withdrawn', said: 'withdrawn' });
    expect(await counted()).toStrictEqual([0, 0, undefined]);
  });

  it('holds off a rent that comes later [E1]', async () => {
    expect(await undo()).toMatchObject({ outcome: 'applied', said: 'ok' });
    expect(await rent()).toMatchObject({ outcome: 'withdrawn', said: 'withdrawn' });
    expect(await counted()).toStrictEqual([undefined, undefined, undefined]);
  });

  it('is too late when its fence was dropped, for a count does not show whose it is [D4b]', async () => {
    await rent();
    await trial.pass(8);
    expect((await trial.read('1', [saga]))?.fences.of(saga)).toBeUndefined();

    expect(await undo(saga, onThursday)).toMatchObject({ outcome: 'too-late', said: 'too-late' });
    expect(await counted()).toStrictEqual([1, 1, undefined]);
  });
});

it('keeps its counts by day for ever', async () => {
  await rent();
  await trial.pass(1_000);

  expect(await counted()).toStrictEqual([1, 1, undefined]);
});

describe('while it only catches up', () => {
  beforeEach(() => {
    answers = false;
    trial.now += 365 * 86_400_000;
  });

  it('counts what expired long ago, and says nothing', async () => {
    expect(await rent(saga, onThursday)).toStrictEqual({ outcome: 'applied', said: undefined, message: undefined });
    expect(await counted()).toStrictEqual([1, 1, undefined]);
  });

  it('counts as those did who were there, in whatever order the two topics come', async () => {
    await undo(other, onThursday);
    await rent(saga, onThursday);
    await rent(other, onThursday);

    expect(await counted()).toStrictEqual([1, 1, undefined]);
  });
});

import type { LogMessage, MessageLog, Publication } from '@library/shared-kernel/messaging/message-log';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { Fault } from '@library/shared-kernel/store/fault';
import type { Clock } from '@library/shared-kernel/time/clock';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import type { LibrarySettings } from '@library/standalone/library';
import { OpenLibrary } from '../open-library';

// A library takes its time to open on a busy machine.
jest.setTimeout(30_000);

const BY = { actor: 'minji', reason: 'repaired' };

let open: OpenLibrary;

/** In no hurry: on a busy machine a hurried saga asks twice, and each message is counted here. */
async function library(settings: Partial<LibrarySettings> = {}): Promise<OpenLibrary> {
  open = await OpenLibrary.open({ timing: DEFAULT_TIMING, ...settings });
  return open;
}

afterEach(async () => {
  await open.remove();
});

/** A message that book-service cannot handle, as it lies in rental_rent. */
async function poison(value: Uint8Array | undefined, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  await open.library.log.publish([{ topic: 'rental_rent', key: 'jenny', value, headers, time: Date.now() }]);
}

async function parkedBy(group: string) {
  const { body } = await open.get(`/ops/parked?group=${group}`);
  return body.items;
}

async function announcements(): Promise<readonly LogMessage[]> {
  const { log } = open.library;
  const ends = await log.ends('rental_rent');
  return (await Promise.all(ends.map((end, partition) => log.read('rental_rent', partition, 0, end)))).flat();
}

describe('parked messages', () => {
  it('are listed newest first, by group and state, and page by page', async () => {
    await library();
    for (const id of ['one', 'two', 'three']) await poison(Buffer.from('{'), { ce_id: id, ce_type: 'ItemRented' });
    await open.until(async () => (await parkedBy('book-service')).length === 3);

    const first = await open.get('/ops/parked?group=book-service&limit=2');
    const second = await open.get(`/ops/parked?group=book-service&limit=2&cursor=${first.body.next}`);

    expect(first.body.items.map(({ messageId }: { messageId: string }) => messageId)).toStrictEqual(['three', 'two']);
    expect(second.body).toMatchObject({
      items: [
        {
          messageId: 'one',
          group: 'book-service',
          topic: 'rental_rent',
          reason: 'unreadable',
          state: 'parked',
          count: 1,
        },
      ],
    });
    expect(second.body).not.toHaveProperty('next');
    expect((await open.get('/ops/parked?state=discarded')).body.items).toStrictEqual([]);
  });

  it('are shown with their bytes and headers: as text, in base64, or none', async () => {
    await library();
    await poison(Buffer.from('{"책":'), { ce_id: 'text', ce_type: 'ItemRented' });
    await poison(Buffer.from([0xff, 0x00]), { ce_id: 'bytes', ce_type: 'ItemRented' });
    await poison(undefined, { ce_id: 'tombstone', ce_type: 'ItemRented' });
    await open.until(async () => (await parkedBy('book-service')).length === 3);

    const shown = await Promise.all(
      (await parkedBy('book-service')).map(
        async ({ id }: { id: string }) => (await open.get(`/ops/parked/${id}`)).body,
      ),
    );

    expect(shown.map(({ value }) => value)).toStrictEqual([
      undefined,
      { encoding: 'base64', content: '/wA=' },
      { encoding: 'utf-8', content: '{"책":' },
    ]);
    expect(shown[0]).toMatchObject({ headers: { ce_id: 'tombstone', ce_type: 'ItemRented' }, notes: [] });
  });

  it('are not found under an id that was never given', async () => {
    await library();

    expect(await open.get('/ops/parked/no-such')).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(await open.post('/ops/parked/7/release', BY)).toMatchObject({ status: 404 });
  });

  it.each([
    ['a NUL', '\0'],
    ['half a surrogate pair', '\ud800'],
  ])('of a group with %s in its name there can be none', async (_, group) => {
    await library();

    expect(await open.post('/ops/parked/releases', { ...BY, group })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'body.group' }] },
    });
    expect((await open.get('/ops/parked?group=%00')).status).toBe(400);
  });

  it('P8: are released, discarded and restored only by somebody who says why', async () => {
    await library();

    expect(await open.post('/ops/parked/1/discard', { actor: 'minji' })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'body.reason' }] },
    });
    expect(await open.post('/ops/parked/releases', { reason: 'x' })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'body.actor' }] },
    });
  });

  it('P8: are discarded softly: it can be taken back, and is remembered', async () => {
    await library();
    await poison(Buffer.from('{'), { ce_id: 'one', ce_type: 'ItemRented' });
    await open.until(async () => (await parkedBy('book-service')).length === 1);
    const [{ id }] = await parkedBy('book-service');

    expect(await open.post(`/ops/parked/${id}/discard`, BY)).toMatchObject({
      status: 200,
      body: { did: 'discarded', parked: { state: 'discarded' } },
    });
    expect(await open.post(`/ops/parked/${id}/release`, BY)).toMatchObject({
      status: 200,
      body: { did: 'nothing', parked: { state: 'discarded' } },
    });
    const { body } = await open.post(`/ops/parked/${id}/restore`, { actor: 'scott', reason: 'needed' });

    expect(body).toMatchObject({ did: 'restored', parked: { state: 'parked' } });
    expect(body.parked.notes).toMatchObject([
      { actor: 'minji', did: 'discarded', reason: 'repaired' },
      { actor: 'scott', did: 'restored' },
    ]);
  });

  it('G9p: stay parked when they fail again, and are counted', async () => {
    await library();
    await poison(Buffer.from('{'), { ce_id: 'one', ce_type: 'ItemRented' });
    await open.until(async () => (await parkedBy('book-service')).length === 1);
    const [{ id }] = await parkedBy('book-service');

    expect(await open.post(`/ops/parked/${id}/release`, BY)).toMatchObject({
      status: 200,
      body: {
        did: 'failed-again',
        parked: { state: 'parked', count: 2, notes: [{ did: 'failed-again', actor: 'minji' }] },
      },
    });
  });

  it('G8p: are obsolete when their saga is resolved; G10p: and are released all at once', async () => {
    await library();
    const [book, other] = [await open.addBook('토지'), await open.addBook('소년이 온다')];
    await open.addMember('jenny', '제니');
    await open.rent('jenny', book);
    const [announcement] = (await announcements()).filter(({ headers }) => headers['ce_type'] === 'ItemRented');
    await open.library.parking.park('book-service', announcement!, 'bug', 'TypeError', Date.now());
    await poison(Buffer.from('{'), { ce_id: 'one', ce_type: 'ItemRented' });
    await open.until(async () => (await parkedBy('book-service')).length === 2);

    const { body } = await open.post('/ops/parked/releases', { ...BY, group: 'book-service' });

    expect(body).toStrictEqual({ parked: 2, released: 0, obsolete: 1, failedAgain: 1, skipped: 0 });
    expect((await open.rent('jenny', other)).status).toBe(201);
    expect((await open.get('/ops/verify')).body).toMatchObject({ ok: true });
  });

  it('are handled by the ranking that runs, also when an earlier counting has parked them', async () => {
    await library();
    const book = await open.addBook('토지');
    await open.addMember('jenny', '제니');
    await open.rent('jenny', book);
    const [announcement] = await announcements();
    await open.library.parking.park('bestbook-service.7', announcement!, 'bug', 'TypeError', Date.now());
    const [{ id }] = await parkedBy('bestbook-service.7');

    expect(await open.post(`/ops/parked/${id}/release`, BY)).toMatchObject({ status: 200, body: { did: 'obsolete' } });
  });
});

describe('the outboxes', () => {
  it('show what waits while the log is out of reach, and publish it when asked to', async () => {
    let isReachable = true;
    await library({ between: (log) => reachableWhen(log, () => isReachable) });
    const book = await open.addBook('토지');
    await open.addMember('jenny', '제니');
    isReachable = false;
    const { body: saga } = await open.rent('jenny', book, {});

    const { body: waiting } = await open.get('/ops/outbox');
    expect(waiting).toMatchObject({
      items: [
        {
          service: 'rental-service',
          record: 'jenny',
          messages: [{ id: `${saga.id}:rent:do`, topic: 'rental_rent', saga: saga.id }],
        },
      ],
      more: false,
    });
    expect(waiting.items[0].waitingMs).toBeGreaterThanOrEqual(0);

    isReachable = true;
    expect(await open.post('/ops/outbox/publications', {})).toMatchObject({ status: 200, body: { records: 1 } });
    await open.until(async () => (await open.get(`/sagas/${saga.id}`)).body.status === 'COMPLETED');
    await open.until(async () => (await open.get('/ops/outbox')).body.items.length === 0);
  });

  it('say when there are more than they list', async () => {
    let isReachable = true;
    await library({ between: (log) => reachableWhen(log, () => isReachable) });
    const book = await open.addBook('토지');
    isReachable = false;
    await Promise.all(['jenny', 'scott', 'minji'].map(async (member) => open.rent(member, book, {})));

    const { body } = await open.get('/ops/outbox?limit=2');

    expect(body.items).toHaveLength(2);
    expect(body.more).toBe(true);
    isReachable = true;
  });
});

describe('the events of a flow', () => {
  it('AC-34: are all messages of a saga, in the order in which things happened, each with participant, step and reason', async () => {
    await library();
    const book = await open.addBook('토지');
    await open.addMember('jenny', '제니');
    await open.addMember('scott', '스콧');
    await open.rent('jenny', book);
    const { body: problem } = await open.rent('scott', book);

    const { body } = await open.get(`/ops/events?saga=${problem.sagaId}`);
    const told = body.items.map(({ type, direction, participant, answer, reason }: Record<string, string>) =>
      [type, direction, participant, answer, reason].filter(Boolean).join(' '),
    );

    const refused = 'EventResult do book refused book-not-available';
    const cancel = 'ItemRentCancelled undo book-not-available';
    const undone = ['EventResult undo bestbook done', 'EventResult undo book done', 'EventResult undo member done'];

    // Whether the other two answer before the book's refusal leads to the cancel is theirs to say.
    expect(told.toSorted()).toStrictEqual(
      [
        'ItemRented do',
        'EventResult do bestbook done',
        refused,
        'EventResult do member done',
        cancel,
        ...undone,
      ].toSorted(),
    );
    expect(told[0]).toBe('ItemRented do');
    expect(told.indexOf(refused)).toBeLessThan(told.indexOf(cancel));
    for (const answer of undone) expect(told.indexOf(answer)).toBeGreaterThan(told.indexOf(cancel));
    expect(body.complete).toBe(true);
    expect(body.items.map(({ at }: { at: string }) => at)).toStrictEqual(
      body.items.map(({ at }: { at: string }) => at).toSorted(),
    );
    expect(body.items[0]).toMatchObject({
      step: 'RENT',
      topic: 'rental_rent',
      saga: problem.sagaId,
      awaits: ['book', 'member', 'bestbook'],
    });
  });

  it('AC-34: are found by correlation too, over more than one saga', async () => {
    await library();
    const book = await open.addBook('토지');
    await open.addMember('jenny', '제니');
    const headers = { Prefer: 'wait=10', 'X-Correlation-ID': 'desk-4711' };
    await open.rent('jenny', await open.addBook('소년이 온다'), { Prefer: 'wait=10', 'X-Correlation-ID': 'desk-4712' });
    await open.rent('jenny', book, headers);
    await open.post('/rental-cards/jenny/returns', { item: { no: book } }, headers);

    const { body } = await open.get('/ops/events?correlation=desk-4711');
    const types = body.items.map(({ type }: { type: string }) => type);

    expect(types.filter((type: string) => type !== 'EventResult')).toStrictEqual([
      'ItemRented',
      'ItemReturned',
      'ItemReturnConfirmed',
    ]);
    expect(types.filter((type: string) => type === 'EventResult')).toHaveLength(6);
    expect(new Set(body.items.map(({ correlation }: { correlation: string }) => correlation))).toStrictEqual(
      new Set(['desk-4711']),
    );

    const later = new Date(Date.now() + 60_000).toISOString();
    expect((await open.get(`/ops/events?correlation=desk-4711&since=${later}`)).body.items).toStrictEqual([]);
  });

  it('are found of a saga that is in flight, and when the clock was put back meanwhile', async () => {
    const clock = new SystemClock(15 * 86_400_000);
    await library({ clock });
    const [book, other] = [await open.addBook('토지'), await open.addBook('소년이 온다')];
    await open.addMember('jenny', '제니');
    await open.rent('jenny', book);
    await open.post('/ops/clock', { shift: '-15d' });
    const { body: loan } = await open.rent('jenny', other, {});

    await open.until(async () => (await open.get(`/ops/events?saga=${loan.id}`)).body.items.length >= 1);
    await open.until(async () => (await open.get(`/sagas/${loan.id}`)).body.status === 'COMPLETED');
    expect((await open.get(`/ops/events?saga=${loan.id}`)).body.items).toHaveLength(4);
  });

  it('are none of a saga that nobody knows; and either a saga or a correlation has to be named', async () => {
    await library();

    expect((await open.get('/ops/events?saga=01936b2e-7c4d-7a10-8f3e-2b1c0d9e8f7a')).body).toStrictEqual({
      items: [],
      complete: true,
    });
    expect((await open.get('/ops/events')).status).toBe(400);
    expect((await open.get('/ops/events?saga=01936b2e-7c4d-7a10-8f3e-2b1c0d9e8f7a&correlation=x')).status).toBe(400);
  });
});

describe('the topics', () => {
  it('are listed with their partitions, and with the position and lag of every group', async () => {
    await library();
    const book = await open.addBook('토지');
    await open.addMember('jenny', '제니');
    await open.rent('jenny', book);
    await open.library.log.resetOffsets('a-reader', 'rental_rent', 'earliest');

    const { body } = await open.get('/ops/topics');
    const rents = body.items.find(({ topic }: { topic: string }) => topic === 'rental_rent');

    expect(rents).toMatchObject({ messages: 1 });
    expect(rents.bytes).toBeGreaterThan(0);
    expect(rents.partitions).toHaveLength(4);
    expect(
      rents.partitions.reduce((sum: number, { end, first }: { end: number; first: number }) => sum + end - first, 0),
    ).toBe(1);
    const lags = Object.fromEntries(rents.groups.map(({ group, lag }: { group: string; lag: number }) => [group, lag]));
    expect(lags).toMatchObject({ 'book-service': 0, 'member-service': 0, 'bestbook-service': 0, 'a-reader': 1 });
  });
});

describe('the invariants', () => {
  it('are checked when asked for', async () => {
    await library();
    const book = await open.addBook('토지');
    await open.addMember('jenny', '제니');
    await open.rent('jenny', book);

    const { status, body } = await open.get('/ops/verify');

    expect(status).toBe(200);
    expect(body).toMatchObject({ ok: true });
    expect(body.checks).toContainEqual(expect.objectContaining({ id: 'G3', offenders: [] }));
  });
});

describe('the clock', () => {
  it('is told, and moved for a demonstration: a book comes back late', async () => {
    await library();
    const book = await open.addBook('토지');
    await open.addMember('jenny', '제니');
    await open.rent('jenny', book);
    const { body: before } = await open.get('/ops/clock');

    const { body: after } = await open.post('/ops/clock', { shift: '+15d' });
    const { body: returned } = await open.post(
      '/rental-cards/jenny/returns',
      { item: { no: book } },
      { Prefer: 'wait=10' },
    );

    expect(before).toMatchObject({ zone: 'Asia/Seoul' });
    expect(Math.abs(before.aheadMs)).toBeLessThan(50);
    expect(Date.parse(after.now) - Date.parse(before.now)).toBeGreaterThanOrEqual(15 * 86_400_000);
    expect(Math.round(after.aheadMs / 86_400_000)).toBe(15);
    expect(returned).toMatchObject({ fee: 10 });
  });

  it('is moved by nothing that is no shift', async () => {
    await library();

    expect((await open.post('/ops/clock', { shift: '15 days' })).status).toBe(400);
    expect((await open.get('/ops/clock')).body.aheadMs).toBeLessThan(50);
  });

  it('is not moved when it is not ours', async () => {
    const real = new SystemClock();
    const clock: Clock = { now: () => real.now(), after: (ms, wake) => real.after(ms, wake) };
    await library({ clock });

    expect((await open.get('/ops/clock')).status).toBe(200);
    expect((await open.post('/ops/clock', { shift: '+15d' })).status).toBe(405);
  });
});

function reachableWhen(log: MessageLog, isReachable: () => boolean): MessageLog {
  return {
    publish: async (messages: readonly Publication[]) => {
      if (!isReachable()) throw new Fault('log-unreachable', 'The log cannot be reached.');
      await log.publish(messages);
    },
    consume: (settings, handle) => log.consume(settings, handle),
    read: (topic, partition, offset, limit) => log.read(topic, partition, offset, limit),
    ends: (topic) => log.ends(topic),
    backlog: (group, topics) => log.backlog(group, topics),
    get reachable() {
      return isReachable() && log.reachable;
    },
  };
}

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { openRentalApp, type RentalApp } from './rental-app';

let library: RentalApp;
beforeEach(() => {
  library = openRentalApp();
});
afterEach(() => library.close());

const UNKNOWN = '01936b2e-7c4d-7a10-8f3e-2b1c0d9e8f7a';
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

const get = (path: string) => request(library.app).get(path);
const post = (path: string, body: object, headers = {}) => request(library.app).post(path).set(headers).send(body);
const rent = (member: string, no: number, headers = {}) =>
  post(`/rental-cards/${member}/rentals`, { memberName: member, item: { no, title: `Book ${no}` } }, headers);
const ids = ({ body }: request.Response) => body.items.map(({ id }: { id: string }) => id);

const begun = async (...asked: Parameters<typeof rent>) => (await rent(...asked)).body.id as string;
/** The id of a saga that has ended. */
const rented = async (member: string, no: number) => {
  const id = await begun(member, no);
  await get(`/sagas/${id}/events`);
  return id;
};
const undone = async (member: string, no: number) => {
  library.participants.refuse('book', 'book-not-available');
  return rented(member, no);
};

/** A saga that is being undone, and waits for member only. */
const stuck = async () => {
  library.participants.refuse('book', 'book-not-available');
  library.participants.ignore('member', 'undo');
  const id = await begun('jenny', 1);
  await library.participants.quiet();
  return id;
};

/** What a stream has said, event by event. */
const eventsIn = (text: string) =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('id:'))
    .map((block) => ({ id: /^id: (.*)$/m.exec(block)?.[1], ...JSON.parse(/^data: (.*)$/m.exec(block)![1]!) }));

const nothing = {
  status: 404,
  type: 'application/problem+json',
  body: expect.objectContaining({ code: 'not-found', detail: expect.stringContaining('No saga has this id') }),
};

describe('GET /sagas/{id}', () => {
  it('shows who refused, why, and what was undone since [AC-20]', async () => {
    const id = await undone('jenny', 1);

    const { status, body } = await get(`/sagas/${id}`);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      id,
      type: 'RENT',
      member: 'jenny',
      item: { no: 1, title: 'Book 1' },
      status: 'COMPENSATED',
      reason: 'book-not-available',
      steps: [
        { participant: 'book', state: 'undone', code: 'book-not-available' },
        { participant: 'member', state: 'undone' },
        { participant: 'bestbook', state: 'undone' },
      ],
      startedAt: expect.stringMatching(INSTANT),
      endedAt: expect.stringMatching(INSTANT),
    });
    expect(body).not.toHaveProperty('dueAt');
    expect(body.story[0]).toStrictEqual({ n: 0, at: body.startedAt, what: 'announced' });
    expect(body.story).toContainEqual({
      n: expect.any(Number),
      at: expect.stringMatching(INSTANT),
      what: 'refused',
      participant: 'book',
      code: 'book-not-available',
    });
    expect(body.story.at(-1)).toMatchObject({ n: body.story.length - 1, what: 'compensated' });
  });

  it.each([`/sagas/${UNKNOWN}`, `/sagas/${UNKNOWN}/events`])('finds nothing at %s [AC-37]', async (path) => {
    expect(await get(path)).toMatchObject(nothing);
  });

  it('refuses an id that cannot be one', async () => {
    expect((await get('/sagas/7')).body).toMatchObject({ status: 400, code: 'invalid-input' });
  });
});

describe('GET /sagas', () => {
  it('gives one page after the other, the newest first', async () => {
    const begunInOrder = [];
    for (const no of [1, 2, 3]) begunInOrder.push(await rented('jenny', no));
    library.participants.holdBack();
    begunInOrder.push(await begun('minsu', 4));

    const first = await get('/sagas?limit=3');
    const second = await get(`/sagas?limit=3&cursor=${first.body.next}`);

    expect([...ids(first), ...ids(second)]).toStrictEqual(begunInOrder.toReversed());
    expect(ids(first)).toHaveLength(3);
    expect(second.body).not.toHaveProperty('next');
  });

  it('picks by status, type, member and attention, of which the operator was told [G4]', async () => {
    const jennys = await rented('jenny', 1);
    const back = (await post('/rental-cards/jenny/returns', { item: { no: 1 } }, { Prefer: 'wait=5' })).body;
    library.participants.refuse('member', 'not-enough-points', 'undo');
    library.participants.refuse('book', 'book-not-found');
    const minsus = await begun('minsu', 2);
    await library.participants.quiet();

    expect(back).toMatchObject({ no: 1, fee: 0 });
    expect(ids(await get('/sagas'))).toHaveLength(3);
    expect(ids(await get('/sagas?type=RENT&status=COMPLETED'))).toStrictEqual([jennys]);
    expect(ids(await get('/sagas?status=COMPENSATING'))).toStrictEqual([minsus]);
    expect(ids(await get('/sagas?member=minsu'))).toStrictEqual([minsus]);
    expect(ids(await get('/sagas?attention=false&member=minsu'))).toStrictEqual([]);
    expect((await get('/sagas?attention=true')).body.items).toMatchObject([
      {
        id: minsus,
        attention: 'undo-refused',
        steps: expect.arrayContaining([{ participant: 'member', state: 'undoing', code: 'not-enough-points' }]),
      },
    ]);
    const alarm = { saga: minsus, type: 'RENT', status: 'COMPENSATING', cause: 'undo-refused' };
    expect(library.alarms).toStrictEqual([alarm]);
  });

  it.each(['status=DONE', 'type=rent', 'attention=1', 'member=', 'cursor=jenny', 'owner=jenny'])(
    'refuses ?%s',
    async (query) => {
      expect((await get(`/sagas?${query}`)).status).toBe(400);
    },
  );
});

describe('GET /sagas/{id}/events', () => {
  let server: Server;
  beforeEach(() => {
    server = library.app.listen(0, '127.0.0.1');
  });
  afterEach(() => server.close());

  const follow = async (id: string, headers = {}) => {
    const { port } = server.address() as AddressInfo;
    const gone = new AbortController();
    const answer = await fetch(`http://127.0.0.1:${port}/sagas/${id}/events`, { headers, signal: gone.signal });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    return {
      /** Reads until so many events have come. */
      first: async (count: number) => {
        while (eventsIn(text).length < count) text += (await reader.read()).value ?? '';
        return eventsIn(text);
      },
      rest: async () => {
        for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
        return eventsIn(text);
      },
      leave: () => gone.abort(),
    };
  };

  it('tells the whole story of a saga that has ended, and ends', async () => {
    const id = await rented('jenny', 1);

    const { type, text } = await get(`/sagas/${id}/events`);

    expect(type).toBe('text/event-stream');
    const { story } = (await get(`/sagas/${id}`)).body;
    expect(eventsIn(text)).toStrictEqual(story.map((event: { n: number }) => ({ id: String(event.n), ...event })));
    expect(story.map(({ what }: { what: string }) => what)).toStrictEqual([
      'announced',
      'done',
      'done',
      'done',
      'completed',
    ]);
  });

  it('tells what happens as it happens', async () => {
    library.participants.holdBack();
    const stream = await follow(await begun('jenny', 1));

    expect(await stream.first(1)).toMatchObject([{ id: '0', what: 'announced' }]);
    library.participants.answer();

    expect((await stream.rest()).at(-1)).toMatchObject({ id: '4', what: 'completed' });
  });

  it('goes on after the last event that a client has seen, without a gap and without a repetition [M8]', async () => {
    library.participants.holdBack();
    const id = await begun('jenny', 1);
    const dropped = await follow(id);
    const [seen] = await dropped.first(1);
    dropped.leave();
    library.participants.answer();

    const resumed = await follow(id, { 'Last-Event-ID': seen.id });

    expect((await resumed.rest()).map((event) => event.id)).toStrictEqual(['1', '2', '3', '4']);
  });

  it('tells a client that has seen the end not to come back', async () => {
    const id = await rented('jenny', 1);

    expect((await get(`/sagas/${id}/events`).set('Last-Event-ID', '4')).status).toBe(204);
  });

  it.each(['x', '-1', '1.5', '1e1'])('begins at the start after %s, an id that it never gave out', async (last) => {
    const id = await rented('jenny', 1);

    const { text } = await get(`/sagas/${id}/events`).set('Last-Event-ID', last);

    expect(eventsIn(text)).toHaveLength(5);
  });
});

describe('POST /ops/sagas/{id}/settlements', () => {
  const bySoojin = { actor: 'soojin', reason: 'points corrected by hand' };
  const settle = (id: string, participant: string) =>
    post(`/ops/sagas/${id}/settlements`, { participant, ...bySoojin });

  it('counts as the participant’s answer, and is part of the story [D4b]', async () => {
    const id = await stuck();

    const { status, body } = await settle(id, 'member');

    expect(status).toBe(200);
    expect(body).toMatchObject({ id, status: 'COMPENSATED' });
    expect(body.steps).toContainEqual({ participant: 'member', state: 'settled', code: bySoojin.reason });
    expect(body.story.at(-2)).toMatchObject({ what: 'settled', participant: 'member', code: bySoojin.reason });
    expect((await get('/rental-cards/jenny')).body.items).toStrictEqual([]);
  });

  it.each([
    ['has answered', stuck, 'book', 'does not wait for book, but for member. Settle that.'],
    [
      'of a saga that is still asking',
      () => (library.participants.holdBack(), begun('jenny', 1)),
      'book',
      'gives up by itself',
    ],
    ['of a saga that has ended', () => rented('jenny', 1), 'book', 'a new return, or with an adjustment'],
  ])(
    'by a participant that %s is refused, and says what to do instead [P3]',
    async (_, prepare, participant, instead) => {
      const id = await prepare();
      const { body: before } = await get(`/sagas/${id}`);

      const { status, body } = await settle(id, participant);

      expect(status).toBe(409);
      expect(body.detail).toContain(instead);
      expect((await get(`/sagas/${id}`)).body).toStrictEqual(before);
    },
  );

  it('needs somebody who did it, and why', async () => {
    const answer = await post(`/ops/sagas/${await stuck()}/settlements`, { participant: 'member' });

    expect(answer.body).toMatchObject({ status: 400, errors: [{ path: 'body.actor' }, { path: 'body.reason' }] });
  });

  it('finds no saga that does not exist [AC-37]', async () => {
    expect(await settle(UNKNOWN, 'member')).toMatchObject(nothing);
  });
});

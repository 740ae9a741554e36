import { randomUUID } from 'node:crypto';
import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import { describeOnServers } from '../on-servers';
import { eventually } from '../over-http';
import { ProcessesUnderTest } from '../processes-under-test';
import { describeWithKcat, readAll, write } from './kcat';
import type { Seen } from './kcat';

jest.setTimeout(120_000);

const JENNY = { id: 'jenny', name: '제니' };
const MINSU = { id: 'minsu', name: '민수' };
const TITLE = '누구를 위하여 종을 울리나?';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

/** The headers that a message needs, and no other. */
const documented = (type: string, saga: string, member: string) => ({
  ce_specversion: '1.0',
  ce_id: `${saga}:${type}`,
  ce_source: '/kcat',
  ce_type: type,
  ce_time: new Date().toISOString(),
  ce_subject: `rental-cards/${member}`,
  'content-type': 'application/json',
  ce_sagaid: saga,
});

describeWithKcat(describeOnServers, 'A foreign client', () => {
  let library: ProcessesUnderTest;
  const topic = (name: string) => `${library.whereabouts.prefix}${name}`;
  const read = (name: string) => readAll(library.whereabouts.brokers, topic(name));
  /** As many as were said: each may come again, and is the same then. */
  const readOnce = async (name: string) => {
    const seen = await read(name);
    return seen.filter(({ headers }, at) => seen.findIndex((one) => one.headers['ce_id'] === headers['ce_id']) === at);
  };
  const say = (name: string, message: Omit<Seen, 'time'>) => write(library.whereabouts.brokers, topic(name), message);
  const resultsOf = async (saga: string) =>
    (await readOnce('rental_result')).filter(({ headers }) => headers['ce_sagaid'] === saga);
  /** What was answered about a saga, and by whom: the ids of the results without the saga's own. */
  const answersOf = async (saga: string) =>
    (await resultsOf(saga)).map(({ headers }) => headers['ce_id']!.slice(saga.length + 1)).toSorted();

  beforeAll(async () => {
    library = await ProcessesUnderTest.start();
    for (const member of [JENNY, MINSU])
      await library.post('/members', { ...member, email: `${member.id}@example.com` });
    const copy = { title: TITLE, author: '한정헌', isbn: '1232141214' };
    const kind = { classification: 'LITERATURE', source: 'SUPPLY', location: 'JEONGJA' };
    for (let copies = 0; copies < 2; copies++) await library.post('/books', { ...copy, ...kind });
  });

  afterAll(() => library?.stop());

  it('reads what the services write: readable keys, headers of text, small JSON, and the time of the event', async () => {
    const rent = { memberName: JENNY.name, item: { no: 1, title: TITLE } };
    const { status } = await library.post('/rental-cards/jenny/rentals', rent, 'library', { Prefer: 'wait=20' });
    const { body: sagas } = await library.get('/sagas?member=jenny');
    const { id: saga, correlationId: correlation } = sagas.items[0];
    const all = (await Promise.all(SAGA_TOPICS.map(read))).flat();
    const about = {
      ce_specversion: '1.0',
      ce_time: TIME,
      ce_subject: 'rental-cards/jenny',
      'content-type': 'application/json',
      ce_sagaid: saga,
      ce_correlationid: correlation,
    };
    const said = { idName: JENNY, item: { no: 1, title: TITLE }, point: 10 };

    expect(status).toBe(201);
    expect(all.filter(({ headers, time }) => Date.parse(headers['ce_time']!) !== time)).toEqual([]);
    expect(await readOnce('rental_rent')).toEqual([
      {
        key: 'jenny',
        time: expect.any(Number),
        headers: {
          ...about,
          ce_id: `${saga}:rent:do`,
          ce_source: '/rental-service',
          ce_type: 'ItemRented',
          ce_causationid: expect.any(String),
          ce_awaits: 'book,member,bestbook',
          ce_expirytime: TIME,
        },
        body: said,
      },
    ]);
    expect(await resultsOf(saga)).toHaveLength(3);
    expect(await resultsOf(saga)).toEqual(
      expect.arrayContaining(
        ['book', 'member', 'bestbook'].map((participant) => ({
          key: 'jenny',
          time: expect.any(Number),
          headers: {
            ...about,
            ce_id: `${saga}:${participant}:do:ok`,
            ce_source: `/${participant}-service`,
            ce_type: 'EventResult',
            ce_causationid: `${saga}:rent:do`,
            ce_participant: participant,
          },
          body: { eventType: 'RENT', ...said, success: true },
        })),
      ),
    );
  });

  it('writes an ItemRented with the documented headers alone, and all take part; and takes it back', async () => {
    const saga = randomUUID();
    const body = { idName: MINSU, item: { no: 2, title: TITLE }, point: 10 };
    const state = async () => ({
      book: (await library.get('/books/2')).body.status,
      points: (await library.get('/members/minsu')).body.points,
      rents: (await library.get('/best-books')).body.filter(({ item }: { item: { no: number } }) => item.no === 2)
        .length,
    });
    const announcement = documented('ItemRented', saga, 'minsu');

    await say('rental_rent', { key: 'minsu', headers: announcement, body });
    await eventually(
      async () => expect(await answersOf(saga)).toEqual(['bestbook:do:ok', 'book:do:ok', 'member:do:ok']),
      20_000,
    );
    const lent = await state();
    const reason = 'limit-reached';
    await say('rental_rent_cancel', {
      key: 'minsu',
      headers: { ...documented('ItemRentCancelled', saga, 'minsu'), ce_announcedtime: announcement.ce_time },
      body: { ...body, reason },
    });
    const undone = ['bestbook:undo:ok', 'book:undo:ok', 'member:undo:ok'];
    await eventually(async () => expect(await answersOf(saga)).toEqual(expect.arrayContaining(undone)), 20_000);

    expect(lent).toEqual({ book: 'UNAVAILABLE', points: 10, rents: 1 });
    expect(await state()).toEqual({ book: 'AVAILABLE', points: 0, rents: 0 });
    expect((await library.get('/health/ready')).status).toBe(200);
  });

  it('hears a refusal with its reason', async () => {
    const saga = randomUUID();
    const body = { idName: MINSU, item: { no: 1, title: TITLE }, point: 10 };
    await say('rental_rent', { key: 'minsu', headers: documented('ItemRented', saga, 'minsu'), body });

    await eventually(
      async () =>
        expect(await resultsOf(saga)).toContainEqual(
          expect.objectContaining({
            key: 'minsu',
            body: { eventType: 'RENT', ...body, success: false, reason: 'book-not-available' },
          }),
        ),
      20_000,
    );
  });

  it('finds what nobody could read beside its topic: the same bytes and key, and why', async () => {
    const headers = documented('ItemRented', randomUUID(), 'minsu');
    await say('rental_rent', { key: 'minsu', headers, body: { idName: MINSU, point: 'ten' } });

    await eventually(
      async () =>
        expect(await read('rental_rent.parked.book-service')).toEqual([
          {
            key: 'minsu',
            time: expect.any(Number),
            headers: {
              ...headers,
              parked_group: 'book-service',
              parked_topic: 'rental_rent',
              parked_partition: expect.stringMatching(/^[0-3]$/),
              parked_offset: expect.stringMatching(/^\d+$/),
              parked_time: TIME,
              parked_reason: 'invalid-body',
              parked_detail: expect.stringContaining('item: '),
              parked_at: TIME,
              parked_count: '1',
            },
            body: { idName: MINSU, point: 'ten' },
          },
        ]),
      20_000,
    );
  });
});

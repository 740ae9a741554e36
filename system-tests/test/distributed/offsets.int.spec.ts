import { SERVICES } from '@library/infra/gateway';
import { Desk } from '../desk';
import { DistributedLibraryUnderTest } from '../distributed-library-under-test';
import { Earplugs } from '../earplugs';
import { describeOnServers } from '../on-servers';
import { eventually } from '../over-http';
import type { Answer } from '../over-http';
import { allIsHeard, HEARD, messagesOf } from '../topics';
import { resetOffsets } from './group-offsets';
import { allHaveEnded, INSISTENT, range } from './insistent';

jest.setTimeout(120_000);

const MEMBERS = range(6).map((at) => `m${at}`);
const TOPICS_OF_BOOK = HEARD.find(([group]) => group === 'book-service')![1];

const TIMING = { ...INSISTENT, pushBackAfterMs: 5_000 };

describeOnServers('what a group has read, on Kafka,', () => {
  let library: DistributedLibraryUnderTest;
  let desk: Desk;
  const plugs = new Earplugs('rental-service');

  beforeAll(async () => {
    plugs.takeOut();
    library = await DistributedLibraryUnderTest.start({ timing: TIMING, between: plugs.between });
    desk = new Desk(library);
    await desk.registerBooks(2 * MEMBERS.length);
    await desk.registerMembers(...MEMBERS);
    await Promise.all(MEMBERS.map((member, at) => desk.rent(member, at + 1)));
    await Promise.all(MEMBERS.slice(0, 3).map((member, at) => desk.return(member, at + 1)));
    await Promise.all(MEMBERS.slice(0, 3).map((member) => desk.rent(member, 6)));
  });
  afterAll(() => library?.stop());

  const points = () => Promise.all(MEMBERS.map((member) => desk.points(member)));
  const cards = () => Promise.all(MEMBERS.map((member) => desk.card(member)));
  const counts = () => Promise.all(MEMBERS.map((_, at) => desk.rentCount(at + 1)));
  const everything = async () => ({ points: await points(), cards: await cards(), counts: await counts() });

  it('H7: may be forgotten: everything comes again, and nothing changes', async () => {
    await allHaveEnded(desk);
    const before = await everything();
    await library.pause();
    for (const [group, topics] of HEARD)
      await resetOffsets(library.whereabouts, library.log, { group, topics, to: 'firsts' });
    await library.begin();
    await allIsHeard(library.log);

    expect(await everything()).toEqual(before);
    const parked = SERVICES.map(async (service) => (await library.get(`/${service}/ops/parked`)).body.items);
    expect((await Promise.all(parked)).flat()).toEqual([]);
    await desk.expectSound();
  });

  it('H8: may be more than it has handled: what was skipped is sent again by its deadline, and done once', async () => {
    const before = await points();
    const [book] = library.instances('book-service');
    await library.remove(book!);
    const rents = await Promise.all(MEMBERS.map((member, at) => desk.rent(member, 7 + at, {})));
    await eventually(async () => expect(await copiesIn('rental_rent', rents)).toBeGreaterThanOrEqual(MEMBERS.length));
    await resetOffsets(library.whereabouts, library.log, { group: 'book-service', topics: TOPICS_OF_BOOK, to: 'ends' });
    await library.add('book-service');
    await library.ready();
    await allHaveEnded(desk);

    const stories = await Promise.all(rents.map(({ body }) => library.get(`/sagas/${body.id}`)));
    expect(stories.map(({ body }) => body.status)).toEqual(MEMBERS.map(() => 'COMPLETED'));
    expect(await points()).toEqual(before.map((balance) => balance + 10));
    await desk.expectSound();
  });

  it('H13: lags far behind: by how much and how long can be asked, no deadline counts for whoever cannot hear, no saga is begun, and it catches up', async () => {
    plugs.putIn();
    const returns = await Promise.all(MEMBERS.map((member, at) => desk.return(member, 7 + at, {})));
    await eventually(async () => {
      const lag = await library.log.backlog('rental-service', ['rental_result']);
      expect(lag.messages).toBeGreaterThanOrEqual(2 * MEMBERS.length);
      expect(lag.oldestMs).toBeGreaterThan(5_000);
    }, 20_000);
    let attempts = 0;
    // Each on a card of its own: what is decided without a saga is answered all the same.
    const rentOfAnother = () => desk.rent(`late-${attempts++}`, 1, {});
    await eventually(async () => expect((await rentOfAnother()).status).toBe(503), 20_000);
    const pushedBack = await rentOfAnother();
    const metrics = await (await fetch(`http://127.0.0.1:${library.port('rental-service')}/metrics`)).text();
    const asked = await copiesIn('rental_return', returns);
    plugs.takeOut();
    await allHaveEnded(desk);
    await eventually(async () => expect((await desk.rent('m1', 12)).status).toBe(201), 20_000);
    await allIsHeard(library.log);

    expect(metrics).toMatch(/^library_sagas_ended_total\{type="RENT",status="COMPLETED"\} [1-9]/m);
    expect(metrics).toMatch(/^library_backlog_oldest_seconds\{group="rental-service"\} ([5-9]|\d\d)/m);
    expect([pushedBack.body.code, pushedBack.headers.get('Retry-After')]).toEqual(['unavailable', '5']);
    expect(returns.map(({ status }) => status)).toEqual(MEMBERS.map(() => 202));
    // Once or twice more, before it shows that nobody hears; else it would be four times by then.
    expect(asked).toBeLessThanOrEqual(3 * MEMBERS.length);
    await desk.expectSound();
  });

  async function copiesIn(topic: string, begun: readonly Answer[]): Promise<number> {
    const sagas = begun.map(({ body }) => body.id);
    return (await messagesOf(library.log, topic)).filter(({ headers }) => sagas.includes(headers['ce_sagaid'])).length;
  }
});

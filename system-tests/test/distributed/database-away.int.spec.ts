import { SERVICES } from '@library/infra/gateway';
import { TcpProxy } from '@library/infra/tcp-proxy';
import { Desk } from '../desk';
import { DistributedLibraryUnderTest } from '../distributed-library-under-test';
import type { Running } from '../distributed-library-under-test';
import { describeOnServers, newWhereabouts } from '../on-servers';
import { eventually } from '../over-http';
import { allHaveEnded, INSISTENT, range } from './insistent';

jest.setTimeout(120_000);

const STORAGE_IS_AWAY = /storage: MongoDB cannot be reached: ./;
const MEMBERS = range(8).map((at) => `m${at}`);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function lineTo(mongoUrl: string): Promise<{ readonly proxy: TcpProxy; readonly url: string }> {
  const [host = '', port = ''] = new URL(mongoUrl).host.split(':');
  const proxy = await TcpProxy.to(host, Number(port));
  return { proxy, url: `mongodb://${proxy.address}/?directConnection=true` };
}

describeOnServers('a library whose database is away or slow', () => {
  const whereabouts = newWhereabouts();
  let library: DistributedLibraryUnderTest;
  let desk: Desk;
  /** Of all services. */
  let line: TcpProxy;
  /** Of one instance of the book service alone. */
  let ownLine: TcpProxy;
  let alone: Running;
  const copiesOf = async (service: string) => (await library.get(`/${service}/ops/parked`)).body.items;

  beforeAll(async () => {
    const common = await lineTo(whereabouts.mongoUrl);
    const own = await lineTo(whereabouts.mongoUrl);
    [line, ownLine] = [common.proxy, own.proxy];
    library = await DistributedLibraryUnderTest.start({
      whereabouts: { ...whereabouts, mongoUrl: common.url },
      timing: INSISTENT,
    });
    alone = await library.add('book-service', { variables: { MONGO_URL: own.url } });
    await library.ready();
    desk = new Desk(library);
    await desk.registerBooks(MEMBERS.length);
    await desk.registerMembers(...MEMBERS);
  });
  afterAll(async () => {
    await library?.stop();
    await Promise.all([line?.close(), ownLine?.close()]);
  });
  afterEach(() => Promise.all([line.restore(), ownLine.restore()]));

  it('I6: says that the database is away, asks to come back, parks nothing, and goes on by itself', async () => {
    const rents = await Promise.all(MEMBERS.map((member, at) => desk.rent(member, at + 1, {})));
    line.cut();
    ownLine.cut();
    const late = desk.return('m1', 1, {});
    await eventually(
      async () => expect((await library.get('/health/ready')).body.detail).toMatch(STORAGE_IS_AWAY),
      10_000,
    );
    const live = await Promise.all(SERVICES.map((service) => library.get(`/${service}/health/live`)));
    const refused = await late;
    await Promise.all([line.restore(), ownLine.restore()]);

    expect(live.map(({ status }) => status)).toEqual(SERVICES.map(() => 200));
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    await allHaveEnded(desk);
    await library.ready();
    const ends = await Promise.all(rents.map(({ body }) => library.get(`/sagas/${body.id}`)));
    expect(ends.map(({ body }) => body.status)).toEqual(MEMBERS.map(() => 'COMPLETED'));
    expect((await Promise.all(SERVICES.map(copiesOf))).flat()).toEqual([]);
    await desk.expectSound();
  });

  it('J11: an instance that sees the brokers and no database holds its share up, and nothing of it happens twice', async () => {
    ownLine.cut();
    const answers = await Promise.all(MEMBERS.map((member, at) => desk.return(member, at + 1, {})));
    await eventually(async () => {
      const { detail } = (await fetch(`${alone.origin}/health/ready`).then((answer) => answer.json())) as {
        readonly detail: string;
      };
      expect(detail).toMatch(STORAGE_IS_AWAY);
    }, 10_000);
    await pause(2_000);
    await ownLine.restore();

    expect(answers.map(({ status }) => status)).toEqual(MEMBERS.map(() => 202));
    await allHaveEnded(desk);
    await library.ready();
    expect(await Promise.all(MEMBERS.map((member) => desk.points(member)))).toEqual(MEMBERS.map(() => 20));
    await desk.expectSound();
  });

  it('I7: gives one book to one member while every word to the database takes its time', async () => {
    line.delay(200);
    ownLine.delay(300);
    const answers = await Promise.all(MEMBERS.map((member) => desk.rent(member, 1, { Prefer: 'wait=30' })));
    await Promise.all([line.restore(), ownLine.restore()]);

    const codes = answers.map(({ status, body }) => body.code ?? status);
    expect(codes.filter((code) => code !== 'book-not-available')).toEqual([201]);
    await allHaveEnded(desk);
    await desk.expectSound();
  });
});

import { canStartServers } from '@library/infra/for-tests';
import { SERVICES } from '@library/infra/gateway';
import { Desk } from '../desk';
import { DistributedLibraryUnderTest } from '../distributed-library-under-test';
import { eventually } from '../over-http';
import { allHaveEnded, INSISTENT, range } from './insistent';
import { OwnBrokers } from './own-brokers';

jest.setTimeout(180_000);

const MEMBERS = range(6).map((at) => `m${at}`);

(canStartServers() ? describe : describe.skip)('a library on three brokers', () => {
  let own: OwnBrokers;
  let library: DistributedLibraryUnderTest;
  let desk: Desk;

  beforeAll(async () => {
    own = await OwnBrokers.start({ brokers: 3 });
    library = await DistributedLibraryUnderTest.start({ whereabouts: own.whereabouts, timing: INSISTENT });
    desk = new Desk(library);
    await desk.registerBooks(MEMBERS.length);
    await desk.registerMembers(...MEMBERS);
  });
  afterAll(async () => {
    try {
      await library?.stop();
    } finally {
      await own?.stop();
    }
  });

  it('H10: does everything once while the coordinators of its groups move from broker to broker', async () => {
    for (const [id, act] of [
      [1, 'rent'],
      [2, 'return'],
    ] as const) {
      const broker = own.kafka.node(id);
      await broker.kill();
      const answers = await Promise.all(MEMBERS.map((member, at) => desk[act](member, at + 1, {})));
      expect(answers.map(({ status }) => status)).toEqual(MEMBERS.map(() => 202));
      await allHaveEnded(desk);
      await broker.restart();
    }

    await library.ready();
    expect(await Promise.all(MEMBERS.map((member) => desk.points(member)))).toEqual(MEMBERS.map(() => 20));
    for (const service of SERVICES) expect((await library.get(`/${service}/ops/parked`)).body.items).toEqual([]);
    await desk.expectSound();
  });

  it('H5: keeps in its outboxes what too few brokers would keep, shows for how long, and publishes it later', async () => {
    const [, ...two] = own.kafka.nodes;
    await Promise.all(two.map((broker) => broker.kill()));
    const answers = await Promise.all(MEMBERS.map((member, at) => desk.rent(member, at + 1, {})));
    await eventually(async () => {
      const { body } = await library.get('/rental-service/ops/outbox');
      expect(body.items.map(({ record }: { record: string }) => record).toSorted()).toEqual(MEMBERS);
      expect(Math.min(...body.items.map(({ waitingMs }: { waitingMs: number }) => waitingMs))).toBeGreaterThan(2_000);
    }, 20_000);
    const inFlight = await desk.sagas('&status=RUNNING');

    expect(answers.map((answer) => answer.status)).toEqual(MEMBERS.map(() => 202));
    expect(inFlight).toHaveLength(MEMBERS.length);

    await Promise.all(two.map((broker) => broker.restart()));
    await allHaveEnded(desk);
    await library.ready();
    expect(await Promise.all(MEMBERS.map((member) => desk.points(member)))).toEqual(MEMBERS.map(() => 30));
    await desk.expectSound();
  });
});

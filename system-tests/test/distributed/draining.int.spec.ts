import { ServiceInstance } from '@library/infra/service-instance';
import { TcpProxy } from '@library/infra/tcp-proxy';
import { variablesOf } from '@library/infra/whereabouts';
import { Desk } from '../desk';
import { DistributedLibraryUnderTest } from '../distributed-library-under-test';
import { describeOnServers } from '../on-servers';
import { eventually } from '../over-http';
import { allHaveEnded, INSISTENT, range } from './insistent';

jest.setTimeout(120_000);

const MEMBERS = range(12).map((at) => `m${at}`);
const BUDGET_S = 2;

describeOnServers('a process that takes too long to stop', () => {
  let library: DistributedLibraryUnderTest;
  let desk: Desk;
  let line: TcpProxy;

  beforeAll(async () => {
    library = await DistributedLibraryUnderTest.start({ timing: INSISTENT });
    desk = new Desk(library);
    const [host = '', port = ''] = new URL(library.whereabouts.mongoUrl).host.split(':');
    line = await TcpProxy.to(host, Number(port));
    await desk.registerBooks(MEMBERS.length);
    await desk.registerMembers(...MEMBERS);
  });
  afterAll(async () => {
    await library?.stop();
    await line?.close();
  });

  it('J7: is out at the end of its budget; others do what it had in hand, and nothing is done twice', async () => {
    const url = `mongodb://${line.address}/?directConnection=true`;
    const slow = await ServiceInstance.start('book-service', {
      environment: {
        ...variablesOf({ ...library.whereabouts, mongoUrl: url }),
        SHUTDOWN_BUDGET: String(BUDGET_S),
        LOG_LEVEL: 'warn',
      },
    });
    await slow.ready();
    line.partition('to-client');
    const answers = await Promise.all(MEMBERS.map((member, at) => desk.rent(member, at + 1, {})));
    // The others are done with theirs; what waits is what it has in hand.
    await eventually(async () => {
      const flying = await desk.sagas('&status=RUNNING');
      expect(flying.length).toBeGreaterThan(0);
      expect(flying.length).toBeLessThan(MEMBERS.length);
    }, 20_000);
    const begun = Date.now();
    const ending = await slow.stop();
    const tookMs = Date.now() - begun;
    await line.restore();

    expect(answers.map(({ status }) => status)).toEqual(MEMBERS.map(() => 202));
    expect(ending).toEqual({ code: 0, signal: null });
    expect(tookMs).toBeLessThan((BUDGET_S + 2) * 1_000);
    expect(slow.said).toMatch(/Not everything was finished within 2 s/);
    await allHaveEnded(desk);
    expect(await Promise.all(MEMBERS.map((member) => desk.points(member)))).toEqual(MEMBERS.map(() => 10));
    await desk.expectSound();
  });
});

import { SERVICES } from '@library/infra/gateway';
import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import { Desk } from '../desk';
import { DistributedLibraryUnderTest } from '../distributed-library-under-test';
import type { Running } from '../distributed-library-under-test';
import { Earplugs } from '../earplugs';
import { HURRIED } from '../library-under-test';
import { describeOnServers } from '../on-servers';
import { eventually } from '../over-http';
import { messagesOf } from '../topics';
import { allHaveEnded, INSISTENT, range } from './insistent';
import { Muzzle } from './muzzle';

jest.setTimeout(120_000);

const MEMBERS = range(12).map((at) => `m${at}`);

async function post(at: Running, path: string, body: object) {
  const answer = await fetch(`${at.origin}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as { readonly id: string } };
}

describeOnServers('several instances of a service', () => {
  let library: DistributedLibraryUnderTest;
  let desk: Desk;
  const ended = (saga: string) =>
    eventually(async () => expect((await library.get(`/sagas/${saga}`)).body.status).toBe('COMPLETED'), 30_000);
  const balances = () => Promise.all(MEMBERS.map((member) => desk.points(member)));

  beforeAll(async () => {
    library = await DistributedLibraryUnderTest.start({ timing: INSISTENT });
    desk = new Desk(library);
    await desk.registerBooks(4 * MEMBERS.length);
    await desk.registerMembers('jenny', ...MEMBERS);
  });
  afterAll(() => library?.stop());
  afterEach(async () => {
    await allHaveEnded(desk);
    await desk.expectSound();
  });

  it('J3: publish one outbox at the same time: only duplicates, in their order', async () => {
    const muzzle = new Muzzle();
    const slow = await library.add('rental-service', { between: muzzle.between });
    await library.ready();
    const sagas: string[] = [];
    for (const no of [1, 2, 3]) {
      const rent = { memberName: 'jenny', item: { no, title: `책 ${no}` } };
      const { status, body } = await post(slow, '/rental-cards/jenny/rentals', rent);
      expect(status).toBe(202);
      sagas.push(body.id);
    }
    await post(library.instances('rental-service')[0]!, '/ops/outbox/publications', {});
    await eventually(
      async () => expect((await desk.sagas('&status=COMPLETED')).map(({ id }) => id)).toHaveLength(3),
      20_000,
    );
    muzzle.takeOff();
    const said = async () =>
      (await messagesOf(library.log, 'rental_rent'))
        .map(({ headers }) => headers['ce_sagaid'])
        .filter((saga) => sagas.includes(saga!));
    await eventually(async () => expect((await said()).length).toBeGreaterThan(sagas.length), 20_000);
    await library.remove(slow);

    expect([...new Set(await said())]).toEqual(sagas);
    expect(await desk.points('jenny')).toBe(30);
    expect((await desk.card('jenny')).counts).toMatchObject({ rented: 3 });
  });

  it('J5: are told apart, though they have one name: one that drains keeps nothing from its successor, and does nothing twice', async () => {
    const before = await balances();
    const plugs = new Earplugs('member-service');
    const [first] = library.instances('member-service');
    const old = await library.add('member-service', { between: plugs.between });
    await library.ready();
    await library.remove(first!);
    const rents = await Promise.all(MEMBERS.map((member, at) => desk.rent(member, 4 + at, {})));
    const drained = library.remove(old);
    await library.add('member-service');
    const more = await Promise.all(MEMBERS.map((member, at) => desk.rent(member, 16 + at, {})));
    plugs.takeOut();
    await drained;
    await library.ready();
    await allHaveEnded(desk);

    expect([...rents, ...more].map(({ status }) => status)).toEqual([...rents, ...more].map(() => 202));
    expect(await balances()).toEqual(before.map((balance) => balance + 20));
  });

  it('J8: come and go, of one service after the other, while everybody rents and returns, and no request fails', async () => {
    const enough = new AbortController();
    const answers: unknown[] = [];
    const work = MEMBERS.map(async (member, at) => {
      while (!enough.signal.aborted) {
        for (const act of ['rent', 'return'] as const) {
          const key = `${member}-${answers.length}`;
          const { status, body } = await desk[act](member, 28 + at, { Prefer: 'wait=30', 'Idempotency-Key': key });
          answers.push(body.code ?? status);
          // Who is asked to stop keeps nobody waiting.
          if (status === 202) await ended(body.id);
        }
      }
    });
    for (const service of ['rental-service', 'book-service'] as const) {
      const [old] = library.instances(service);
      await library.add(service);
      await library.ready();
      await library.remove(old!);
    }
    enough.abort();
    await Promise.all(work);

    expect(answers.filter((answer) => ![200, 201, 202].includes(answer as number))).toEqual([]);
  });

  it('J9: get more partitions while sagas run, and the outcome is the same', async () => {
    const before = await balances();
    const round = (act: 'rent' | 'return') => Promise.all(MEMBERS.map((member, at) => desk[act](member, 28 + at, {})));
    const rents = await round('rent');
    await library.log.createTopics(SAGA_TOPICS, 8);
    const added = await Promise.all(SERVICES.map((service) => library.add(service)));
    await library.ready();
    await allHaveEnded(desk);
    const returns = await round('return');
    await allHaveEnded(desk);

    expect([...rents, ...returns].map(({ status }) => status)).toEqual([...rents, ...returns].map(() => 202));
    expect(await balances()).toEqual(before.map((balance) => balance + 20));
    for (const one of added) await library.remove(one);
  });

  it('J10: may be of another mind about patience: each saga ends once, and no effect is doubled', async () => {
    const hasty = await library.add('rental-service', { timing: HURRIED });
    await library.add('book-service', { timing: HURRIED });
    await library.ready();
    const answers = await Promise.all(MEMBERS.map((member, at) => desk.rent(member, 28 + at, { Prefer: 'wait=30' })));
    await allHaveEnded(desk);
    await library.remove(hasty);

    const codes = answers.map(({ status, body }) => body.code ?? status);
    expect(codes.filter((code) => code !== 201 && code !== 'expired')).toEqual([]);
  });
});

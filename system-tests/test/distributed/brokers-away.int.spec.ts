import { canStartServers } from '@library/infra/for-tests';
import { rentalKind } from '@library/rental-service/application/rental-kind';
import { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import { OUTBOX_LIMIT } from '@library/shared-kernel/outbox/outbox';
import { messageOf } from '@library/shared-kernel/testing/tally';
import { Desk } from '../desk';
import { DistributedLibraryUnderTest } from '../distributed-library-under-test';
import { eventually } from '../over-http';
import { allHaveEnded, INSISTENT, range } from './insistent';
import { OwnBrokers } from './own-brokers';

jest.setTimeout(120_000);

const MEMBERS = range(8).map((at) => `m${at}`);

(canStartServers() ? describe : describe.skip)('a library whose brokers are away', () => {
  let own: OwnBrokers;
  let library: DistributedLibraryUnderTest;
  let desk: Desk;
  const line = () => own.kafka.node(1).proxy;
  const ready = () => library.get('/health/ready');

  beforeAll(async () => {
    own = await OwnBrokers.start({ brokers: 1, proxied: true });
    library = await DistributedLibraryUnderTest.start({ whereabouts: own.whereabouts, timing: INSISTENT });
    desk = new Desk(library);
    await desk.registerBooks(5 * MEMBERS.length);
    await desk.registerMembers(...MEMBERS);
  });
  afterAll(async () => {
    try {
      await library?.stop();
    } finally {
      await own?.stop();
    }
  });
  afterEach(() => line().restore());

  /** Puts as many messages into the outbox of a card as it may hold; resolves with what takes them out again. */
  async function fillOutboxOf(member: string): Promise<() => Promise<void>> {
    const { mongoUrl, database } = library.whereabouts;
    const rental = ServiceDatabase.open(mongoUrl, `${database}_rental`, {
      clock: library.clock,
      allowStandalone: true,
    });
    const cards = rental.records(rentalKind);
    const messages = range(OUTBOX_LIMIT).map((at) => messageOf(`${member} ${at}`));
    await cards.change(member, [], (record) => record.outbox.add(...messages));
    return async () => {
      await cards.change(member, [], (record) => record.outbox.drop(new Set(messages.map(({ id }) => id))));
      await rental.close();
    };
  }

  it('H2: takes rents until the outbox of a card is full, then asks to come back, and loses none of those it took', async () => {
    line().cut();
    const rents = await Promise.all(
      MEMBERS.flatMap((member, at) => range(5).map((no) => desk.rent(member, 5 * at + no, {}))),
    );
    const empty = await fillOutboxOf('m1');
    const refused = await desk.rent('m1', 1, { 'Idempotency-Key': 'one-too-many' });
    await empty();
    const taken = await desk.rent('m1', 1, { 'Idempotency-Key': 'no-more' });

    expect(rents.filter((rent) => rent.status !== 202)).toEqual([]);
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(taken).toMatchObject({ status: 202, body: { id: rents[0]!.body.id } });
    await eventually(async () =>
      expect(await ready()).toMatchObject({
        status: 503,
        body: { detail: expect.stringMatching(/getting on|log cannot/) },
      }),
    );

    await line().restore();
    await allHaveEnded(desk);
    await library.ready();
    expect(await Promise.all(MEMBERS.map(async (member) => (await desk.card(member)).counts.rented))).toEqual(
      MEMBERS.map(() => 5),
    );
    await desk.expectSound();
  });

  it('J11: an instance that sees the database and no broker takes rents, and others carry them on, once each', async () => {
    const blind = await library.add('rental-service', { variables: { KAFKA_BROKERS: '127.0.0.1:1' } });
    const { status, body } = await fetch(`${blind.origin}/rental-cards/m1/returns`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ item: { no: 1 } }),
    }).then(async (answer) => ({ status: answer.status, body: (await answer.json()) as { readonly id: string } }));

    expect(status).toBe(202);
    await eventually(async () => expect((await ready()).body.detail).toMatch(/No broker answers/));
    await allHaveEnded(desk);
    await library.remove(blind);
    expect((await library.get(`/sagas/${body.id}`)).body.status).toBe('COMPLETED');
    expect(await desk.points('m1')).toBe(60);
    await desk.expectSound();
  });
});

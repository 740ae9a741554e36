import { canStartServers } from '@library/infra/for-tests';
import { healthOf } from '@library/infra/gateway';
import { Kafka } from '@library/infra/kafka';
import { MongoServer } from '@library/infra/mongo-server';
import { freePorts } from '@library/infra/ports';
import { ServiceInstance } from '@library/infra/service-instance';
import { variablesOf } from '@library/infra/whereabouts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../../src/time/system-clock';
import { KafkaMessageLog } from '../../src/kafka/message-log.kafka';
import { describeWhere, until } from '../kafka/brokers';

jest.setTimeout(240_000);

interface Published {
  readonly id: string;
  readonly topic: string;
  readonly times: number;
  readonly publishedAt: string;
}

interface Events {
  readonly items: readonly Published[];
  readonly waiting: readonly Omit<Published, 'times' | 'publishedAt'>[];
}

const says = (instance: ServiceInstance, what: RegExp) =>
  until(`it says ${what}`, async () => what.test(await healthOf(instance.origin)), 60_000);
const lives = async (instance: ServiceInstance) => (await fetch(`${instance.origin}/health/live`)).status;

describeWhere(canStartServers(), 'A service process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'service-process-'));
  const running = new Set<ServiceInstance>();
  let kafkaPort: number;
  let mongoPort: number;
  let kafka: Kafka | undefined;
  let mongo: MongoServer | undefined;
  let service: ServiceInstance;

  beforeAll(async () => {
    [kafkaPort = 0, mongoPort = 0] = await freePorts(2);
  });

  afterAll(async () => {
    for (const each of running) await each.kill();
    await kafka?.stop();
    await mongo?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const begin = async (name: 'book-service' | 'rental-service') => {
    const where = {
      brokers: [`127.0.0.1:${kafkaPort}`],
      mongoUrl: `mongodb://127.0.0.1:${mongoPort}`,
      database: 'process_spec',
    };
    const instance = await ServiceInstance.start(name, { environment: { ...variablesOf(where), LOG_LEVEL: 'error' } });
    running.add(instance);
    return instance;
  };
  const ask = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const answer = await fetch(`${service.origin}${path}`, {
      method,
      ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const read: unknown = await answer.json();
    return { status: answer.status, body: read };
  };

  const rent = async (no: number) => {
    const rental = { memberName: '제니', item: { no, title: '누구를 위하여 종을 울리나?' } };
    const { status, body } = await ask('POST', '/rental-cards/jenny/rentals', rental);
    expect(status).toBe(202);
    return (body as { id: string }).id;
  };
  const eventsOf = async (query: string) => (await ask('GET', `/ops/outbox/events?${query}`)).body as Events;

  it('ends in order when it is asked to, while it still waits for everything', async () => {
    const early = await begin('book-service');
    await says(early, /MongoDB cannot be reached/);
    const before = Date.now();

    expect(await early.stop()).toEqual({ code: 0, signal: null });
    expect(Date.now() - before).toBeLessThan(10_000);
  });

  it('waits for MongoDB, then for Kafka, says so, and works once both are there', async () => {
    service = await begin('rental-service');
    await says(service, /service: MongoDB cannot be reached/);
    expect(await lives(service)).toBe(200);

    mongo = await MongoServer.start({ folder, port: mongoPort });
    await says(service, /service: No broker answers/);
    expect(await lives(service)).toBe(200);

    // Whatever goes away again meanwhile is waited for again.
    await mongo.server.pause();
    kafka = await Kafka.start({ folder, port: kafkaPort });
    await says(service, /service: MongoDB cannot be reached/);
    expect(await lives(service)).toBe(200);

    await mongo.server.resume();
    await service.ready();
  });

  it('waits for MongoDB where Kafka is there first', async () => {
    await mongo!.kill();
    const other = await begin('book-service');
    await says(other, /service: MongoDB cannot be reached.* storage: MongoDB was not reached yet/);
    await mongo!.restart();

    await other.ready();
    expect(await other.stop()).toMatchObject({ code: 0 });
    await service.ready();
  });

  it('says that it has lost the brokers, lives on, and goes on when they are back', async () => {
    await kafka!.node(1).kill();
    await says(service, /consumer of rental-service is not getting on|log cannot be reached/);
    expect(await lives(service)).toBe(200);
    await kafka!.node(1).restart();

    await service.ready();
  });

  describe('keeps a record of each event that it publishes', () => {
    let saga: string;

    it('says of each one when it was published, by saga and by topic', async () => {
      saga = await rent(1);
      const another = await rent(2);
      await until('both are published', async () => (await eventsOf('topic=rental_rent')).items.length === 2);

      const [event] = (await eventsOf(`saga=${saga}`)).items;
      expect(event).toMatchObject({ topic: 'rental_rent', type: 'ItemRented', saga, key: 'jenny' });
      // Nobody answers here, so that after two seconds it is sent again.
      expect(event!.times).toBeGreaterThanOrEqual(1);
      expect(Math.abs(Date.now() - Date.parse(event!.publishedAt))).toBeLessThan(60_000);
      expect((await eventsOf('topic=rental_return')).items).toEqual([]);

      const first = (await ask('GET', '/ops/outbox/events?limit=1')).body as Events & { next: string };
      const second = (await ask('GET', `/ops/outbox/events?limit=1&cursor=${first.next}`)).body as Events;
      expect([...first.items, ...second.items].map(({ id }) => id.split(':')[0])).toEqual([another, saga]);
    });

    it('publishes one again as it was', async () => {
      const [event] = (await eventsOf(`saga=${saga}`)).items;
      const again = await ask('POST', `/ops/outbox/events/${encodeURIComponent(event!.id)}/publications`, {});
      expect(again).toMatchObject({ status: 200, body: { id: event!.id, publishedAt: event!.publishedAt } });
      expect((again.body as Published).times).toBeGreaterThan(event!.times);

      const copies = await copiesOf(event!.id);
      expect(copies.length).toBeGreaterThanOrEqual(2);
      expect(copies.every((copy) => copy === copies[0])).toBe(true);
      expect(await ask('POST', '/ops/outbox/events/nobody:rent:do/publications', {})).toMatchObject({ status: 404 });
    });

    it('says of one that the brokers have not taken that it is not published yet', async () => {
      await kafka!.node(1).kill();
      const held = await rent(3);
      await until('it waits', async () => (await eventsOf(`saga=${held}`)).waiting.length === 1);
      expect(await eventsOf(`saga=${held}`)).toMatchObject({
        items: [],
        waiting: [{ id: `${held}:rent:do`, topic: 'rental_rent', record: 'jenny', saga: held }],
      });
      await kafka!.node(1).restart();

      await until('it is published', async () => (await eventsOf(`saga=${held}`)).items.length === 1);
      expect((await eventsOf(`saga=${held}`)).waiting).toEqual([]);
    });
  });

  it('says that it has lost the database, lives on, and goes on when it is back', async () => {
    await mongo!.kill();
    await says(service, /storage: MongoDB cannot be reached/);
    expect(await lives(service)).toBe(200);
    await mongo!.restart();

    await service.ready();
    expect(await service.stop()).toMatchObject({ code: 0 });
  });

  async function copiesOf(id: string): Promise<readonly string[]> {
    const log = new KafkaMessageLog({
      brokers: kafka!.brokers,
      clientId: 'process-spec',
      clock: new SystemClock(),
      random: Math.random,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      onFailure: () => undefined,
    });
    const partitions = (await log.ends('rental_rent')).map((_, partition) =>
      log.read('rental_rent', partition, 0, 100),
    );
    const messages = (await Promise.all(partitions)).flat().filter(({ headers }) => headers['ce_id'] === id);
    await log.close();
    return messages.map(({ value, headers, key, time }) =>
      JSON.stringify([Buffer.from(value ?? []).toString(), headers, key, time]),
    );
  }
});

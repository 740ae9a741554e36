import { kafkaBrokers, mongoUrl } from '@library/infra/for-tests';
import { ServiceInstance } from '@library/infra/service-instance';
import { throwAway, variablesOf } from '@library/infra/whereabouts';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { atTheTerminal } from './at-the-terminal';

const brokers = kafkaBrokers();
const url = mongoUrl();

(brokers && url ? describe : describe.skip)('library outbox, of a service on Kafka and MongoDB', () => {
  const name = `outbox_${randomUUID().slice(0, 8)}`;
  const where = { brokers: brokers ?? [], mongoUrl: url ?? '', database: name, prefix: `${name}.` };
  let service: ServiceInstance | undefined;

  beforeAll(async () => {
    service = await ServiceInstance.start('rental-service', { environment: variablesOf(where) });
    await service.ready();
  });

  afterAll(async () => {
    await service?.stop();
    await throwAway(where);
  });

  const library = (...args: readonly string[]) => atTheTerminal(['outbox', ...args, '--url', service!.origin]);

  it('says when the events of a saga were published, and publishes one again', async () => {
    const rented = await fetch(`${service!.origin}/rental-cards/jenny/rentals`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ memberName: '제니', item: { no: 1, title: '토지' } }),
    });
    const { id: saga } = (await rented.json()) as { id: string };
    const event = `${saga}:rent:do`;
    while ((await library('events', '--saga', saga, '--json')).json.items.length === 0) await pause(50);

    expect((await library('events', '--saga', saga)).out).toMatch(
      new RegExp(`^happened +published +times +topic +event\\n[^\\n]+ rental_rent +${event}\\n$`),
    );
    expect((await library('events', '--topic', 'rental_return')).out).toBe('There are no such events.\n');
    expect(await library('republish', event)).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^Published again to rental_rent: \d+ times in all\.\n$/),
    });
    expect(await library('republish', 'nobody:rent:do')).toMatchObject({ exit: 3 });
  });
});

import { Registry } from 'prom-client';
import { memberId, sagaId } from '../../src/domain/identifiers';
import { MessageRejected } from '../../src/messaging/message-log';
import { DEFAULT_TIMING } from '../../src/saga/timing';
import { relayReports } from '../../src/service/relay-reports';
import type { World } from '../../src/service/world';
import { MemoryBroker, MemoryMessageLog } from '../../src/testing/message-log.memory';
import { MemoryParking } from '../../src/testing/parking.memory';
import { TestClock } from '../../src/testing/test-clock';
import { Calendar } from '../../src/time/calendar';

const MESSAGE = {
  id: 'm1',
  topic: 'rental_rent',
  body: { idName: { id: memberId('jenny'), name: '제니' } },
  time: 1_000,
  saga: sagaId('s'),
  correlation: 'c',
};

describe('What a relay reports', () => {
  const logged: [level: string, fields: object][] = [];
  const clock = new TestClock();
  const broker = new MemoryBroker(clock);
  const parking = new MemoryParking(broker);
  const world: World = {
    clock,
    calendar: new Calendar('Asia/Seoul'),
    timing: DEFAULT_TIMING,
    log: new MemoryMessageLog(broker),
    parking,
    logger: {
      info: (fields) => logged.push(['info', fields]),
      warn: (fields) => logged.push(['warn', fields]),
      error: (fields) => logged.push(['error', fields]),
    },
    metrics: new Registry(),
  };
  const reports = relayReports(world, 'rental-service');
  const refusal = new MessageRejected(0, 'It is too large.');

  beforeEach(() => logged.splice(0));
  afterEach(() => (parking.failing = undefined));

  it('is parked under the name of its service, and logged, when the log refuses it', async () => {
    await reports.rejected(MESSAGE, refusal);

    const [parked] = await parking.list({ group: 'rental-service', limit: 10 });
    expect(parked).toMatchObject({
      reason: 'rejected',
      detail: 'It is too large.',
      message: { topic: 'rental_rent' },
    });
    expect(logged).toEqual([['error', { service: 'rental-service', ce_id: 'm1', topic: 'rental_rent', err: refusal }]]);
  });

  it('is not called parked when it could not be', async () => {
    parking.failing = new Error('The parking is away.');

    await expect(reports.rejected(MESSAGE, refusal)).rejects.toBe(parking.failing);
    expect(logged).toEqual([]);
  });

  it('is a warning when a topic is held up', () => {
    const err = new Error('The broker is down.');
    reports.heldUp('rental_rent', err);

    expect(logged).toEqual([['warn', { service: 'rental-service', topic: 'rental_rent', err }]]);
  });
});

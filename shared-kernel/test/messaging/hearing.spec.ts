import { MemoryBroker } from '@library/shared-kernel/testing/message-log.memory';
import { TestClock } from '@library/shared-kernel/testing/test-clock';
import { Hearing } from '../../src/messaging/hearing';
import type { MessageLog } from '../../src/messaging/message-log';

const GRACE = 10_000;
const LOOK = 500;

describe('Hearing', () => {
  let clock: TestClock;
  let broker: MemoryBroker;
  let hearing: Hearing;

  beforeEach(() => {
    clock = new TestClock();
    broker = new MemoryBroker(clock);
    broker.createTopics(['rental_result'], 1);
    hearing = new Hearing(broker.client(), 'rental-service', ['rental_result'], clock, GRACE);
  });

  async function listenFor(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += LOOK) {
      await clock.advance(LOOK);
      await hearing.listen();
    }
  }

  const result = () =>
    broker.append([{ topic: 'rental_result', key: 'jenny', value: undefined, headers: {}, time: 0 }]);
  const consume = () =>
    broker
      .client()
      .consume({ group: 'rental-service', topics: ['rental_result'], from: 'earliest', batchSize: 10 }, async () => {});

  it('has heard when it could hear without a break for as long as the grace [B6b]', async () => {
    expect(hearing.heard).toBe(false);
    await listenFor(GRACE - LOOK);
    expect(hearing.heard).toBe(false);
    await listenFor(LOOK);

    expect(hearing.heard).toBe(true);
  });

  it('has not heard while the log cannot be reached, nor until the grace has passed after it [B6b]', async () => {
    await listenFor(GRACE);
    broker.down = true;
    await listenFor(LOOK);
    expect(hearing.heard).toBe(false);
    await listenFor(60_000);
    broker.down = false;
    await listenFor(GRACE - LOOK);
    expect(hearing.heard).toBe(false);
    await listenFor(2 * LOOK);

    expect(hearing.heard).toBe(true);
  });

  it('has not heard while its own results lag, nor until the grace has passed after it [B6b]', async () => {
    await listenFor(GRACE);
    result();
    await listenFor(LOOK);
    expect(hearing.heard).toBe(true);
    await listenFor(LOOK);
    expect(hearing.heard).toBe(false);

    await consume();
    await listenFor(GRACE);
    expect(hearing.heard).toBe(true);
  });

  it('has not heard what came while the process slept [J2 N2 O12]', async () => {
    await listenFor(GRACE);
    await clock.advance(8 * 60 * 60_000);
    await hearing.listen();
    expect(hearing.heard).toBe(false);
    await listenFor(GRACE);

    expect(hearing.heard).toBe(true);
  });

  it.each([-3_600_000, 3_600_000])(
    'has not heard when its clock was moved by %d ms, and strands nothing [K2 K3]',
    async (jump) => {
      await listenFor(GRACE);
      clock.jump(jump);
      expect(hearing.heard).toBe(jump > 0);
      await hearing.listen();
      expect(hearing.heard).toBe(false);
      await listenFor(GRACE);

      expect(hearing.heard).toBe(true);
    },
  );

  it('knows how long answers have waited, and that it does not know while the log cannot be reached [H13 H2]', async () => {
    result();
    await listenFor(40_000);
    expect(hearing.behindMs).toBe(40_000);
    broker.down = true;
    await hearing.listen();
    expect(hearing.behindMs).toBe(0);
    broker.down = false;
    await consume();
    await listenFor(2 * LOOK);

    expect(hearing.behindMs).toBe(0);
  });

  it('passes on what it does not recognise', async () => {
    const bug = new TypeError('no');
    const log: Partial<MessageLog> = { reachable: true, backlog: () => Promise.reject(bug) };

    await expect(new Hearing(log as MessageLog, 'g', [], clock, GRACE).listen()).rejects.toBe(bug);
  });
});

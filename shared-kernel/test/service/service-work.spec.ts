import { Registry } from 'prom-client';
import { MemoryLeaseBoard } from '@library/shared-kernel/testing/lease.memory';
import { MemoryBroker, MemoryMessageLog } from '@library/shared-kernel/testing/message-log.memory';
import { MemoryParking } from '@library/shared-kernel/testing/parking.memory';
import { MemoryStore } from '@library/shared-kernel/testing/records.memory';
import { tallies } from '@library/shared-kernel/testing/tally';
import { TestClock } from '@library/shared-kernel/testing/test-clock';
import { Relay } from '../../src/outbox/relay';
import { DEFAULT_TIMING } from '../../src/saga/timing';
import { ServiceWork, type Job } from '../../src/service/service-work';
import type { World } from '../../src/service/world';
import type { Leases } from '../../src/store/lease';
import { Calendar } from '../../src/time/calendar';

const EVERY_MS = 1_000;

describe('A job of a service', () => {
  let clock: TestClock;
  let broker: MemoryBroker;
  let board: MemoryLeaseBoard;
  /** Which process has done it. */
  let done: string[];
  let warnings: unknown[];

  beforeEach(() => {
    clock = new TestClock();
    broker = new MemoryBroker(clock);
    broker.createTopics(['rental_rent'], 1);
    board = new MemoryLeaseBoard(() => clock.now());
    done = [];
    warnings = [];
  });

  /** Starts a process, and answers with what stops it. */
  async function start(
    name: string,
    leases: Leases = board.open(),
    job: Partial<Job> = {},
  ): Promise<() => Promise<void>> {
    const log = new MemoryMessageLog(broker);
    const world: World = {
      clock,
      calendar: new Calendar('Asia/Seoul'),
      timing: DEFAULT_TIMING,
      log,
      parking: new MemoryParking(broker),
      leases,
      logger: { info: () => undefined, warn: (fields) => void warnings.push(fields), error: () => undefined },
      metrics: new Registry(),
    };
    const reports = { rejected: async () => undefined, heldUp: () => undefined };
    const relay = new Relay(new MemoryStore(tallies, clock).open(), log, clock, reports);
    const work = new ServiceWork(world, {
      group: 'rental-service',
      topics: ['rental_rent'],
      relay,
      react: () => 'ignored' as never,
      jobs: [{ name: 'look', everyMs: EVERY_MS, run: async () => void done.push(name), ...job }],
    });
    return work.start();
  }

  it('is done by one of several processes', async () => {
    const stops = [await start('one'), await start('other')];
    await clock.advance(3 * EVERY_MS);

    expect(done).toEqual(['one', 'one', 'one']);
    await Promise.all(stops.map((stop) => stop()));
  });

  it('is done by each of them when each must know [H13]', async () => {
    const stops = [
      await start('one', board.open(), { everywhere: true }),
      await start('other', board.open(), { everywhere: true }),
    ];
    await clock.advance(2 * EVERY_MS);

    expect(done.toSorted()).toEqual(['one', 'one', 'other', 'other']);
    await Promise.all(stops.map((stop) => stop()));
  });

  it('is done by another one as soon as its process has stopped', async () => {
    const stopOne = await start('one');
    const stopOther = await start('other');
    await clock.advance(EVERY_MS);
    await stopOne();
    await clock.advance(EVERY_MS);

    expect(done).toEqual(['one', 'other']);
    await stopOther();
  });

  it('does not keep its process from stopping when the lease cannot be given up', async () => {
    const stop = await start('one', {
      take: () => Promise.resolve(true),
      giveUp: () => Promise.reject(new Error('The database is away.')),
    });
    await stop();

    expect(warnings).toHaveLength(2);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { itemRentCancelledContract, itemRentedContract } from '@library/shared-kernel/contracts/events';
import { SAGA_TOPICS } from '@library/shared-kernel/contracts/topics';
import { bookNo, memberId, sagaId } from '@library/shared-kernel/domain/identifiers';
import { ServiceFile } from '@library/shared-kernel/embedded/service-file';
import { toPublication } from '@library/shared-kernel/messaging/cloud-event';
import { DEFAULT_TIMING } from '@library/shared-kernel/saga/timing';
import { MemoryBroker } from '@library/shared-kernel/testing/message-log.memory';
import { MemoryParking } from '@library/shared-kernel/testing/parking.memory';
import { Calendar } from '@library/shared-kernel/time/calendar';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { Registry } from 'prom-client';
import { embeddedBestBookStores } from '../src/adapters/out/embedded/best-book-stores.embedded';
import { wireBestBook } from '../src/composition-root';

const clock = new SystemClock();
const topics = [itemRentedContract.topic, itemRentCancelledContract.topic];
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

function rented(saga: string) {
  const now = clock.now();
  return toPublication({
    id: `${saga}:rental:do`,
    topic: itemRentedContract.topic,
    body: { idName: { id: memberId('jenny'), name: '제니' }, item: { no: bookNo(1), title: 'one' }, point: 10 },
    time: now,
    saga: sagaId(saga),
    correlation: 'a-request',
    expires: now + DEFAULT_TIMING.expiresAfterMs,
  });
}

describe('The best-book service after its store came back from a backup', () => {
  let folder: string;
  let file: ServiceFile;
  let broker: MemoryBroker;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bestbook-service-'));
    file = ServiceFile.open(join(folder, 'bestbook.sqlite'), clock);
    broker = new MemoryBroker(clock);
    broker.createTopics(SAGA_TOPICS, 4);
  });

  afterEach(async () => {
    await file.close();
    rmSync(folder, { recursive: true });
  });

  const nothingWaits = async (group: string) => {
    while ((await broker.client().backlog(group, topics)).messages > 0) await pause(5);
  };

  it('rebuilds from the first rent on, though the group of a rebuild that is forgotten has read them [I14]', async () => {
    const log = broker.client();
    await log.publish(['a', 'b', 'c'].map(rented));
    const forgotten = { group: 'bestbook-service.2', topics, from: 'earliest', batchSize: 10 } as const;
    const consumption = await log.consume(forgotten, () => Promise.resolve());
    await nothingWaits(forgotten.group);
    await consumption.stop();

    const { useCases, work } = wireBestBook(
      {
        clock,
        calendar: new Calendar('Asia/Seoul'),
        timing: DEFAULT_TIMING,
        log,
        parking: new MemoryParking(broker),
        logger: silent,
        metrics: new Registry(),
      },
      embeddedBestBookStores(file),
    );
    const stop = await work.start();
    await nothingWaits('bestbook-service');
    expect(await useCases.bestBooks.execute(1)).toMatchObject([{ rentCount: 3 }]);

    await useCases.ranking.rebuild();

    expect(await useCases.bestBooks.execute(1)).toMatchObject([{ rentCount: 3 }]);
    await stop();
  });
});

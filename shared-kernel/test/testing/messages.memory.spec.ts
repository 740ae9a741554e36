import { MemoryBroker } from '@library/shared-kernel/testing/message-log.memory';
import { describeMessageLog } from '@library/shared-kernel/testing/message-log.contract';
import { describeParking } from '@library/shared-kernel/testing/parking.contract';
import { MemoryParking } from '@library/shared-kernel/testing/parking.memory';
import { SystemClock } from '../../src/time/system-clock';

describeMessageLog('MemoryMessageLog', async () => {
  const broker = new MemoryBroker(new SystemClock());
  let log = broker.client();
  return {
    log,
    createTopics: async (names, partitions) => broker.createTopics(names, partitions),
    restart: async () => {
      await log.close();
      return (log = broker.client());
    },
    kill: async () => {
      log.kill();
      return (log = broker.client());
    },
    close: () => log.close(),
  };
});

describeParking('MemoryParking', async () => {
  const broker = new MemoryBroker(new SystemClock());
  const parking = new MemoryParking(broker);
  return {
    parking,
    log: broker.client(),
    restart: async () => ({ parking, log: broker.client() }),
    close: async () => {},
  };
});

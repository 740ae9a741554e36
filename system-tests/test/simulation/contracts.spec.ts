import { MemoryBroker } from '@library/shared-kernel/testing/message-log.memory';
import { describeMessageLog } from '@library/shared-kernel/testing/message-log.contract';
import { describeRecords } from '@library/shared-kernel/testing/records.contract';
import { tallies } from '@library/shared-kernel/testing/tally';
import { SystemClock } from '@library/shared-kernel/time/system-clock';
import { Random } from '../../src/simulation/random';
import { Mortal } from '../../src/simulation/world/mortal';
import { ProcessLog } from '../../src/simulation/world/process-log';
import { processRecords } from '../../src/simulation/world/process-records';
import { SimulatedStore } from '../../src/simulation/world/simulated-store';

/** A process that nothing happens to. */
const carefree = () =>
  new Mortal(
    'book',
    new SystemClock(),
    { at: () => undefined },
    { chance: () => false, below: () => 0 },
    () => undefined,
  );

describeRecords('simulated', async (clock) => {
  const store = new SimulatedStore(tallies, clock, new Random('archive'), () => undefined);
  return {
    records: () => processRecords(store, carefree(), () => false),
    archive: store.archive,
    stored: async (id) => {
      const found = store.get(id);
      if (!found) return undefined;
      const columns = Object.keys(tallies.columns ?? {}).map((name) => [name, found.columns[name] ?? null]);
      return { version: found.version, columns: Object.fromEntries(columns) };
    },
    close: async () => {},
  };
});

describeMessageLog('simulated', async () => {
  const broker = new MemoryBroker(new SystemClock());
  const witness = { publishes: () => undefined, handled: () => undefined };
  const open = () => {
    const process = carefree();
    return { process, log: new ProcessLog(broker, process, witness) };
  };
  let living = open();
  const next = () => {
    living = open();
    return living.log;
  };
  return {
    log: living.log,
    createTopics: async (names, partitions) => broker.createTopics(names, partitions),
    restart: async () => {
      await living.log.close();
      return next();
    },
    kill: async () => {
      living.process.die();
      living.log.die();
      return next();
    },
    close: () => living.log.close(),
  };
});

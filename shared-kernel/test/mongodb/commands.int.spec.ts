import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MessageLog } from '../../src/messaging/message-log';
import { describeArchive } from '../../src/testing/archive.contract';
import { Databases, describeWithMongo } from '../../src/testing/mongo-databases';
import { describeNumbers } from '../../src/testing/numbers.contract';
import { describeParking } from '../../src/testing/parking.contract';
import { MemoryBroker } from '../../src/testing/message-log.memory';
import { describeRecords } from '../../src/testing/records.contract';
import { tallies } from '../../src/testing/tally';
import type { Clock } from '../../src/time/clock';
import { SystemClock } from '../../src/time/system-clock';
import type { ServiceDatabase } from '../../src/mongodb/service-database';

/** What the page names in its two tables: `` | `name` | … ``. */
const DOCUMENTED = new Set(
  [...readFileSync(join(__dirname, '../../../docs/mongodb.md'), 'utf8').matchAll(/^\| `([^`]+)` +\|/gmu)].map(
    ([, name]) => name,
  ),
);

/** Fields of a command whose values are stored, not interpreted: there an operator would be a text like any other. */
const STORED = new Set(['documents', '$db', '$clusterTime', 'lsid']);

const seen = new Set<string>();

function noteOperators(value: unknown): void {
  if (Array.isArray(value)) for (const each of value) noteOperators(each);
  else if (typeof value === 'object' && value !== null && !('_bsontype' in value)) {
    const fields = Object.entries(value);
    const isReplacement = 'u' in value && 'q' in value && !startsWithOperator(value.u);
    for (const [field, inner] of fields) {
      if (STORED.has(field) || (isReplacement && field === 'u')) continue;
      if (field.startsWith('$')) seen.add(field);
      noteOperators(inner);
    }
  }
}

function startsWithOperator(update: unknown): boolean {
  return Object.keys(update as object).some((field) => field.startsWith('$'));
}

function observed(databases: Databases, clock: Clock = new SystemClock()): ServiceDatabase {
  const database = databases.open({ clock, driver: { monitorCommands: true } });
  database.client.on('commandStarted', ({ commandName, command }) => {
    seen.add(commandName);
    for (const needless of ['startTransaction', 'autocommit', 'txnNumber']) if (needless in command) seen.add(needless);
    noteOperators(command);
  });
  return database;
}

describeWithMongo('What MongoDB is asked for', (url) => {
  describeRecords('MongoDB, observed', async (clock) => {
    const databases = new Databases(url);
    const database = observed(databases, clock);
    await database.start();
    return {
      records: () => database.records(tallies),
      archive: database.archive,
      stored: async (id) => {
        const found = await database
          .collection<{ readonly _id: string; version: number; count: number; colour?: string }>(tallies.name)
          .findOne({ _id: id });
        return found
          ? { version: found.version, columns: { count: found.count, colour: found.colour ?? null } }
          : undefined;
      },
      close: () => databases.remove(),
    };
  });

  describeArchive('MongoDB, observed', async () => {
    const databases = new Databases(url);
    const database = observed(databases);
    const records = database.records(tallies);
    await database.start();
    return {
      archive: database.archive,
      put: async (record, documents) => {
        await records.change(record, [], (tally) => tally.outbox.archive(...documents));
        await records.findWaiting(Infinity, 10);
      },
      close: () => databases.remove(),
    };
  });

  describeNumbers('MongoDB, observed', async () => {
    const databases = new Databases(url);
    const database = observed(databases);
    await database.start();
    return { numbers: () => database.numbers('tallies'), close: () => databases.remove() };
  });

  describeParking('MongoDB, observed', async () => {
    const databases = new Databases(url);
    const broker = new MemoryBroker(new SystemClock());
    const log: MessageLog = broker.client();
    const opened = async () => {
      const database = observed(databases);
      const parking = database.parking({
        publish: async (messages) => {
          for (const { topic } of messages) broker.createTopics([topic], 1);
          await log.publish(messages);
        },
      });
      await database.start();
      return { parking, log };
    };
    return { ...(await opened()), restart: opened, close: () => databases.remove() };
  });

  // The last of this file, so that all of the above has been seen.
  it('is on the page about MongoDB, command by command and operator by operator', () => {
    expect([...seen].filter((name) => !DOCUMENTED.has(name)).toSorted()).toEqual([]);
    expect(seen.size).toBeGreaterThan(10);
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import type { MongoRecords } from '../../src/mongodb/records.mongo';
import { Databases, describeWithMongo } from '../../src/testing/mongo-databases';
import { tallies } from '../../src/testing/tally';
import type { Tally } from '../../src/testing/tally';
import { SystemClock } from '../../src/time/system-clock';
import { until } from './until';

/** Shorter than what is moved waits for company. */
const SOON_MS = 50;
/** Longer than what is moved waits for company, and shorter than until it is dropped. */
const MOVED_MS = 500;

describeWithMongo('What moves out of records', (url) => {
  let databases: Databases;
  let records: MongoRecords<Tally>;
  /** The commands that were sent, such as `insert tallies_entries`. */
  let commands: string[];
  /** The names of those that were done. */
  let answered: string[];
  /** As many records each `update` wrote. */
  let updated: number[];

  beforeEach(async () => {
    databases = new Databases(url);
    const database = databases.open({ clock: new SystemClock(), driver: { monitorCommands: true } });
    records = database.records(tallies);
    await database.start();
    [commands, answered, updated] = [[], [], []];
    database.client.on('commandSucceeded', ({ commandName }) => answered.push(commandName));
    database.client.on('commandStarted', ({ commandName, command }) => {
      commands.push(`${commandName} ${String(command[commandName])}`);
      if (commandName === 'update') updated.push((command['updates'] as unknown[]).length);
    });
  });

  afterEach(() => databases.remove());

  const leave = (id: string, key: string) =>
    records.change(id, [key], (tally) => {
      tally.entries.set(key, 'value');
      return tally.add();
    });
  const sent = (which: string) => commands.filter((command) => command === which).length;

  it('moves together, whichever records it comes from', async () => {
    for (let n = 0; n < 20; n++) await leave(`tally ${n}`, 'key');
    await pause(MOVED_MS);

    expect(sent('insert tallies_entries')).toBeLessThan(10);
    expect((await records.read('tally 19', ['key']))?.entries.get('key')).toBe('value');
  });

  it('does not wait for company when there is much of it', async () => {
    await Promise.all(Array.from({ length: 60 }, (_, each) => leave('a', `key ${each}`)));
    await pause(SOON_MS);

    expect(sent('insert tallies_entries')).toBe(1);
  });

  it('has moved when the records are closed', async () => {
    await leave('a', 'key');
    await records.close();

    expect(sent('insert tallies_entries')).toBe(1);
  });

  it('leaves records behind that need not be read again to be changed', async () => {
    await leave('a', 'key');
    await until('what has moved is dropped', () => answered.includes('update'));
    expect(sent('update tallies')).toBe(1);
    commands = [];

    expect(await leave('a', 'another key')).toBe(2);
    expect(sent('find tallies')).toBe(0);
    expect((await records.read('a', ['key']))?.entries.get('key')).toBe('value');
  });

  it('is dropped from many records in several writes, none of which is giant [I8]', async () => {
    await Promise.all(Array.from({ length: 1_200 }, (_, each) => leave(`tally ${each}`, 'key')));
    const written = () => updated.reduce((sum, size) => sum + size, 0);
    await until('it is dropped from all', () => written() >= 1_200);

    expect(written()).toBe(1_200);
    expect(Math.max(...updated)).toBeLessThanOrEqual(500);
  });
});

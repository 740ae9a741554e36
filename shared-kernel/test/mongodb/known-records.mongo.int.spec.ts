import type { MongoRecords } from '../../src/mongodb/records.mongo';
import { Databases, describeWithMongo } from '../../src/testing/mongo-databases';
import { tallies } from '../../src/testing/tally';
import type { Tally } from '../../src/testing/tally';
import { SystemClock } from '../../src/time/system-clock';

const clock = new SystemClock();
const add = (tally: Tally) => tally.add();
const look = (tally: Tally) => tally.count;
const becomeThree = (tally: Tally) => {
  if (tally.add() !== 3) throw new Error(`It would be ${tally.count}.`);
  return tally.count;
};

describeWithMongo('Records that a process knows', (url) => {
  let databases: Databases;
  let records: MongoRecords<Tally>;
  /** As another process has them. */
  let others: MongoRecords<Tally>;
  let reads: number;

  beforeEach(async () => {
    databases = new Databases(url);
    const observed = databases.open({ clock, driver: { monitorCommands: true } });
    const other = databases.open({ clock });
    records = observed.records(tallies);
    others = other.records(tallies);
    await Promise.all([observed.start(), other.start()]);
    reads = 0;
    observed.client.on('commandStarted', ({ command }) => {
      if (command['find'] === 'tallies') reads++;
    });
  });

  afterEach(() => databases.remove());

  it('are not read again to be changed', async () => {
    for (let change = 1; change <= 20; change++) expect(await records.change('a', [], add)).toBe(change);

    expect(reads).toBe(1);
  });

  it('are changed as they are, whoever has changed them meanwhile', async () => {
    await records.change('a', [], add);
    await others.change('a', [], add);

    expect(await records.change('a', [], add)).toBe(3);
    expect(await others.change('a', [], add)).toBe(4);
  });

  it('are looked at as they are when nothing is to be changed', async () => {
    await records.change('a', [], add);
    await others.change('a', [], add);

    expect(await records.change('a', [], look)).toBe(2);
    expect(await records.change('a', [], look)).toBe(2);
  });

  it('do not make a decision throw for what is not so any more', async () => {
    await records.change('a', [], add);
    await others.change('a', [], add);

    expect(await records.change('a', [], becomeThree)).toBe(3);
    await expect(records.change('a', [], becomeThree)).rejects.toThrow('It would be 4.');
  });
});

import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServiceFile } from '../../src/embedded/service-file';
import { describeArchive } from '../../src/testing/archive.contract';
import { describeNumbers } from '../../src/testing/numbers.contract';
import { describeRecords } from '../../src/testing/records.contract';
import { messageOf, tallies } from '../../src/testing/tally';
import type { Tally } from '../../src/testing/tally';
import type { Clock } from '../../src/time/clock';
import { dataFolder, killedCopyOf, removeDataFolders } from './data-folder';

const CLOCK: Clock = { now: () => 1_000, after: () => () => undefined };

const open = (folder: string, clock = CLOCK) => ServiceFile.open(join(folder, 'tally.db'), clock);

const openRecords = (cached: number) => async (clock: Clock) => {
  const file = open(dataFolder(), clock);
  const records = file.records(tallies, { cached });
  const select = file.statement<{ version: number; count: number; colour: string | null }>(
    'SELECT version, count, colour FROM tallies WHERE id = ?',
  );
  return {
    records: () => records,
    archive: file.archive,
    stored: async (id: string) => {
      const [row] = select.all(id);
      return row && { version: row.version, columns: { count: row.count, colour: row.colour } };
    },
    close: async () => file.close(),
  };
};

afterAll(removeDataFolders);

describeRecords('embedded', openRecords(10_000));
describeRecords('embedded, remembering next to nothing', openRecords(2));

describeArchive('embedded', async () => {
  const file = open(dataFolder());
  const records = file.records(tallies);
  return {
    archive: file.archive,
    put: (record, documents) => records.change(record, [], (tally) => tally.outbox.archive(...documents)),
    close: async () => file.close(),
  };
});

describeNumbers('embedded', async () => {
  const file = open(dataFolder());
  const numbers = file.numbers('tallies');
  return { numbers: () => numbers, close: async () => file.close() };
});

import type { RecordDocument } from '@library/shared-kernel/mongodb/record-document';
import { ServiceDatabase } from '@library/shared-kernel/mongodb/service-database';
import { Desk } from '../desk';
import { DistributedLibraryUnderTest } from '../distributed-library-under-test';
import { describeOnServers } from '../on-servers';
import { eventually } from '../over-http';
import { allHaveEnded } from './insistent';

jest.setTimeout(120_000);

/** More than the commits that a record remembers. */
const ROUNDS = 34;

/** Where the record of each service is that takes part in all that happens here. */
const RECORDS = [
  ['rental', 'rental_cards', 'jenny'],
  ['book', 'books', '1'],
  ['member', 'members', 'jenny'],
  ['bestbook', 'rent_counts_1', '1'],
] as const;

describeOnServers('a record on which very much happens', () => {
  let library: DistributedLibraryUnderTest;
  let desk: Desk;

  beforeAll(async () => {
    library = await DistributedLibraryUnderTest.start();
    desk = new Desk(library);
    await desk.registerBooks(1);
    await desk.registerMembers('jenny');
  });
  afterAll(() => library?.stop());

  /** How large the documents are, once what has finished has left them. */
  async function sizes(): Promise<Readonly<Record<string, number>>> {
    await allHaveEnded(desk);
    const { mongoUrl, database } = library.whereabouts;
    const found = RECORDS.map(async ([service, collection, id]) => {
      const own = ServiceDatabase.open(mongoUrl, `${database}_${service}`, { clock: library.clock });
      try {
        return await eventually(async () => {
          const document = await own.collection<RecordDocument>(collection).findOne({ _id: id });
          expect(document).not.toBeNull();
          for (const field of ['waiting', 'leaving', 'entries']) expect(document).not.toHaveProperty(field);
          return [service, JSON.stringify(document).length] as const;
        }, 20_000);
      } finally {
        await own.close();
      }
    });
    return Object.fromEntries(await Promise.all(found));
  }

  async function rentAndReturn(times: number): Promise<void> {
    for (let round = 0; round < times; round++) {
      expect((await desk.rent('jenny', 1)).status).toBe(201);
      expect((await desk.return('jenny', 1)).status).toBe(200);
    }
  }

  it('I13: stays as small as it was', async () => {
    await rentAndReturn(ROUNDS);
    const early = await sizes();
    await rentAndReturn(ROUNDS);
    const late = await sizes();

    for (const [service] of RECORDS) expect(late[service]).toBeLessThan(early[service]! + 100);
    expect(await desk.points('jenny')).toBe(20 * 2 * ROUNDS);
    expect(await desk.rentCount(1)).toBe(2 * ROUNDS);
    await desk.expectSound();
  });
});

import assert from 'node:assert/strict';
import { Desk } from '../desk';
import { DistributedLibraryUnderTest } from '../distributed-library-under-test';
import { describeOnServers } from '../on-servers';
import { eventually } from '../over-http';
import { DatabaseCopy } from './database-copy';
import { allHaveEnded, INSISTENT } from './insistent';

jest.setTimeout(120_000);

const inOrder = (one: string, other: string) => (one < other ? -1 : Number(one > other));

/** As docs/runbooks/restore-mongodb.md tells it. */
describeOnServers('I14: databases that come back from a backup, while the topics have gone on', () => {
  let library: DistributedLibraryUnderTest;
  let desk: Desk;
  let backup: DatabaseCopy;
  let underWay: string;
  /** What was acknowledged after the backup. */
  let lost: readonly string[];

  const ids = async () => (await desk.sagas()).map(({ id }) => id);

  beforeAll(async () => {
    library = await DistributedLibraryUnderTest.start({ timing: INSISTENT });
    desk = new Desk(library);
    await desk.registerBooks(4);
    await desk.registerMembers('m1', 'm2', 'm3', 'm4');
    for (const no of [1, 2]) await desk.rent(`m${no}`, no);

    // One saga is under way at the moment of the backup: the book service does not hear of it.
    await library.remove(library.instances('book-service')[0]!);
    underWay = (await desk.rent('m3', 3, {})).body.id;
    await eventually(async () => assert.equal(await desk.points('m3'), 10));
    const kept = await ids();
    await library.pause();
    backup = await DatabaseCopy.take(library.whereabouts);

    await library.begin();
    await desk.rent('m4', 4);
    await desk.return('m1', 1);
    await allHaveEnded(desk);
    lost = (await ids()).filter((id) => !kept.includes(id));
    await library.pause();
  });
  afterAll(() => library?.stop());

  it('are named by verify, book by book, where one is older than the others', async () => {
    await backup.putBack(['book']);
    const unsound = await library.unsound();

    for (const no of [1, 3, 4])
      expect(unsound).toContainEqual(expect.stringMatching(new RegExp(`book ${no}\\b`, 'iu')));
    expect(unsound).not.toContainEqual(expect.stringMatching(/book 2\b/iu));
  });

  it('agree when all are of one moment: what was under way then goes on, and verify names what came later and is lost', async () => {
    await backup.putBack();
    await library.begin();
    await allHaveEnded(desk);

    expect((await library.get(`/sagas/${underWay}`)).body.status).toBe('COMPLETED');
    expect((await desk.card('m1')).counts.rented).toBe(1);
    expect((await desk.book(4)).status).toBe('AVAILABLE');
    expect([await desk.points('m1'), await desk.points('m3'), await desk.points('m4')]).toEqual([10, 10, 0]);
    expect(lost).toHaveLength(2);
    const named = lost.map((saga) => `There are messages of saga ${saga}, which nobody knows.`);
    expect((await library.unsound()).toSorted(inOrder)).toEqual(named.toSorted(inOrder));
  });

  it('are worked on as before', async () => {
    expect((await desk.rent('m4', 4)).status).toBe(201);
    expect((await desk.return('m1', 1)).status).toBe(200);
    await allHaveEnded(desk);

    expect(await library.unsound()).toHaveLength(lost.length);
  });
});

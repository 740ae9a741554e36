import { Desk } from '../desk';
import { DistributedLibraryUnderTest } from '../distributed-library-under-test';
import { describeOnServers } from '../on-servers';
import { allHaveEnded, range } from './insistent';

jest.setTimeout(120_000);

const MEMBERS = range(60).map((at) => `m${at}`);

describeOnServers('one book that everybody wants, with two instances of each service', () => {
  let library: DistributedLibraryUnderTest;
  let desk: Desk;

  beforeAll(async () => {
    library = await DistributedLibraryUnderTest.start({ instances: 2 });
    desk = new Desk(library);
    await desk.registerBooks(1);
    await desk.registerMembers(...MEMBERS);
  });
  afterAll(() => library?.stop());

  it('I4: is lent to exactly one of them, round after round, and nobody meets an error', async () => {
    for (const round of range(2)) {
      const answers = await Promise.all(MEMBERS.map((member) => desk.rent(member, 1, { Prefer: 'wait=30' })));
      const winner = answers.findIndex(({ status }) => status === 201);
      const codes = answers.map(({ status, body }) => body.code ?? status);
      expect(codes.filter((code) => code !== 'book-not-available')).toEqual([201]);
      await allHaveEnded(desk);
      expect(await desk.rentCount(1)).toBe(round);
      expect((await desk.return(MEMBERS[winner]!, 1)).status).toBe(200);
    }
    await desk.expectSound();
  });

  it('I4: is withdrawn or lent while librarians withdraw it beside the storm, and nobody meets an error', async () => {
    const answers = await Promise.all([
      ...MEMBERS.map((member) => desk.rent(member, 1, { Prefer: 'wait=30' })),
      ...range(10).map(() => library.put('/books/1/withdrawal')),
    ]);

    expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
    await allHaveEnded(desk);
    const cards = await Promise.all(MEMBERS.map((member) => desk.card(member)));
    const holders = MEMBERS.filter((_, at) => cards[at].items.length > 0);
    const { status } = await desk.book(1);
    expect([holders.length, status]).toEqual(holders.length === 0 ? [0, 'WITHDRAWN'] : [1, 'UNAVAILABLE']);
    const told = MEMBERS.filter((_, at) => answers[at]?.status === 201);
    // Whoever has it may have stopped waiting before it was theirs; nobody else was told that it is.
    expect(holders).toEqual(expect.arrayContaining(told));
    await desk.expectSound();
  });
});

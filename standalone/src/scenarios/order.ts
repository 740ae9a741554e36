import type { Story } from './scenario';

export const cancelOvertakes: Story = {
  id: 'cancel-overtakes',
  title: 'The cancel arrives before what it cancels',
  about: 'A service that is told to undo what it has never seen remembers that: what comes later has no effect.',
  rows: ['E1', 'E2'],
  async play(stage) {
    const { desk, log } = stage;
    const book = await desk.registerBook('카프카 핵심 가이드');
    await Promise.all([desk.registerMember('jenny', '제니'), desk.registerMember('scott', '스콧')]);
    await desk.rent('jenny', book);
    stage.scene(`jenny has book ${book}.`);

    const rule = log.add({ to: 'member-service', topic: 'rental_rent', becomes: 'held' });
    stage.asked(`scott rents book ${book}.`);
    const { body } = await desk.rent('scott', book);
    stage.broke(
      'The announcement is slow on its way to the member service. The book service refuses, and the cancel overtakes it.',
    );
    stage.undone(`The member service had nothing to undo, and the rent is ${(await desk.saga(body.sagaId!)).status}.`);

    rule.end();
    const late = await log.letGo();
    stage.broke(`Now the announcement arrives at the member service (${late} times).`);
    await stage.replay('bestbook-service');
    stage.broke('And the ranking, which had counted and taken off, reads everything once more.');
    await stage.quiet();
    stage.expect('scott has no points.', (await desk.pointsOf('scott')) === 0);
    stage.expect('Only jenny’s rent is counted.', (await desk.rentsOf(book)) === 1);
  },
};

export const outOfOrder: Story = {
  id: 'out-of-order',
  title: 'Messages arrive in any order',
  about: 'Every message to every service takes its own time. The outcome is one that some order would have had.',
  rows: ['E4', 'E6'],
  async play(stage) {
    const { desk, log } = stage;
    const books = await Promise.all(Array.from({ length: 6 }, (_, at) => desk.registerBook(`Volume ${at + 1}`)));
    const members = ['jenny', 'scott', 'minji', 'dahye'];
    await Promise.all(members.map((id) => desk.registerMember(id, id)));
    const rule = log.add({ to: 'everybody', becomes: { lateMs: () => Math.random() * 250 } });
    stage.scene(
      'Six books, four members; and each message is up to a quarter of a second late, so that they overtake one another.',
    );

    stage.asked('Everybody rents whatever is there, and brings it back, again and again.');
    let lent = 0;
    let undone = 0;
    const wander = async (member: string, start: number) => {
      for (let round = 0; round < 5; round++) {
        const book = books[(start + round) % books.length]!;
        if ((await desk.rent(member, book)).status !== 201) undone += 1;
        else {
          lent += 1;
          await desk.giveBack(member, book);
        }
      }
    };
    const wandering = Promise.all(members.map(wander));
    await stage.until('some had a book', async () => (await desk.pointsOf('jenny')) > 0);
    const midway = await stage.verifyNow();
    stage.expect('In the middle of it, every invariant holds.', midway.ok);
    await wandering;
    await stage.quiet();
    stage.happened(
      `${rule.met} messages were late. ${lent} rents came about, ${undone} were undone because the book was lent.`,
    );

    const points = await Promise.all(members.map((member) => desk.pointsOf(member)));
    const rents = (await desk.ranking()).reduce((sum, { rentCount }) => sum + rentCount, 0);
    stage.expect(
      'Every rent and every return earned 10 points, once.',
      points.reduce((sum, each) => sum + each, 0) === 20 * lent,
    );
    stage.expect('As many rents are counted as came about.', rents === lent);
    const statuses = await Promise.all(books.map((book) => desk.statusOf(book)));
    stage.expect(
      'All books are on the shelf again.',
      statuses.every((status) => status === 'AVAILABLE'),
    );
  },
};

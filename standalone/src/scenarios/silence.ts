import type { Stage } from './stage';
import type { Story } from './scenario';

export const silentBook: Story = {
  id: 'silent-participant',
  title: 'A service stays silent, and answers too late',
  about:
    'Silence may mean done, so the rent is undone when its announcement has expired; what was slow then has no effect.',
  rows: ['B2', 'F3'],
  isHurried: true,
  async play(stage) {
    const { desk, log } = stage;
    const book = await readyBook(stage);
    const rule = log.add({ to: 'book-service', topic: 'rental_rent', becomes: 'held' });

    stage.asked(`jenny rents book ${book}.`);
    stage.broke('The announcement is on its way to the book service, and stays on its way.');
    const { status, body } = await desk.rent('jenny', book);
    stage.happened(`It was sent ${rule.met} times. Then it had expired, and the rent was undone: ${body.code}.`);
    stage.expect(
      'It was asked again before it was given up.',
      rule.met > 1 && status === 409 && body.code === 'expired',
    );
    stage.expect(
      'The points were taken back, and the slot on the card is free.',
      (await desk.pointsOf('jenny')) === 0 && (await desk.booksOf('jenny')).length === 0,
    );

    rule.end();
    const late = await log.letGo();
    await stage.quiet();
    stage.broke(`Now ${late} copies of the old announcement reach the book service.`);
    stage.expect('They have no effect: the book stays on the shelf.', (await desk.statusOf(book)) === 'AVAILABLE');
    stage.expect('The saga stays as it ended.', (await desk.saga(body.sagaId!)).status === 'COMPENSATED');

    stage.asked(`jenny rents book ${book} again.`);
    stage.expect('Now she gets it.', (await desk.rent('jenny', book)).status === 201);
  },
};

export const lostResult: Story = {
  id: 'lost-result',
  title: 'An answer is lost',
  about: 'The same question is asked again, and the recorded answer repeated: the points are given once.',
  rows: ['F1', 'B5'],
  async play(stage) {
    const { desk, log } = stage;
    const book = await readyBook(stage);
    const rule = log.add({
      to: 'the log',
      topic: 'rental_result',
      when: (headers) => headers['ce_participant'] === 'member',
      becomes: 'lost',
      first: 2,
    });

    stage.asked(`jenny rents book ${book}.`);
    const { status } = await desk.rent('jenny', book);
    stage.broke(`The member service gave the points and said so, and its answer was lost ${rule.met} times.`);
    stage.happened('It was asked again, and repeated what it had answered.');
    stage.expect('The rent came about.', status === 201);
    stage.expect('The points were given once.', rule.met === 2 && (await desk.pointsOf('jenny')) === 10);
  },
};

export const stubbornUndo: Story = {
  id: 'attention',
  title: 'An undo that nobody confirms',
  about: 'What cannot be ended by itself goes on asking, and calls for a person, who can see to it by hand.',
  rows: ['B7', 'F6'],
  isHurried: true,
  async play(stage) {
    const { desk, log } = stage;
    const book = await readyBook(stage);
    await desk.registerMember('scott', '스콧');
    await desk.rent('scott', book);
    const rule = log.add({ to: 'bestbook-service', topic: 'rental_rent_cancel', becomes: 'lost' });
    stage.scene(`scott has book ${book}.`);

    stage.asked(`jenny rents book ${book} as well, and does not wait for the outcome.`);
    const { body } = await desk.rent('jenny', book, { wait: false });
    stage.broke('The book service refuses, and the ranking never hears that the rent was withdrawn.');
    await stage.until('the saga called for a person', async () => (await desk.saga(body.id!)).attention !== undefined);
    const { attention, status } = await desk.saga(body.id!);
    stage.happened(
      `It was told ${rule.met} times. The saga is ${status}, calls for a person (${attention}), and goes on asking.`,
    );
    stage.expect(
      'Until the ranking has confirmed, the slot on the card is kept.',
      (await desk.booksOf('jenny')).length === 1,
    );

    const early = await desk.settle(body.id!, 'book', 'By mistake');
    stage.asked('An operator settles the part of the book service by mistake.');
    stage.expect('Refused: its answer is not awaited.', early.status === 409);

    rule.end();
    stage.happened('The way to the ranking is free again.');
    await stage.until('the saga ended', async () => (await desk.saga(body.id!)).status === 'COMPENSATED');
    stage.undone('The ranking takes the rent off and confirms; nobody has to do anything.');
    stage.expect(
      'The slot is free, and only scott’s rent is counted.',
      (await desk.booksOf('jenny')).length === 0 && (await desk.rentsOf(book)) === 1,
    );
  },
};

async function readyBook(stage: Stage): Promise<number> {
  const book = await stage.desk.registerBook('마이크로서비스 패턴');
  await stage.desk.registerMember('jenny', '제니');
  stage.scene(`Book ${book} is on the shelf, and jenny is a member.`);
  return book;
}

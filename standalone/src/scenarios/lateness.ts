import type { Stage } from './stage';
import type { Story } from './scenario';

const DAY_MS = 86_400_000;

export const lateReturn: Story = {
  id: 'late-return',
  title: 'A book comes back a day late',
  about: 'What lateness costs, what it forbids, and how it is cleared.',
  rows: ['AC-11', 'AC-12', 'AC-13', 'AC-14', 'AC-15', 'AC-16', 'A2', 'A12', 'A14'],
  async play(stage) {
    const { desk } = stage;
    const [book, other] = await borrow(stage);

    stage.clock.shiftBy(15 * DAY_MS);
    const marked = await desk.markOverdue();
    stage.broke('Fifteen days pass: one more than a loan lasts.');
    stage.happened(`${marked} loan is marked overdue.`);
    const card = await desk.card('jenny');
    stage.expect('jenny’s card is suspended.', card.status === 'RENT_UNAVAILABLE' && card.counts.overdue === 1);

    stage.asked(`jenny rents book ${other}.`);
    stage.expect(
      'Refused at once, because of the card.',
      (await desk.rent('jenny', other)).body.code === 'card-unavailable',
    );
    stage.asked('jenny pays 10 points while the book is still out.');
    stage.expect(
      'Refused: first everything must come back.',
      (await desk.clear('jenny', 10)).body.code === 'items-not-returned',
    );

    stage.asked(`jenny brings book ${book} back.`);
    stage.expect('It is one day late and costs 10 points.', (await desk.giveBack('jenny', book)).body.fee === 10);
    stage.expect(
      'The return earned 10 points, and the card is still suspended.',
      (await desk.pointsOf('jenny')) === 20 && (await desk.card('jenny')).status === 'RENT_UNAVAILABLE',
    );

    stage.asked('jenny pays 9 points.');
    stage.expect('Refused: it is 10, exactly.', (await desk.clear('jenny', 9)).body.code === 'wrong-amount');
    stage.asked('jenny pays 10 points.');
    stage.expect('Cleared.', (await desk.clear('jenny', 10)).status === 200);
    stage.expect(
      '10 points are left, and jenny may rent again.',
      (await desk.pointsOf('jenny')) === 10 && (await desk.rent('jenny', other)).status === 201,
    );
  },
};

export const tooFewPoints: Story = {
  id: 'too-few-points',
  title: 'Thirty-six days late, and too few points',
  about: 'Days are counted across months; a clearing that cannot be paid is undone, and takes nothing.',
  rows: ['AC-30', 'AC-32', 'A13', 'K5'],
  async play(stage) {
    const { desk } = stage;
    const [book] = await borrow(stage);

    stage.clock.shiftBy((14 + 36) * DAY_MS);
    stage.broke('Fifty days pass.');
    stage.asked(`jenny brings book ${book} back.`);
    stage.expect('It is 36 days late and costs 360 points.', (await desk.giveBack('jenny', book)).body.fee === 360);

    stage.asked('jenny pays 360 points, and has 20.');
    const { body } = await desk.clear('jenny', 360);
    stage.undone(`The member service refuses, and the clearing is undone: ${body.code}.`);
    const card = await desk.card('jenny');
    stage.expect(
      'The fee is owed as before, and no point is gone.',
      card.fee === 360 && card.status === 'RENT_UNAVAILABLE' && (await desk.pointsOf('jenny')) === 20,
    );

    await desk.addPoints('jenny', 340, 'She helped at the summer festival.');
    stage.happened('A librarian gives jenny 340 points, and says why.');
    stage.asked('jenny pays again.');
    stage.expect(
      'Cleared, with the last point.',
      (await desk.clear('jenny', 360)).status === 200 && (await desk.pointsOf('jenny')) === 0,
    );
    stage.expect('She may rent again.', (await desk.card('jenny')).status === 'RENT_AVAILABLE');
  },
};

async function borrow(stage: Stage): Promise<readonly [number, number]> {
  const { desk } = stage;
  const books = [await desk.registerBook('토지'), await desk.registerBook('소년이 온다')] as const;
  await desk.registerMember('jenny', '제니');
  await desk.rent('jenny', books[0]);
  await stage.quiet();
  stage.scene(`jenny has rented book ${books[0]}. The clock of this library can be moved.`);
  return books;
}

import type { Story } from './scenario';

const WISHERS = 100;

export const hundredForOne: Story = {
  id: 'hundred-for-one',
  title: 'A hundred members want one book',
  about: 'All at the same moment: one gets it, and ninety-nine rents are undone without a trace.',
  rows: ['L1'],
  async play(stage) {
    const { desk } = stage;
    const book = await desk.registerBook('방구석 미술관');
    const members = Array.from({ length: WISHERS }, (_, at) => `member-${at + 1}`);
    await Promise.all(members.map((id) => desk.registerMember(id, id)));
    stage.scene(`${WISHERS} members, and one copy of book ${book}.`);

    stage.asked(`All ${WISHERS} rent it at the same moment.`);
    const answers = await Promise.all(members.map((id) => desk.rent(id, book)));
    const winners = members.filter((_, at) => answers[at]!.status === 201);
    const losers = answers.filter(({ body }) => body.code === 'book-not-available');
    stage.happened(`${winners.join(', ')} has it.`);
    stage.undone(`${losers.length} rents were undone, because the book was not available.`);

    stage.expect(
      'Exactly one has the book, and all others were told why not.',
      winners.length === 1 && losers.length === WISHERS - 1,
    );
    stage.expect('The book says the same.', (await desk.holderOf(book)) === winners[0]);
    const points = await Promise.all(members.map((id) => desk.pointsOf(id)));
    stage.expect('Only that one has points.', points.reduce((sum, each) => sum + each, 0) === 10);
    stage.expect('The book counts as rented once.', (await desk.rentsOf(book)) === 1);
  },
};

import type { Story } from './scenario';

export const rentAndReturn: Story = {
  id: 'rent-and-return',
  title: 'A book is rented and comes back',
  about: 'Nothing goes wrong: how four services agree on one rent and one return.',
  rows: ['AC-05', 'AC-06', 'AC-07', 'AC-08', 'AC-09'],
  async play(stage) {
    const { desk } = stage;
    const book = await desk.registerBook('누구를 위하여 종을 울리나?');
    await desk.registerMember('jenny', '제니');
    stage.scene(`Book ${book} is on the shelf, and jenny is a member.`);

    stage.asked(`jenny rents book ${book}.`);
    const rented = await desk.rent('jenny', book);
    stage.expect('The book service, the member service and the ranking all agreed.', rented.status === 201);
    stage.expect('The book is out, and it is jenny who has it.', (await desk.holderOf(book)) === 'jenny');
    stage.expect(
      'jenny has 10 points, and the book counts as rented once.',
      (await desk.pointsOf('jenny')) === 10 && (await desk.rentsOf(book)) === 1,
    );

    stage.asked('jenny brings it back on the same day.');
    const returned = await desk.giveBack('jenny', book);
    stage.expect('It cost nothing, because it was not late.', returned.status === 200 && returned.body.fee === 0);
    stage.expect('The book is on the shelf again.', (await desk.statusOf(book)) === 'AVAILABLE');
    stage.expect(
      'jenny has 20 points, and nothing on the card.',
      (await desk.pointsOf('jenny')) === 20 && (await desk.booksOf('jenny')).length === 0,
    );
  },
};

export const sixthBook: Story = {
  id: 'sixth-book',
  title: 'Ten books at once, and five on the card',
  about: 'What can be refused at once is refused at once: no message is sent, and nothing has to be undone.',
  rows: ['A1', 'A9', 'L2', 'AC-22'],
  async play(stage) {
    const { desk } = stage;
    const books = await Promise.all(Array.from({ length: 10 }, (_, at) => desk.registerBook(`Volume ${at + 1}`)));
    await desk.registerMember('jenny', '제니');
    stage.scene('Ten books are on the shelf. A card holds five.');

    stage.asked('jenny rents all ten at the same moment.');
    const answers = await Promise.all(books.map((book) => desk.rent('jenny', book)));
    const lent = answers.filter(({ status }) => status === 201).length;
    const refused = answers.filter(({ body }) => body.code === 'limit-reached').length;
    stage.happened(`${lent} are lent, ${refused} are refused because the card is full.`);
    stage.expect('Five, and never more.', lent === 5 && refused === 5);
    const announced = await stage.messagesIn('rental_rent');
    stage.expect('Only five rents were ever announced to the other services.', announced === 5);
    stage.expect(
      'The refused books never left the shelf, and five rents earned 50 points.',
      (await desk.pointsOf('jenny')) === 50,
    );

    const left = books.find((_, at) => answers[at]!.status !== 201)!;
    stage.asked(`jenny brings back book ${left}, which is not on the card.`);
    stage.expect('Refused at once, too.', (await desk.giveBack('jenny', left)).body.code === 'item-not-rented');
  },
};

export const anotherHasIt: Story = {
  id: 'another-has-it',
  title: 'The book is lent to somebody else',
  about: 'One of three services refuses. The other two have done their part already, and undo it.',
  rows: ['A4'],
  async play(stage) {
    const { desk } = stage;
    const book = await desk.registerBook('토지');
    await Promise.all([desk.registerMember('jenny', '제니'), desk.registerMember('scott', '스콧')]);
    await desk.rent('jenny', book);
    stage.scene(`jenny has book ${book}.`);

    stage.asked(`scott rents book ${book}.`);
    const { status, body } = await desk.rent('scott', book);
    stage.broke(`The book service refuses: ${body.code}.`);
    const saga = await desk.saga(body.sagaId!);
    stage.undone(
      `Everybody undoes their part, and the rent is ${saga.status}: ${saga.steps.map(({ participant, state }) => `${participant} ${state}`).join(', ')}.`,
    );

    stage.expect('scott was told why.', status === 409 && body.code === 'book-not-available');
    stage.expect(
      'Everybody has confirmed the undoing.',
      saga.status === 'COMPENSATED' && saga.steps.every(({ state }) => state === 'undone'),
    );
    stage.expect(
      'scott has no points, and nothing on the card.',
      (await desk.pointsOf('scott')) === 0 && (await desk.booksOf('scott')).length === 0,
    );
    stage.expect(
      'jenny still has the book, and it counts as rented once.',
      (await desk.holderOf(book)) === 'jenny' && (await desk.rentsOf(book)) === 1,
    );
  },
};

export const unknownBook: Story = {
  id: 'unknown-book',
  title: 'A book that nobody knows, and that comes to exist later',
  about: 'A refusal is remembered: the old message cannot become a loan when the book is registered afterwards.',
  rows: ['A6', 'A6b', 'AC-20'],
  async play(stage) {
    const { desk } = stage;
    await desk.registerMember('jenny', '제니');
    stage.scene('The shelf is empty: there is no book 1.');

    stage.asked('jenny rents book 1.');
    const { body } = await desk.rent('jenny', 1);
    stage.undone(`Undone, because of ${body.code}.`);
    stage.expect(
      'No points, no book on the card, and no rent is counted.',
      (await desk.pointsOf('jenny')) === 0 &&
        (await desk.booksOf('jenny')).length === 0 &&
        (await desk.rentsOf(1)) === 0,
    );

    const book = await desk.registerBook('소년이 온다');
    stage.happened(`Now book ${book} is registered.`);
    stage.broke('The book service reads all of its old messages once more.');
    await stage.replay('book-service');
    await stage.quiet();
    stage.expect('The new book stays on the shelf.', (await desk.statusOf(book)) === 'AVAILABLE');
  },
};

export const closedMember: Story = {
  id: 'closed-member',
  title: 'A membership that was closed',
  about: 'The member service refuses when the book has been taken from the shelf already.',
  rows: ['A8'],
  async play(stage) {
    const { desk } = stage;
    const book = await desk.registerBook('도메인 주도 설계');
    await desk.registerMember('jenny', '제니');
    await desk.closeMember('jenny');
    stage.scene(`jenny’s membership is closed. Book ${book} is on the shelf.`);

    stage.asked(`jenny rents book ${book}.`);
    const { status, body } = await desk.rent('jenny', book);
    stage.broke(`The member service refuses: ${body.code}.`);
    stage.undone('The book goes back to the shelf, and the ranking takes the rent off.');
    stage.expect('jenny was told why.', status === 409 && body.code === 'member-closed');
    stage.expect(
      'The book can be rented by others.',
      (await desk.statusOf(book)) === 'AVAILABLE' && (await desk.rentsOf(book)) === 0,
    );
    stage.expect('The card is empty.', (await desk.booksOf('jenny')).length === 0);
  },
};

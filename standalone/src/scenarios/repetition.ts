import type { Desk } from './desk';
import type { Stage } from './stage';
import type { Story } from './scenario';

export const everythingThrice: Story = {
  id: 'everything-thrice',
  title: 'Every message arrives three times',
  about: 'Each service does its part once, and repeats its answer; each answer moves the saga once.',
  rows: ['D1', 'D2', 'D3', 'AC-23'],
  async play(stage) {
    const { desk, log } = stage;
    const books = await fiveBooks(stage);
    const published = log.add({ to: 'the log', becomes: { times: 3 } });
    stage.broke('From now on every message is published three times.');

    stage.asked('jenny rents five books, and brings two of them back.');
    const rented = await Promise.all(books.map((book) => desk.rent('jenny', book)));
    const returned = await Promise.all(books.slice(0, 2).map((book) => desk.giveBack('jenny', book)));
    await stage.quiet();
    stage.happened(`${published.met} messages became ${3 * published.met}.`);

    stage.expect(
      'Five rents and two returns came about.',
      rented.every(({ status }) => status === 201) && returned.every(({ status }) => status === 200),
    );
    stage.expect('Points were given seven times, not twenty-one times.', (await desk.pointsOf('jenny')) === 70);
    stage.expect(
      'Each book counts as rented once.',
      (await desk.ranking()).every(({ rentCount }) => rentCount === 1),
    );
    stage.expect('The card counts two returns.', (await desk.card('jenny')).counts.returned === 2);
  },
};

export const replay: Story = {
  id: 'replay',
  title: 'The whole past is delivered again',
  about: 'All services read every message from the first one on, and nothing changes.',
  rows: ['D11', 'H7', 'D3'],
  async play(stage) {
    const { desk } = stage;
    const books = await fiveBooks(stage);
    await desk.registerMember('scott', '스콧');
    await Promise.all(books.map((book) => desk.rent('jenny', book)));
    await desk.giveBack('jenny', books[0]!);
    await desk.rent('scott', books[1]!);
    await stage.quiet();
    stage.scene('jenny has rented five books and brought one back; scott wanted one that was lent, and was refused.');

    const before = await overview(desk, books);
    const messages = stage.library.log.topics().reduce((sum, topic) => sum + topic.messages, 0);
    stage.broke(`All services are set back to the first of ${messages} messages.`);
    await stage.replay();
    await stage.quiet();
    stage.happened('They have read everything again, and their answers were published again.');
    stage.expect('Books, points, card and ranking are as before.', (await overview(desk, books)) === before);
  },
};

export const doubleClick: Story = {
  id: 'double-click',
  title: 'A button is pressed twice',
  about: 'Whoever asks twice gets one loan: by the key of the request, and also without one.',
  rows: ['M2', 'M3', 'A10', 'L5'],
  async play(stage) {
    const { desk } = stage;
    const [book = 0, other = 0] = await fiveBooks(stage);

    stage.asked(`jenny presses “rent book ${book}” twice. Both requests bear the same key.`);
    const [once, again] = await Promise.all([
      desk.rent('jenny', book, { key: 'k-1', wait: false }),
      desk.rent('jenny', book, { key: 'k-1', wait: false }),
    ]);
    stage.expect('Both are told of the same saga.', once.body.id === again.body.id && once.status === 202);
    stage.asked(`A third request bears that key and asks for book ${other}.`);
    stage.expect(
      'Refused: a key stands for one request.',
      (await desk.rent('jenny', other, { key: 'k-1' })).status === 422,
    );
    await stage.quiet();

    stage.asked(`jenny returns book ${book}, and presses that twice, too, without a key.`);
    const [first, second] = await Promise.all([desk.giveBack('jenny', book), desk.giveBack('jenny', book)]);
    stage.expect('Both are told that it came back.', first.status === 200 && second.status === 200);
    stage.expect('One rent and one return earned 20 points.', (await desk.pointsOf('jenny')) === 20);
    stage.expect('The history has one return.', (await desk.card('jenny')).counts.returned === 1);
  },
};

async function fiveBooks(stage: Stage): Promise<readonly number[]> {
  const { desk } = stage;
  await desk.registerMember('jenny', '제니');
  const books = await Promise.all([1, 2, 3, 4, 5].map((volume) => desk.registerBook(`Volume ${volume}`)));
  stage.scene('Five books are on the shelf, and jenny is a member.');
  return books;
}

async function overview(desk: Desk, books: readonly number[]): Promise<string> {
  const holders = await Promise.all(books.map((book) => desk.holderOf(book)));
  const members = await Promise.all(
    ['jenny', 'scott'].map(async (id) => [await desk.pointsOf(id), await desk.card(id)]),
  );
  return JSON.stringify([holders, members, await desk.ranking()]);
}

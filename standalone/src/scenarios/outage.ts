import { setTimeout as pause } from 'node:timers/promises';
import { HURRIED } from './stage';
import type { Story } from './scenario';

export const logOutOfReach: Story = {
  id: 'log-out-of-reach',
  title: 'The message log cannot be reached',
  about: 'Rents are accepted all the same and wait; none is undone because of the outage, however long it takes.',
  rows: ['B6b', 'H2', 'AC-27'],
  isHurried: true,
  async play(stage) {
    const { desk, log } = stage;
    const books = await Promise.all([1, 2, 3, 4].map((volume) => desk.registerBook(`Volume ${volume}`)));
    await desk.registerMember('jenny', '제니');
    stage.scene('Four books are on the shelf, and jenny is a member.');

    log.breakDown();
    stage.broke('The message log cannot be reached any more.');
    stage.asked('jenny rents all four books.');
    const sagas = (await Promise.all(books.map((book) => desk.rent('jenny', book, { wait: false })))).map(
      ({ body }) => body.id!,
    );
    await pause(1.2 * HURRIED.expiresAfterMs);

    const waiting = await desk.sagasIn('RUNNING');
    stage.happened(
      `Longer than an announcement lives has passed. Somebody tried ${log.refused} times to publish; ${waiting.length} rents wait.`,
    );
    stage.expect('All four were accepted, and none of them is undone.', waiting.length === 4 && log.refused > 0);
    stage.expect('Even now every invariant holds.', (await stage.verifyNow()).ok);

    log.comeBack();
    stage.happened('The log is back.');
    await stage.until('all four had ended', async () => (await desk.inFlight()) === 0);
    const ends = await Promise.all(sagas.map((id) => desk.saga(id)));
    stage.expect(
      'All four rents came about.',
      ends.every(({ status }) => status === 'COMPLETED'),
    );
    stage.expect(
      'jenny has four books and 40 points.',
      (await desk.booksOf('jenny')).length === 4 && (await desk.pointsOf('jenny')) === 40,
    );
  },
};

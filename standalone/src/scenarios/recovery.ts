import { rmSync } from 'node:fs';
import type { Story } from './scenario';

export const recount: Story = {
  id: 'recount',
  title: 'The ranking is counted anew',
  about: 'From the first message on, beside the old ranking, which goes on until the new one has caught up.',
  rows: ['AC-36'],
  async play(stage) {
    const { desk } = stage;
    const books = await Promise.all([1, 2, 3].map((volume) => desk.registerBook(`Volume ${volume}`)));
    await Promise.all(['jenny', 'scott'].map((id) => desk.registerMember(id, id)));
    for (const book of books) await desk.rent('jenny', book);
    await desk.giveBack('jenny', books[0]!);
    await desk.rent('scott', books[0]!);
    await desk.rent('scott', books[1]!);
    await stage.quiet();
    const before = JSON.stringify(await desk.ranking());
    stage.scene('jenny has rented three books, scott one; another of his rents was undone.');

    stage.asked('An operator has the ranking counted anew.');
    const generation = await desk.recount();
    stage.happened(`It has read every announcement and every cancel again, and is number ${generation} now.`);
    stage.expect('It says the same as before.', JSON.stringify(await desk.ranking()) === before);

    stage.asked('scott rents the third book, which is lent, and then returns his first one; jenny rents that.');
    await desk.rent('scott', books[2]!);
    await desk.giveBack('scott', books[0]!);
    stage.expect(
      'The new ranking takes part in sagas as the old one did.',
      (await desk.rent('jenny', books[0]!)).status === 201 && (await desk.rentsOf(books[0]!)) === 3,
    );
  },
};

export const restore: Story = {
  id: 'backup-and-restore',
  title: 'The disk is lost, and a backup is there',
  about:
    'A backup is one moment of all services at once: what is restored is consistent, and sagas that were in flight go on.',
  rows: ['R4'],
  async play(stage) {
    const { desk, log } = stage;
    const books = await Promise.all([1, 2, 3].map((volume) => desk.registerBook(`Volume ${volume}`)));
    await desk.registerMember('jenny', '제니');
    await desk.rent('jenny', books[0]!);
    log.add({ to: 'member-service', topic: 'rental_rent', becomes: 'held' });
    const { body } = await desk.rent('jenny', books[1]!, { wait: false });
    stage.scene(`jenny has book ${books[0]}, and her rent of book ${books[1]} is under way.`);

    const copy = stage.spareFolder('backup');
    stage.asked('An operator makes a backup.');
    stage.expect('It is made while the library is open.', (await desk.backUp(copy)).status === 201);
    log.behave();
    await log.letGo();
    await desk.rent('jenny', books[2]!);
    stage.happened(`After that jenny rents book ${books[2]}.`);

    const lost = stage.folder;
    await stage.stop();
    rmSync(lost, { recursive: true, force: true });
    stage.broke('The disk is lost, with the whole data folder.');
    stage.moveTo(copy);
    await stage.start();
    stage.happened('The library opens on the backup.');

    await stage.until(
      'the saga ended that was in flight',
      async () => (await stage.desk.saga(body.id!)).status === 'COMPLETED',
    );
    stage.expect(
      `The rent of book ${books[1]} that was under way has come about.`,
      (await desk.holderOf(books[1]!)) === 'jenny',
    );
    stage.expect(
      `What came after the backup is gone, on all sides alike: book ${books[2]} is on the shelf.`,
      (await desk.statusOf(books[2]!)) === 'AVAILABLE' && (await desk.booksOf('jenny')).length === 2,
    );
  },
};

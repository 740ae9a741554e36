import type { LogMessage } from '@library/shared-kernel/messaging/message-log';
import type { Story } from './scenario';

const encoder = new TextEncoder();

export const poison: Story = {
  id: 'poison',
  title: 'Messages that nobody can read',
  about: 'They are set aside with all that is known of them, and the ones behind them go on.',
  rows: ['G1p', 'G3p', 'G4p', 'G6p', 'G9p'],
  async play(stage) {
    const { desk } = stage;
    const book = await desk.registerBook('데이터 중심 애플리케이션 설계');
    await desk.registerMember('jenny', '제니');
    stage.scene(`Book ${book} is on the shelf, and jenny is a member.`);

    const message = { topic: 'rental_rent', key: 'jenny', headers: {}, time: stage.clock.now() };
    await stage.library.log.publish([
      { ...message, value: encoder.encode('{"idName":{"id":"jenny"') },
      { ...message, value: undefined },
    ]);
    stage.broke('Two messages come into rental_rent from somewhere: half a JSON text, and nothing at all.');

    stage.asked(`jenny rents book ${book}; her announcement is behind them in the same partition.`);
    stage.expect('She gets it.', (await desk.rent('jenny', book)).status === 201);
    await stage.quiet();

    const parked = await desk.parked();
    const groups = [...new Set(parked.map(({ group }) => group))];
    stage.happened(`${parked.length} messages are parked, two for each of ${groups.join(', ')}.`);
    stage.expect('Nothing was dropped: each service has set aside both.', parked.length === 6 && groups.length === 3);

    const [one] = parked;
    const released = await desk.seeTo(one!.id, 'release', 'Perhaps it was our fault.');
    stage.asked('An operator gives one of them back to its service.');
    stage.expect('It cannot be read now either, and is parked again.', released === 'failed-again');

    stage.asked('The operator discards them all, and says why.');
    const discarded = await Promise.all(
      parked.map(({ id }) => desk.seeTo(id, 'discard', 'Test messages of another system.')),
    );
    stage.expect(
      'They are set aside for good, with the operator’s reason.',
      discarded.every((did) => did === 'discarded'),
    );
  },
};

export const released: Story = {
  id: 'released',
  title: 'A parked message is given back',
  about: 'In time it does its work; too late it has none to do, and is marked obsolete.',
  rows: ['G8p'],
  isHurried: true,
  async play(stage) {
    const { desk, log, library, clock } = stage;
    const [early, late] = [await desk.registerBook('서양미술사'), await desk.registerBook('최재천의 공부')];
    await desk.registerMember('jenny', '제니');
    stage.scene(`Books ${early} and ${late} are on the shelf, and jenny is a member.`);

    const rule = log.add({
      to: 'book-service',
      topic: 'rental_rent',
      becomes: {
        at: (message: LogMessage) =>
          library.parking.park('book-service', message, 'crash-loop', 'Every start died of it.', clock.now()),
      },
    });
    stage.broke('Whenever a rent is announced to the book service, it dies; so the announcements are parked.');

    stage.asked(`jenny rents book ${early}.`);
    const { body: first } = await desk.rent('jenny', early, { wait: false });
    await stage.until('its announcement was parked', async () => (await desk.parked()).length === 1);
    stage.asked('An operator gives the parked announcement back at once.');
    const [parkedFirst] = await desk.parked();
    const did = await desk.seeTo(parkedFirst!.id, 'release', 'The fault is mended.');
    await stage.until('the rent ended', async () => (await desk.saga(first.id!)).status !== 'RUNNING');
    stage.expect(
      'It is released, and the rent comes about.',
      did === 'released' && (await desk.saga(first.id!)).status === 'COMPLETED',
    );

    stage.asked(`jenny rents book ${late}.`);
    const { body: second } = await desk.rent('jenny', late);
    stage.undone(`Nobody gives the announcement back in time. The rent is undone: ${second.code}.`);
    rule.end();
    await stage.quiet();
    const open = (await desk.parked()).filter(({ state }) => state === 'parked');
    const dids = await Promise.all(open.map(({ id }) => desk.seeTo(id, 'release', 'The fault is mended.')));
    stage.asked('Only now the operator gives back what is still parked.');
    stage.expect(
      'It has nothing to do any more, and is marked obsolete.',
      dids.length > 0 && dids.every((each) => each === 'obsolete'),
    );
    stage.expect(
      `Book ${late} stays on the shelf; book ${early} is jenny’s.`,
      (await desk.statusOf(late)) === 'AVAILABLE' && (await desk.holderOf(early)) === 'jenny',
    );
  },
};

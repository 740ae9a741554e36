import { describeParking } from '@library/shared-kernel/testing/parking.contract';
import type { LogMessage } from '../../src/messaging/message-log';
import { failNextApplication, holdNextApplication } from './failing-disk';
import { Logs, type OpenLog } from './logs';

jest.setTimeout(30_000);

describeParking('EmbeddedParking', async () => {
  const logs = new Logs();
  const open = logs.open();
  return {
    ...open,
    restart: async () => {
      await open.log.close();
      return logs.open();
    },
    close: async () => logs.remove(),
  };
});

describe('Parked messages that the SQL does not show yet', () => {
  let logs: Logs;
  let open: OpenLog;

  beforeEach(() => {
    logs = new Logs();
    open = logs.open();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await logs.remove();
  });

  const AT = Date.parse('2026-11-21T10:15:30.123Z');
  const message: LogMessage = {
    topic: 'rental_rent',
    partition: 2,
    offset: 7,
    key: 'jenny',
    value: Buffer.from('{not JSON'),
    headers: { ce_id: 'saga-1:book:do' },
    time: AT - 5_000,
  };
  const park = async (group = 'book') => open.parking.park(group, message, 'unreadable', 'No JSON.', AT);
  const listed = async (of = open) => of.parking.list({ limit: 10 });
  const note = (reason: string) => ({ at: AT, actor: 'librarian', did: 'released', reason }) as const;
  const copies = async (of = open) =>
    (await of.log.read('rental_rent.parked.book', 0, 0, 10)).map(({ headers }) => headers['parked_count']);

  it('are counted when they are parked again: before that is applied, during, and when it failed', async () => {
    await park();
    await park();
    const release = holdNextApplication();
    const applying = open.log.read('rental_rent.parked.book', 0, 0, 1);
    await park();
    release();
    await applying;
    await park();
    failNextApplication('SQLITE_BUSY');
    await expect(listed()).rejects.toMatchObject({ code: 'data-busy' });
    await park();

    expect(await listed()).toMatchObject([{ count: 5, state: 'parked' }]);
    await park();
    expect(await listed()).toMatchObject([{ count: 6, state: 'parked' }]);
    expect(await copies()).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('are counted after a crash too', async () => {
    await park();
    await park();
    await open.log.store.file.settled();
    open = logs.open({}, logs.crashCopy(open));
    await park();

    expect(await listed()).toMatchObject([{ count: 3 }]);
    expect(await copies()).toEqual(['1', '2', '3']);
  });

  it('keep both notes that come one after the other, and the count of what is parked meanwhile', async () => {
    await park();
    const [first, , second] = await Promise.all([
      open.parking.note('1', 'released', note('first')),
      park(),
      open.parking.note('1', 'released', note('second')),
    ]);

    expect(first?.notes).toEqual([note('first')]);
    expect(second?.notes).toEqual([note('first'), note('second')]);
    expect(await listed()).toMatchObject([{ count: 2, notes: [note('first'), note('second')] }]);
  });

  it('stay discarded when another copy comes before that is applied', async () => {
    await park();
    await open.parking.note('1', 'discarded', note('no matter'));
    await park();
    await park();

    expect(await listed()).toMatchObject([{ count: 3, state: 'discarded' }]);
  });

  it('keep a later note when an earlier one could not be taken', async () => {
    await park();
    failNextApplication('SQLITE_BUSY');
    const [first, second] = await Promise.allSettled([
      open.parking.note('1', 'released', note('first')),
      open.parking.note('1', 'released', note('second')),
    ]);

    expect([first, second]).toMatchObject([{ reason: { code: 'data-busy' } }, { status: 'fulfilled' }]);
    expect(await listed()).toMatchObject([{ count: 1, state: 'released', notes: [note('second')] }]);
  });

  it('are parked once by a commit that is done again, because something else in it cannot be stored', async () => {
    const [parked, created] = await Promise.allSettled([park(), open.log.createTopics(['a\0b'])]);

    expect([parked.status, created.status]).toEqual(['fulfilled', 'rejected']);
    expect(await listed()).toMatchObject([{ count: 1, state: 'parked' }]);
    expect(await copies()).toEqual(['1']);
  });
});

import { noting } from '../../src/messaging/event-records';
import { MessageRejected } from '../../src/messaging/message-log';
import type { MessageLog, Publication } from '../../src/messaging/message-log';

const AWAY = new Error('The database is away.');

const event = (id: string): Publication => ({
  topic: 'rental_rent',
  key: 'jenny',
  value: Buffer.from('{}'),
  headers: { ce_id: id },
  time: 0,
});
const [first, second, third] = [event('1'), event('2'), event('3')];
const expiring = (at: string): Publication => ({ ...first, headers: { ...first.headers, ce_expirytime: at } });

describe('A log that notes what it has taken', () => {
  let published: Publication[];
  let noted: [id: string, at: number][];
  let notedEvents: Publication[];
  let isAway: boolean;
  let rejected: Publication | undefined;
  let now: number;
  let log: MessageLog;

  beforeEach(() => {
    [published, noted, notedEvents, isAway, rejected, now] = [[], [], [], false, undefined, 1_000];
    const taking = {
      publish: async (events: readonly Publication[]) => {
        const index = events.findIndex((each) => each === rejected);
        if (index >= 0) throw new MessageRejected(index, 'It is too large.');
        published.push(...events);
      },
    };
    const records = {
      note: async (events: readonly Publication[], at: number) => {
        if (isAway) throw AWAY;
        notedEvents.push(...events);
        noted.push(...events.map(({ headers }): [string, number] => [headers['ce_id']!, at]));
      },
    };
    log = noting(taking as Partial<MessageLog> as MessageLog, records, { now: () => now });
  });

  it('publishes what cannot be noted once, however often it is tried', async () => {
    isAway = true;
    for (let time = 1; time <= 3; time++) await expect(log.publish([first])).rejects.toBe(AWAY);
    expect(published).toEqual([first]);

    isAway = false;
    now = 5_000;
    await log.publish([first, second]);

    expect(published).toEqual([first, second]);
    expect(noted).toEqual([
      ['1', 1_000],
      ['2', 5_000],
    ]);
  });

  it('notes what it has taken as that lies in its topic, not as it would be published by then', async () => {
    isAway = true;
    await expect(log.publish([expiring('10:00')])).rejects.toBe(AWAY);

    isAway = false;
    await log.publish([expiring('10:05')]);

    expect(published).toEqual([expiring('10:00')]);
    expect(notedEvents).toEqual(published);
  });

  it('publishes again what was noted, when somebody wants that', async () => {
    await log.publish([first]);
    now = 2_000;
    await log.publish([first]);

    expect(published).toEqual([first, first]);
    expect(noted).toEqual([
      ['1', 1_000],
      ['1', 2_000],
    ]);
  });

  it('names what is rejected by its place, also beside what it has taken before', async () => {
    isAway = true;
    await expect(log.publish([first])).rejects.toBe(AWAY);
    rejected = third;

    await expect(log.publish([first, second, third])).rejects.toMatchObject({ index: 2, message: 'It is too large.' });
    expect(published).toEqual([first]);
  });
});

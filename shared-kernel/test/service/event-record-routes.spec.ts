import type { RouteRequest } from '../../src/http/routes';
import type { EventRecord } from '../../src/messaging/event-records';
import type { Publication } from '../../src/messaging/message-log';
import { eventRecordRoutes } from '../../src/operations/event-record-routes';

const AWAY = new Error('The database is away.');

const EVENT: Publication = {
  topic: 'rental_rent',
  key: 'jenny',
  value: Buffer.from('{}'),
  headers: { ce_id: '1' },
  time: 0,
};

describe('Publishing an event again', () => {
  it('publishes it each time it is asked for, also when the last time could not be noted', async () => {
    const published: Publication[] = [];
    let record: EventRecord = { id: '1', event: EVENT, publishedAt: 1_000, lastPublishedAt: 1_000, times: 1 };
    let isAway = true;
    const events = {
      note: async (_: readonly Publication[], at: number) => {
        if (isAway) throw AWAY;
        record = { ...record, lastPublishedAt: at, times: record.times + 1 };
      },
      find: async () => record,
      list: async () => [record],
    };
    const log = { publish: async (some: readonly Publication[]) => void published.push(...some) };
    const operations = { findWaiting: async () => [] };
    const routes = eventRecordRoutes(events, { name: 'rental-service', operations }, log, { now: () => 5_000 });
    const publishAgain = routes.find(({ method }) => method === 'POST')!;
    const request = { params: { id: '1' } } as unknown as RouteRequest;

    await expect(publishAgain.handle(request)).rejects.toBe(AWAY);
    isAway = false;
    const answer = await publishAgain.handle(request);

    expect(published).toStrictEqual([EVENT, EVENT]);
    expect(answer).toMatchObject({ status: 200, body: { lastPublishedAt: '1970-01-01T00:00:05.000Z', times: 2 } });
  });
});

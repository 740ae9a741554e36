import { Registry } from 'prom-client';
import { watchBacklog } from '../../src/service/backlog-metrics';
import { Fault } from '../../src/store/fault';

describe('Metrics of what waits', () => {
  let metrics: Registry;

  beforeEach(() => {
    metrics = new Registry();
  });

  const series = async () =>
    (await metrics.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  it('[H13] say of each group how many messages it has not handled, and how old the oldest is', async () => {
    watchBacklog(metrics, 'book-service', async () => ({ messages: 3, oldestMs: 1_500 }));
    watchBacklog(metrics, 'member-service', async () => ({ messages: 0, oldestMs: 0 }));

    expect(await series()).toEqual([
      'library_backlog_messages{group="book-service"} 3',
      'library_backlog_messages{group="member-service"} 0',
      'library_backlog_oldest_seconds{group="book-service"} 1.5',
      'library_backlog_oldest_seconds{group="member-service"} 0',
    ]);
  });

  it('[H13] are of this moment, and asked once for both', async () => {
    let asked = 0;
    watchBacklog(metrics, 'book-service', async () => ({ messages: ++asked, oldestMs: 1_000 * asked }));
    await series();

    expect(await series()).toEqual([
      'library_backlog_messages{group="book-service"} 2',
      'library_backlog_oldest_seconds{group="book-service"} 2',
    ]);
  });

  it('say nothing of a group while the log cannot be asked, and go on', async () => {
    let isAway = false;
    watchBacklog(metrics, 'book-service', async () => {
      if (isAway) throw new Fault('log-unreachable', 'It is away.');
      return { messages: 3, oldestMs: 1_500 };
    });
    expect(await series()).toHaveLength(2);
    isAway = true;

    expect(await series()).toEqual([]);
  });

  it('say nothing any more of a group that is not watched any more', async () => {
    const stop = watchBacklog(metrics, 'bestbook-service-1', async () => ({ messages: 3, oldestMs: 1_500 }));
    await series();
    stop();

    expect(await series()).toEqual([]);
  });
});

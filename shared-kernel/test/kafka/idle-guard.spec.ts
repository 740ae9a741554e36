import { createRequire } from 'node:module';
import { keepIdleConnectionsQuiet } from '../../src/kafka/idle-guard';

const RequestQueue = createRequire(__filename)('kafkajs/src/network/requestQueue');

/** Longer than kafkajs would wait to look after what waits. */
const SOON_MS = 100;
const TIMED_OUT_AFTER_MS = 5_000;

describe('A connection of kafkajs', () => {
  let isConnected: boolean;
  let queue: InstanceType<typeof RequestQueue>;
  let looks: jest.SpyInstance;

  beforeAll(keepIdleConnectionsQuiet);

  beforeEach(() => {
    jest.useFakeTimers();
    isConnected = true;
    queue = new RequestQueue({
      requestTimeout: 3_000,
      enforceRequestTimeout: true,
      clientId: 'spec',
      broker: 'here:9092',
      logger: { debug: () => undefined },
      isConnected: () => isConnected,
    });
    looks = jest.spyOn(queue, 'checkPendingRequests').mockReturnValue(undefined);
  });
  afterEach(() => jest.useRealTimers());

  it('sets no timer while nothing waits on it', () => {
    queue.scheduleCheckPendingRequests();

    expect(jest.getTimerCount()).toBe(0);
  });

  it('looks after what waits on it', () => {
    queue.pending = [{}];
    queue.scheduleCheckPendingRequests();
    jest.advanceTimersByTime(SOON_MS);

    expect(looks).toHaveBeenCalledTimes(1);
  });

  it('leaves requests alone that may take as long as they like', () => {
    queue.enforceRequestTimeout = false;
    queue.scheduleRequestTimeoutCheck();

    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends a request to which there is no answer, and looks for them no more once it is gone', () => {
    const timeoutRequest = jest.fn();
    queue.inflight = new Map([[1, { sentAt: Date.now(), requestTimeout: 3_000, timeoutRequest }]]);
    queue.scheduleRequestTimeoutCheck();
    jest.advanceTimersByTime(TIMED_OUT_AFTER_MS);
    expect(timeoutRequest).toHaveBeenCalledTimes(1);

    isConnected = false;
    jest.advanceTimersByTime(TIMED_OUT_AFTER_MS);
    expect(jest.getTimerCount()).toBe(0);
  });
});

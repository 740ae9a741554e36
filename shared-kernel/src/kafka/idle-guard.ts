/** Requests may take seconds, and kafkajs looks ten times a second for one that took too long. */
const TIMEOUT_CHECK_MS = 2_000;

/** A connection's queue of requests, as kafkajs 2.2.4 has it inside. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly inflight: ReadonlyMap<
    number,
    { readonly sentAt: number; readonly requestTimeout: number; timeoutRequest(): void }
  >;
  requestTimeoutIntervalId?: NodeJS.Timeout;
  isConnected(): boolean;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
  destroy(): void;
}

interface ConnectionPools {
  build(...place: unknown[]): Promise<{ readonly pool: readonly { readonly requestQueue: RequestQueue }[] }>;
}

/**
 * kafkajs 2.2.4 looks after the requests that wait on a connection by a timer which arms itself again though none waits,
 * and then with a delay below zero, which is 1 ms: an idle process wakes a thousand times a second for each of its
 * connections. From here on the timer is armed only while something waits; what begins to wait arms it by itself.
 */
export function keepIdleConnectionsQuiet(cluster: object): void {
  const pools = (cluster as { brokerPool?: { connectionPoolBuilder?: ConnectionPools } }).brokerPool
    ?.connectionPoolBuilder;
  if (!pools) throw new TypeError('This version of kafkajs keeps its connections elsewhere.');
  const build = pools.build.bind(pools);
  pools.build = async (...place) => {
    const built = await build(...place);
    for (const { requestQueue } of built.pool) quieten(requestQueue);
    return built;
  };
}

function quieten(queue: RequestQueue): void {
  const schedule = queue.scheduleCheckPendingRequests.bind(queue);
  queue.scheduleCheckPendingRequests = () => {
    if (queue.pending.length > 0) schedule();
  };
  queue.scheduleRequestTimeoutCheck = () => {
    queue.destroy();
    queue.requestTimeoutIntervalId = setInterval(() => {
      const now = Date.now();
      for (const request of queue.inflight.values()) {
        if (now - request.sentAt > request.requestTimeout) request.timeoutRequest();
      }
      if (!queue.isConnected()) queue.destroy();
    }, TIMEOUT_CHECK_MS);
  };
}

import { createRequire } from 'node:module';

/** Requests may take seconds, and kafkajs looks ten times a second for one that took too long. */
const TIMEOUT_CHECK_MS = 2_000;

/** A connection's queue of requests, as kafkajs 2.2.4 has it inside. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly inflight: ReadonlyMap<
    number,
    { readonly sentAt: number; readonly requestTimeout: number; timeoutRequest(): void }
  >;
  readonly enforceRequestTimeout: boolean;
  requestTimeoutIntervalId?: NodeJS.Timeout;
  isConnected(): boolean;
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
  scheduleRequestTimeoutCheck: (this: RequestQueue) => void;
  destroy(): void;
}

const guarded = new WeakSet<object>();

/**
 * kafkajs 2.2.4 looks after the requests that wait on a connection by a timer which arms itself again though none waits,
 * and then with a delay below zero, which is 1 ms, and of which newer Nodes warn: an idle process wakes a thousand times a
 * second for each of its connections. From here on the timer is armed only while something waits; what begins to wait arms
 * it by itself. Done once, for all clients of this process.
 */
export function keepIdleConnectionsQuiet(): void {
  const queues = createRequire(__filename)('kafkajs/src/network/requestQueue') as {
    readonly prototype?: RequestQueue;
  };
  const { prototype } = queues;
  if (!prototype || !['scheduleCheckPendingRequests', 'scheduleRequestTimeoutCheck'].every((name) => name in prototype))
    throw new TypeError('This version of kafkajs keeps its requests elsewhere.');
  if (guarded.has(prototype)) return;
  guarded.add(prototype);

  const { scheduleCheckPendingRequests: schedule } = prototype;
  prototype.scheduleCheckPendingRequests = function scheduleWhileSomethingWaits() {
    if (this.pending.length > 0) schedule.call(this);
  };
  prototype.scheduleRequestTimeoutCheck = lookSeldomForTimeouts;
}

function lookSeldomForTimeouts(this: RequestQueue): void {
  if (!this.enforceRequestTimeout) return;
  this.destroy();
  this.requestTimeoutIntervalId = setInterval(() => {
    const now = Date.now();
    for (const request of this.inflight.values()) {
      if (now - request.sentAt > request.requestTimeout) request.timeoutRequest();
    }
    if (!this.isConnected()) this.destroy();
  }, TIMEOUT_CHECK_MS);
}

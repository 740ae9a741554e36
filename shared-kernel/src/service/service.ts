import type { Route } from '../http/routes';
import type { LogMessage } from '../messaging/message-log';
import type { Outcome } from '../messaging/reaction';
import type { WaitingRecord } from '../store/records';

/** Ends what a start began; resolves when nothing of it runs any more. */
export type Stop = () => Promise<void>;
export type Start = () => Promise<Stop>;

/** A service as whoever runs it sees it. */
export interface Service {
  /** Also its consumer group. */
  readonly name: string;
  readonly summary: string;
  readonly routes: readonly Route[];
  /** Why it is not ready, in one sentence; undefined when it is. */
  readonly notReady: () => string | undefined;
  readonly start: Start;
  readonly operations: Operations;
}

/** What an operator may ask of any service. */
export interface Operations {
  /** Handles a message again that was parked. Throws what would park it. */
  handleAgain(message: LogMessage): Promise<Outcome>;
  /** Records whose messages wait to be published. */
  findWaiting(limit: number): Promise<readonly WaitingRecord[]>;
  /** Publishes what waits, now; answers how many records had something. */
  publishWaiting(limit: number): Promise<number>;
}

/**
 * Starts in order. When one fails, those before it are stopped again. The stop runs in reverse and to its end, and then
 * rejects with what failed first.
 */
export async function startAll(starts: readonly Start[]): Promise<Stop> {
  const stops: Stop[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    for (const end of stops.toReversed()) await end().catch((error: unknown) => failures.push(error));
    return failures;
  };
  try {
    for (const start of starts) stops.push(await start());
  } catch (error) {
    await stop();
    throw error;
  }
  return async () => {
    const failures = await stop();
    if (failures.length > 0) throw failures[0];
  };
}

import { setTimeout as pause } from 'node:timers/promises';
import type { SagaEvent } from './answers';
import type { Call } from './call';
import { isLineFault, NothingAnswers } from './library-api';
import { parseEvents } from './sse';

const RETRY_MS = 1_000;
const MOST_RETRIES = 60;

/**
 * What happens to a saga, each event once, until it has ended. Comes back with the last event's id when the line is lost,
 * for a minute; then throws NothingAnswers.
 */
export async function* storyOf(call: Call, path: string): AsyncGenerator<SagaEvent> {
  const { signal } = call.terminal;
  let last: string | undefined;
  for (let retries = 0; !signal.aborted;) {
    try {
      const headers = last === undefined ? {} : { 'Last-Event-ID': last };
      const response = await call.api.stream(`${path}/events`, headers);
      if (response.status === 204 || !response.body) return;
      for await (const { id, data } of parseEvents(response.body)) {
        last = id ?? last;
        retries = 0;
        yield JSON.parse(data) as SagaEvent;
      }
    } catch (error) {
      const isLost = error instanceof NothingAnswers || isLineFault(error);
      if (!isLost || last === undefined || retries >= MOST_RETRIES) throw error;
      if (retries === 0) call.remark('The line is lost; coming back …');
    }
    retries += 1;
    await pause(retries === 1 ? 0 : RETRY_MS);
  }
}

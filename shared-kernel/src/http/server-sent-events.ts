import type { ServerResponse } from 'node:http';
import type { Clock } from '../time/clock';
import { STOPPING } from './stopping';

/** One event of a stream. A client that comes back sends the last `id` it saw, and the source goes on after it. */
export interface ServerSentEvent<Shape = unknown> {
  readonly id?: string;
  readonly event?: string;
  /** Sent as JSON. */
  readonly data: Shape;
}

const HEARTBEAT_MS = 15_000;
const LONGEST_STALL_MS = 30_000;
/** How long a browser waits before it comes back. */
const RETRY_MS = 1_000;

/**
 * Sends what the source gives, in order, and ends when it ends. The source is asked for the next event only when the client
 * has taken the last one, so nothing piles up; a client that takes nothing for 30 s is cut off, and may come back. A comment
 * every 15 s shows that the line is alive. When the client goes, the source is told to `return`, and one that is asleep has
 * to be woken by the request's `signal`. When the source fails, the line is cut and the failure thrown.
 */
export async function streamEvents(
  response: ServerResponse,
  source: AsyncIterable<ServerSentEvent>,
  clock: Clock,
): Promise<void> {
  const events = source[Symbol.asyncIterator]();
  const line = new Line(response, clock, () => void events.return?.().then(undefined, () => undefined));

  response.setHeader('Content-Type', 'text/event-stream; charset=utf-8');
  response.setHeader('X-Accel-Buffering', 'no'); // asks nginx to pass each event on at once
  try {
    await line.write(`retry: ${RETRY_MS}\n\n`);
    while (line.isOpen) {
      const next = await events.next();
      if (next.done) break;
      await line.write(written(next.value));
    }
    response.end();
  } catch (error) {
    response.destroy();
    throw error;
  }
}

/** The way to one client: its heartbeat, and its patience with a slow reader. */
class Line {
  private stopHeartbeat: () => void = () => undefined;
  private stopWaiting: (() => void) | undefined;
  private readyForMore: () => void = () => undefined;

  /** Calls `closed` once: when the client has gone, or has been given everything. */
  constructor(
    private readonly response: ServerResponse,
    private readonly clock: Clock,
    closed: () => void,
  ) {
    response.on('drain', () => this.flows());
    response.once(STOPPING, () => response.end());
    response.once('close', () => {
      this.stopHeartbeat();
      this.flows();
      closed();
    });
    this.beat();
  }

  get isOpen(): boolean {
    return !this.response.writableEnded && !this.response.destroyed;
  }

  /** Waits until the client can take more, or has gone. */
  async write(text: string): Promise<void> {
    if (!this.isOpen || this.response.write(text)) return;

    this.stopWaiting ??= this.clock.after(LONGEST_STALL_MS, () => this.response.destroy());
    await new Promise<void>((resolve) => {
      this.readyForMore = resolve;
    });
  }

  private flows(): void {
    this.stopWaiting?.();
    this.stopWaiting = undefined;
    this.readyForMore();
  }

  private beat(): void {
    this.stopHeartbeat = this.clock.after(HEARTBEAT_MS, () => {
      if (this.isOpen && !this.response.writableNeedDrain) this.response.write(':\n\n');
      this.beat();
    });
  }
}

function written({ id, event, data }: ServerSentEvent): string {
  return `${field('id', id)}${field('event', event)}data: ${JSON.stringify(data)}\n\n`;
}

function field(name: 'id' | 'event', value: string | undefined): string {
  if (value === undefined) return '';
  if (/[\r\n\0]/.test(value)) throw new TypeError(`The ${name} of an event is one line of text.`);
  return `${name}: ${value}\n`;
}

import type { LogMessage } from '../messaging/message-log';

/** So much of each partition is kept for consumers that keep up; who is further behind reads from the disk. */
const MOST_MESSAGES = 1_024;
const MOST_BYTES = 1_048_576;

interface Kept {
  readonly message: LogMessage;
  readonly bytes: number;
}

/** The newest messages of a partition, in memory and without gaps. */
export class Tail {
  private kept: (Kept | undefined)[] = [];
  /** The oldest one's place in `kept`: those before it are forgotten, and cut off now and then. */
  private oldest = 0;
  private bytes = 0;

  push(message: LogMessage, bytes: number): void {
    this.kept.push({ message, bytes });
    this.bytes += bytes;
    while (this.kept.length - this.oldest > MOST_MESSAGES || this.bytes > MOST_BYTES) this.dropOldest();
  }

  /** At most `limit` messages from `offset` on; undefined when the tail does not reach back that far. */
  from(offset: number, limit: number): readonly LogMessage[] | undefined {
    const oldest = this.kept[this.oldest];
    if (!oldest || oldest.message.offset > offset) return undefined;
    const begin = this.oldest + offset - oldest.message.offset;
    return this.kept.slice(begin, begin + limit).map((kept) => kept!.message);
  }

  /** Forgets what lies before `offset`: nobody wants it any more. */
  forget(offset: number): void {
    for (let next = this.kept[this.oldest]; next && next.message.offset < offset; next = this.kept[this.oldest]) {
      this.dropOldest();
    }
  }

  clear(): void {
    this.kept = [];
    this.oldest = 0;
    this.bytes = 0;
  }

  private dropOldest(): void {
    this.bytes -= this.kept[this.oldest]?.bytes ?? 0;
    // The list is cut later; the message can be forgotten now.
    this.kept[this.oldest] = undefined;
    this.oldest++;
    if (this.oldest < this.kept.length) {
      if (this.oldest >= MOST_MESSAGES) this.kept = this.kept.slice(this.oldest);
      else return;
    } else {
      this.kept = [];
    }
    this.oldest = 0;
  }
}

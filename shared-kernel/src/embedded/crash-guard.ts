import type { LogStore } from './log-store';
import type { Place } from './offsets';

/**
 * Finds the message on which every start dies. Before such a message is handed out, it is durable that this start tries it;
 * when so many starts in a row have tried it and never came back to say how it went, it is not handed out again.
 */
export class CrashGuard {
  /** The message that this start is trying, by place: counted once, however often it is given again. */
  private readonly trying = new Map<Place, number>();
  /** How many starts have tried which message, by place. */
  private readonly tried: Map<string, { readonly offset: number; readonly starts: number }>;

  constructor(
    private readonly store: LogStore,
    private readonly mostStarts: number,
  ) {
    const rows = store.file
      .statement<{ consumer_group: string; topic: number; partition: number; offset: number; starts: number }>(
        'SELECT * FROM tries',
      )
      .all();
    this.tried = new Map(
      rows.map(({ consumer_group, topic, partition, offset, starts }) => [
        nameOf(consumer_group, topic, partition),
        { offset, starts },
      ]),
    );
  }

  /** Resolves with false when the message at the place must not be handed out; otherwise the try is durable. */
  async enter(place: Place): Promise<boolean> {
    if (this.trying.get(place) === place.offset) return true;
    const tried = this.startsThatTried(place);
    if (tried >= this.mostStarts) return false;

    await this.write(place, tried + 1);
    await this.store.file.settled();
    this.trying.set(place, place.offset);
    return true;
  }

  /** The handler failed, and the process did not: that does not count. */
  async survived(place: Place): Promise<void> {
    if (!this.trying.has(place)) return;
    await this.write(place, this.startsThatTried(place) - 1);
    this.trying.delete(place);
  }

  /** The messages that came with the start are behind us. */
  async leave(place: Place): Promise<void> {
    await this.write(place, 0);
    this.trying.delete(place);
  }

  private startsThatTried({ group, partition, offset }: Place): number {
    const tried = this.tried.get(nameOf(group, partition.topic.id, partition.index));
    return tried?.offset === offset ? tried.starts : 0;
  }

  /** With the offsets, so that the messages before this one are never tried again. */
  private async write({ group, partition, offset }: Place, starts: number): Promise<void> {
    const { topic, index } = partition;
    await this.store.submit({
      run: (transaction) => {
        transaction.join(this.store.offsets);
        if (starts > 0) {
          const sql = 'INSERT OR REPLACE INTO tries VALUES (?, ?, ?, ?, ?)';
          this.store.file.change('tries', sql, group, topic.id, index, offset, starts);
        } else {
          const sql = 'DELETE FROM tries WHERE consumer_group = ? AND topic = ? AND partition = ?';
          this.store.file.change('tries', sql, group, topic.id, index);
        }
      },
    });
    this.tried.set(nameOf(group, topic.id, index), { offset, starts });
  }
}

function nameOf(group: string, topic: number, partition: number): string {
  return `${group} ${topic} ${partition}`;
}

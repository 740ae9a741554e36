import type { Clock } from '../time/clock';
import type { GroupCommit, Stage } from './group-commit';
import type { JournaledFile } from './journaled-file';
import type { Partition } from './topic';
import type { Topics } from './topics';
import { WideWrite } from './wide-statement';

/** So long is a new offset only in memory. */
const QUIET_MS = 200;
/** How soon it is tried again when the disk failed. */
const RETRY_MS = 5_000;

/** Where a group is in a partition: the next offset that it has not handled. */
export interface Place {
  readonly group: string;
  readonly partition: Partition;
  readonly offset: number;
}

type MovingPlace = { -readonly [Name in keyof Place]: Place[Name] };

/**
 * The groups' offsets. They are committed together after a while, in the journal behind everything
 * that their handlers stored. Losing one in a
 * crash only has messages delivered again, which every consumer must bear anyway.
 */
export class Offsets implements Stage {
  private readonly byGroup = new Map<string, Map<Partition, MovingPlace>>();
  private readonly moved = new Set<Place>();
  private readonly upsert: WideWrite;
  private cancelTimer: (() => void) | undefined;

  constructor(
    file: JournaledFile,
    topics: Topics,
    private readonly commits: Pick<GroupCommit, 'submit'>,
    private readonly clock: Clock,
    private readonly failed: (error: unknown) => void,
  ) {
    this.upsert = new WideWrite(
      file,
      'offsets',
      (each) =>
        `INSERT INTO offsets VALUES ${each} ON CONFLICT (consumer_group, topic, partition) DO UPDATE SET offset = excluded.offset`,
    );
    const rows = file
      .statement<{ consumer_group: string; name: string; partition: number; offset: number }>(
        'SELECT consumer_group, name, partition, offset FROM offsets JOIN topics ON topics.id = offsets.topic',
      )
      .all();
    for (const { consumer_group, name, partition, offset } of rows) {
      this.add({ group: consumer_group, partition: topics.partition(name, partition), offset });
    }
  }

  get groups(): readonly string[] {
    return [...this.byGroup.keys()];
  }

  of(group: string): readonly Place[] {
    return [...(this.byGroup.get(group)?.values() ?? [])];
  }

  find(group: string, partition: Partition): Place | undefined {
    return this.byGroup.get(group)?.get(partition);
  }

  /** The group's place there, which begins at `offset` when it has none. */
  begin(group: string, partition: Partition, offset: number): Place {
    return this.find(group, partition) ?? this.moving(this.add({ group, partition, offset }));
  }

  move({ group, partition }: Place, offset: number): void {
    const place = this.byGroup.get(group)?.get(partition);
    if (!place || place.offset === offset) return;
    place.offset = offset;
    this.moving(place);
  }

  /** Commits all of them now. */
  async flush(): Promise<void> {
    if (this.moved.size === 0) return;
    await this.commits.submit({ run: (transaction) => transaction.join(this) });
  }

  write(): void {
    this.upsert.run(
      [...this.moved].map(({ group, partition, offset }) => [group, partition.topic.id, partition.index, offset]),
    );
  }

  stored(): void {
    this.moved.clear();
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  undone(): void {
    // They stay to be written with a later commit.
  }

  /** No timer is left behind. */
  close(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  private add(place: MovingPlace): MovingPlace {
    const places = this.byGroup.get(place.group) ?? new Map<Partition, MovingPlace>();
    this.byGroup.set(place.group, places.set(place.partition, place));
    return place;
  }

  private moving(place: Place): Place {
    this.moved.add(place);
    this.flushAfter(QUIET_MS);
    return place;
  }

  private flushAfter(ms: number): void {
    this.cancelTimer ??= this.clock.after(ms, () => {
      this.cancelTimer = undefined;
      this.flush().catch((error: unknown) => {
        this.failed(error);
        this.flushAfter(RETRY_MS);
      });
    });
  }
}

import type { Clock } from '../time/clock';
import type { GroupCommit, Stage } from './group-commit';
import type { SqlFile } from './sql-file';
import type { Partition } from './topic';
import type { Topics } from './topics';

/** So long at most is a new offset only in memory when nothing else is committed. */
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
 * The groups' offsets. They become durable with the log's next commit, or by themselves when none comes soon. Losing one
 * in a crash only has messages delivered again, which every consumer must bear anyway.
 */
export class Offsets implements Stage {
  private readonly byGroup = new Map<string, Map<Partition, MovingPlace>>();
  private readonly moved = new Set<Place>();
  /** What the transaction in hand writes; a group may move on while it waits for the disk. */
  private written: readonly Place[] = [];
  private cancelTimer: (() => void) | undefined;

  constructor(
    private readonly file: SqlFile,
    topics: Topics,
    private readonly commits: Pick<GroupCommit, 'submit'>,
    private readonly clock: Clock,
    private readonly failed: (error: unknown) => void,
  ) {
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

  /** Makes all of them durable now. */
  async flush(): Promise<void> {
    if (this.moved.size === 0) return;
    await this.commits.submit({ run: (transaction) => transaction.join(this) });
  }

  write(): void {
    this.written = [...this.moved].map((place) => ({ ...place }));
    for (const { group, partition, offset } of this.written) {
      this.file
        .statement(
          'INSERT INTO offsets VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET offset = excluded.offset WHERE offset <> excluded.offset',
        )
        .run(group, partition.topic.id, partition.index, offset);
    }
  }

  stored(): void {
    for (const { group, partition, offset } of this.written) {
      const place = this.find(group, partition);
      if (place?.offset === offset) this.moved.delete(place);
    }
    this.written = [];
    if (this.moved.size > 0) return;
    this.cancelTimer?.();
    this.cancelTimer = undefined;
  }

  undone(): void {
    // They stay to be written with the next commit.
    this.written = [];
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

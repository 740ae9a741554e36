import { statSync } from 'node:fs';
import type { Clock } from '../time/clock';
import { GroupCommit, type Transaction, type Work } from './group-commit';
import { LOG_SCHEMA } from './log-schema';
import { Offsets } from './offsets';
import { SqlFile } from './sql-file';
import { StorageFault } from './storage-fault';
import { Topics, type Prepared } from './topics';

/** How soon it is tried whether the file can be written again, in case nobody else writes. */
const TRY_AGAIN_MS = 5_000;

/** `log.db`, which the message log and the parking share, so that both can write by the same commit. */
export class LogStore {
  readonly topics: Topics;
  readonly offsets: Offsets;
  private readonly commits: GroupCommit;
  private readonly failing = new Set<'reading' | 'writing'>();
  private cancelTrying: (() => void) | undefined;

  private constructor(
    readonly file: SqlFile,
    private readonly clock: Clock,
    /** Told of what failed in the background; it is tried again. */
    onFailure: (error: unknown) => void,
  ) {
    this.commits = new GroupCommit(file);
    this.topics = new Topics(file);
    this.offsets = new Offsets(file, this.topics, this, clock, onFailure);
  }

  static open(path: string, clock: Clock, onFailure: (error: unknown) => void): LogStore {
    return new LogStore(SqlFile.open(path, LOG_SCHEMA), clock, onFailure);
  }

  /** False from a failed attempt to read or write until one succeeds. */
  get reachable(): boolean {
    return this.failing.size === 0;
  }

  /** What the log weighs on disk, in bytes. */
  get bytes(): number {
    return sizeOf(this.file.path) + sizeOf(`${this.file.path}-wal`);
  }

  /** Appends in this transaction; the offsets that groups have reached by now become durable with it. */
  append(transaction: Transaction, messages: readonly Prepared[]): void {
    this.topics.append(transaction, messages, this.clock.now());
    transaction.join(this.offsets);
  }

  async submit<Answer>(work: Work<Answer>): Promise<Answer> {
    try {
      const answer = await this.commits.submit(work);
      this.failing.delete('writing');
      return answer;
    } catch (error) {
      if (error instanceof StorageFault) this.writingFailed();
      throw error;
    }
  }

  read<Answer>(read: () => Answer): Answer {
    try {
      const answer = read();
      this.failing.delete('reading');
      return answer;
    } catch (error) {
      if (error instanceof StorageFault) this.failing.add('reading');
      throw error;
    }
  }

  /** Commits what was submitted and the groups' offsets. Rejects when the disk fails, and is closed all the same. */
  async close(): Promise<void> {
    this.offsets.close();
    try {
      await this.submit({
        run: (transaction) => {
          transaction.join(this.offsets);
          this.topics.countAll();
        },
      });
    } finally {
      await this.commits.close();
      this.cancelTrying?.();
      this.file.close();
    }
  }

  /** Whoever is told that the log cannot be reached may stay away until it can. */
  private writingFailed(): void {
    this.failing.add('writing');
    this.cancelTrying ??= this.clock.after(TRY_AGAIN_MS, () => {
      this.cancelTrying = undefined;
      if (this.failing.has('writing')) this.tryWriting();
    });
  }

  private tryWriting(): void {
    const work = { run: () => void this.file.statement(`PRAGMA user_version = ${LOG_SCHEMA.length}`).run() };
    // It failed before, and those whose work it was have been told.
    this.submit(work).catch(() => undefined);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

import { statSync } from 'node:fs';
import type { Clock } from '../time/clock';
import { GroupCommit, type Transaction, type Work } from './group-commit';
import type { Journal } from './journal';
import { JournaledFile } from './journaled-file';
import { LOG_SCHEMA } from './log-schema';
import { Offsets } from './offsets';
import { StorageFault } from './storage-fault';
import { Topics, type Prepared } from './topics';
import { Unapplied } from './unapplied';

/** How soon it is tried whether the file can be written again, in case nobody else writes. */
const TRY_AGAIN_MS = 5_000;

/** How often a message was parked, and what became of it. */
export interface ParkedBefore {
  readonly count: number;
  readonly state: string;
}

/** `log.db`, which the message log and the parking share, so that both can write by the same commit. */
export class LogStore {
  readonly topics: Topics;
  readonly offsets: Offsets;
  /** What parking again must know of entries that the SQL does not show yet. */
  readonly parked = new Unapplied<ParkedBefore>();
  private readonly commits: GroupCommit;
  private readonly failing = new Set<'reading' | 'writing'>();
  private cancelTrying: (() => void) | undefined;

  private constructor(
    readonly file: JournaledFile,
    private readonly clock: Clock,
    /** Told of what failed in the background; it is tried again. */
    onFailure: (error: unknown) => void,
  ) {
    this.commits = new GroupCommit(file);
    file.follow(this.parked);
    this.topics = new Topics(file, file);
    this.offsets = new Offsets(file, this.topics, this, clock, onFailure);
  }

  static open(path: string, clock: Clock, onFailure: (error: unknown) => void, journal?: Journal): LogStore {
    return new LogStore(JournaledFile.open(path, LOG_SCHEMA, journal), clock, onFailure);
  }

  /** False from a failed attempt to read or write until one succeeds. */
  get reachable(): boolean {
    return this.failing.size === 0 && this.file.trouble === undefined;
  }

  /** What the log's SQL file weighs, with what SQLite keeps beside it, in bytes. */
  get bytes(): number {
    return sizeOf(this.file.path) + sizeOf(`${this.file.path}-wal`);
  }

  append(transaction: Transaction, messages: readonly Prepared[]): void {
    this.topics.append(transaction, messages, this.clock.now());
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

  /** Reads what was appended so far. */
  async read<Answer>(read: () => Answer): Promise<Answer> {
    try {
      await this.file.applied();
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
      await this.file.close();
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
    // It failed before, and those whose work it was have been told.
    this.submit({ run: () => undefined }).catch(() => undefined);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

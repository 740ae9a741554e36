import { Fault } from '../store/fault';
import type { SqlFile } from './sql-file';
import { StorageFault } from './storage-fault';

/** What an adapter gathers in memory while a transaction's works run, so that a row is written once for all of them. */
export interface Stage {
  /** All works are prepared and none has run: the time to read at once what they are going to ask for. */
  prepared?(): void;
  /** Writes what was staged, when all works have run. */
  write(): void;
  /** What was staged is durable; called before anybody gets an answer. Must not throw. */
  stored(): void;
  /** Nothing of what was staged is stored: forget it. Must not throw. */
  undone(): void;
}

/** The transaction that a work runs in. */
export interface Transaction {
  /** Has the stage take part; joining again changes nothing. */
  join(stage: Stage): void;
}

/**
 * One caller's share of a commit. It decides first and stages or writes last, so that nothing is half done when it throws.
 * It may be run again, after all was forgotten, and therefore touches nothing else.
 */
export interface Work<Answer> {
  /** Tells a stage what the work will ask for, so that what many need is read at once. */
  prepare?(transaction: Transaction): void;
  run(transaction: Transaction): Answer extends PromiseLike<unknown> ? never : Answer;
}

/** For metrics; ever growing. */
export interface CommitCounters {
  /** Transactions that wrote something. */
  readonly commits: number;
  /** Works that were done, those that changed nothing or threw included. */
  readonly changes: number;
  /** Milliseconds spent in COMMIT, which is mostly waiting for the disk. */
  readonly commitMs: number;
}

/** Keeps a flood of work from holding up everything else in the process for longer than some milliseconds. */
const MOST_PER_COMMIT = 500;

/**
 * Gathers the work that is submitted during one turn of the event loop, or while an earlier commit waits for the disk,
 * into one transaction, so that all of it waits for the disk once.
 *
 * - Works run in the order in which they were submitted, each seeing what those before it did.
 * - A caller gets its answer when the COMMIT has returned, never earlier. A work that throws rejects its own caller only.
 * - A full disk rejects every caller of the commit with the Fault `disk-full`; nothing is stored, and later work is tried.
 * - When the disk fails or the file turns out to be damaged (`storage-failed`, `data-corrupt`), every caller of the commit
 *   is rejected, and from then on every submitted work, with that same Fault, until the file is opened anew: after a failed
 *   fsync the system may call the next one a success though the data never reached the disk. What was acknowledged before
 *   can still be read; whether the last work was stored is known only after opening.
 */
export class GroupCommit {
  private queue: Submitted[] = [];
  private scheduled = false;
  private inHand: Promise<void> | undefined;
  private closed = false;
  private refusal: Fault | undefined;
  private commits = 0;
  private changes = 0;
  private commitMs = 0;

  constructor(
    private readonly file: SqlFile,
    /** Calls back once, when this turn's callers have all had their chance. */
    private readonly schedule: (turn: () => void) => void = setImmediate,
  ) {}

  submit<Answer>(work: Work<Answer>): Promise<Answer> {
    const refusal = this.closed ? closedFault(this.file.path) : this.refusal;
    if (refusal) return Promise.reject(refusal);

    return new Promise<Answer>((resolve, reject) => {
      // The answer of a work is handed to nobody but its own caller.
      this.queue.push(new Submitted(work, resolve as (answer: unknown) => void, reject));
      this.wake();
    });
  }

  /** Commits what was submitted so far; whatever comes later is rejected with a Fault. The file is its owner's to close. */
  async close(): Promise<void> {
    this.closed = true;
    // Whoever closes it again waits for the same commits.
    while (this.inHand || this.queue.length > 0) await (this.inHand ?? this.commitNext());
  }

  /** Why nothing is written any more, until the file is opened anew. */
  get failure(): Fault | undefined {
    return this.refusal;
  }

  get counters(): CommitCounters {
    return { commits: this.commits, changes: this.changes, commitMs: this.commitMs };
  }

  private wake(): void {
    if (this.scheduled || this.inHand) return;
    this.scheduled = true;
    this.schedule(() => {
      this.scheduled = false;
      if (!this.inHand && !this.closed) void this.commitNext();
    });
  }

  private commitNext(): Promise<void> {
    this.inHand = this.commitBatch(this.queue.splice(0, MOST_PER_COMMIT)).finally(() => {
      this.inHand = undefined;
      if (this.queue.length > 0) this.wake();
    });
    return this.inHand;
  }

  /** Never rejects. */
  private async commitBatch(batch: readonly Submitted[]): Promise<void> {
    await this.commit(batch);
    for (const submitted of batch) submitted.settle();
    if (this.file.checkpointDue && !this.closed && !this.refusal) await this.checkpoint();
  }

  private async commit(batch: readonly Submitted[]): Promise<void> {
    if (this.refusal) return refuseAll(batch, this.refusal);

    const stages = new Set<Stage>();
    try {
      await this.write(batch, stages);
    } catch (error) {
      for (const stage of stages) stage.undone();
      if (error instanceof StorageFault) return this.storageFailed(batch, error);
      if (batch.length === 1) return refuseAll(batch, error);
      // One of them cannot be read or stored, or threw when it had written already: alone, each answers for itself.
      for (const submitted of batch) await this.commit([submitted]);
      return;
    }
    for (const stage of stages) stage.stored();
    this.changes += batch.length;
  }

  private async write(batch: readonly Submitted[], stages: Set<Stage>): Promise<void> {
    this.file.begin();
    const begun = this.file.writes;
    try {
      this.runAll(batch, stages);
    } catch (error) {
      this.file.rollBack();
      throw error;
    }
    if (this.file.writes === begun) return this.file.rollBack();

    const since = performance.now();
    await this.file.commit();
    this.commits += 1;
    this.commitMs += performance.now() - since;
  }

  private runAll(batch: readonly Submitted[], stages: Set<Stage>): void {
    const transaction: Transaction = { join: (stage) => stages.add(stage) };
    for (const { work } of batch) work.prepare?.(transaction);
    for (const stage of stages) stage.prepared?.();
    for (const submitted of batch) this.run(submitted, transaction);
    for (const stage of stages) stage.write();
  }

  private run(submitted: Submitted, transaction: Transaction): void {
    const begun = this.file.writes;
    try {
      submitted.answered(submitted.work.run(transaction));
    } catch (error) {
      if (error instanceof StorageFault || this.file.writes > begun) throw error;
      submitted.failed(error);
    }
  }

  private storageFailed(batch: readonly Submitted[], fault: StorageFault): void {
    if (isLasting(fault)) this.refusal = fault;
    refuseAll(batch, fault);
  }

  /** When everybody has been answered, and here, because SQLite keeps a failure of its own to itself. */
  private async checkpoint(): Promise<void> {
    try {
      await this.file.checkpoint();
    } catch (error) {
      // Until a later one succeeds, everything is safe in the log beside the file.
      if (isLasting(error)) this.refusal = error;
    }
  }
}

/** A work, and what became of it: told only when it is final. */
class Submitted {
  private outcome: (() => void) | undefined;

  constructor(
    readonly work: Work<unknown>,
    private readonly resolve: (answer: unknown) => void,
    private readonly reject: (reason: unknown) => void,
  ) {}

  answered(answer: unknown): void {
    this.outcome = () => this.resolve(answer);
  }

  failed(reason: unknown): void {
    this.outcome = () => this.reject(reason);
  }

  settle(): void {
    this.outcome?.();
  }
}

function refuseAll(batch: readonly Submitted[], reason: unknown): void {
  for (const submitted of batch) submitted.failed(reason);
}

function isLasting(error: unknown): error is StorageFault {
  return error instanceof StorageFault && (error.code === 'storage-failed' || error.code === 'data-corrupt');
}

function closedFault(path: string): Fault {
  return new Fault('store-closed', `"${path}" is being closed.`);
}

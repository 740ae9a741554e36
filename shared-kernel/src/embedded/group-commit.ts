import { Fault } from '../store/fault';
import type { JournaledFile } from './journaled-file';
import { StorageFault } from './storage-fault';

/** What an adapter gathers in memory while a commit's works run, so that a row is written once for all of them. */
export interface Stage {
  /** All works are prepared and none has run: the time to read at once what they are going to ask for. */
  prepared?(): void;
  /** Writes what was staged, when all works have run. */
  write(): void;
  /** What was staged counts from now on; called before anybody gets an answer. Must not throw. */
  stored(): void;
  /** Nothing of what was staged is stored: forget it. Must not throw. */
  undone(): void;
}

/** The commit that a work runs in. */
export interface Transaction {
  /** Has the stage take part; joining again changes nothing. */
  join(stage: Stage): void;
}

/**
 * One caller's share of a commit. It decides first and stages or writes last. It may be run again, after all was forgotten,
 * and therefore touches nothing else.
 */
export interface Work<Answer> {
  /** Tells a stage what the work will ask for, so that what many need is read at once. */
  prepare?(transaction: Transaction): void;
  run(transaction: Transaction): Answer extends PromiseLike<unknown> ? never : Answer;
}

/** Keeps a flood of work from holding up everything else in the process for longer than some milliseconds. */
const MOST_PER_COMMIT = 500;

/**
 * Gathers the work that is submitted during one turn of the event loop into one commit.
 *
 * - Works run in the order in which they were submitted, each seeing what those before it did.
 * - A caller gets its answer when its work has its place in the journal. It is durable when `settled` says so, and whatever
 *   is committed later cannot survive it: so that only who tells the outside must wait. A work that throws rejects its own
 *   caller only.
 * - While the disk is full every work is refused with the Fault `disk-full`, and nothing of it is stored.
 * - When the disk has failed or the file turns out to be damaged (`storage-failed`, `data-corrupt`), every work is refused
 *   with that same Fault until the file is opened anew: after a failed fsync the system may call the next one a success
 *   though the data never reached the disk.
 */
export class GroupCommit {
  private queue: Submitted[] = [];
  private scheduled = false;
  private waiting: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly file: JournaledFile,
    /** Calls back once, when this turn's callers have all had their chance. */
    private readonly schedule: (turn: () => void) => void = setImmediate,
  ) {}

  submit<Answer>(work: Work<Answer>): Promise<Answer> {
    const refusal = this.closed ? closedFault(this.file.path) : this.file.failure;
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
    while (this.waiting || this.queue.length > 0) await (this.waiting ?? this.commitNext());
  }

  /** Why nothing is written any more, until the file is opened anew. */
  get failure(): Fault | undefined {
    return this.file.failure;
  }

  private wake(): void {
    if (this.scheduled || this.waiting) return;
    this.scheduled = true;
    this.schedule(() => {
      this.scheduled = false;
      if (!this.waiting && !this.closed) void this.commitNext();
    });
  }

  /** Undefined when nobody had to wait for it. */
  private commitNext(): Promise<void> | undefined {
    if (this.file.refusal) {
      this.waiting ??= this.waitForRoom().finally(() => {
        this.waiting = undefined;
        if (this.queue.length > 0) this.wake();
      });
      return this.waiting;
    }
    this.commitBatch(this.queue.splice(0, MOST_PER_COMMIT));
    if (this.queue.length > 0) this.wake();
    return undefined;
  }

  private async waitForRoom(): Promise<void> {
    const refusal = await this.file.tryAgain();
    const batch = this.queue.splice(0, MOST_PER_COMMIT);
    if (refusal) refuseAll(batch, refusal);
    else this.commit(batch);
    for (const submitted of batch) submitted.settle();
  }

  private commitBatch(batch: readonly Submitted[]): void {
    this.commit(batch);
    for (const submitted of batch) submitted.settle();
  }

  private commit(batch: readonly Submitted[]): void {
    const stages = new Set<Stage>();
    try {
      this.runAll(batch, stages);
      this.file.commit();
    } catch (error) {
      this.file.forgetWrites();
      for (const stage of stages) stage.undone();
      if (error instanceof StorageFault || batch.length === 1) return refuseAll(batch, error);
      // One of them cannot be read or stored: alone, each answers for itself.
      for (const submitted of batch) this.commit([submitted]);
      return;
    }
    for (const stage of stages) stage.stored();
  }

  private runAll(batch: readonly Submitted[], stages: Set<Stage>): void {
    const transaction: Transaction = { join: (stage) => stages.add(stage) };
    for (const { work } of batch) work.prepare?.(transaction);
    for (const stage of stages) stage.prepared?.();
    for (const submitted of batch) this.run(submitted, transaction);
    for (const stage of stages) stage.write();
  }

  private run(submitted: Submitted, transaction: Transaction): void {
    const { written } = this.file;
    try {
      submitted.answered(submitted.work.run(transaction));
    } catch (error) {
      this.file.forgetWrites(written);
      if (error instanceof StorageFault) throw error;
      submitted.failed(error);
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

function closedFault(path: string): Fault {
  return new Fault('store-closed', `"${path}" is being closed.`);
}

import { Fault } from '../store/fault';
import { PassingLists } from '../store/passing-lists';
import type { Decide, LivingRecord } from '../store/records';
import { commitTogether } from './commit';
import type { Again, Conclusion, Storage } from './commit';
import { RecordTurn } from './record-turn';
import type { Asked } from './record-turn';

export interface Patience {
  /** How long a change is tried again, after other writers or while the store cannot be reached. */
  readonly giveUpAfterMs: number;
}

export const DEFAULT_PATIENCE: Patience = { giveUpAfterMs: 12_000 };

/** As many bulk writes are under way at a time; while all are, more changes gather for the next one. */
const BULKS_IN_FLIGHT = 4;
const MOST_RECORDS_PER_BULK = 500;
const LOOKS_WITHOUT_PAUSE = 3;
const LONGEST_CONFLICT_PAUSE_MS = 64;
const LONGEST_FAILURE_PAUSE_MS = 1_000;

/**
 * Gathers the changes that are asked for during one turn of the event loop: those of one record into one write, in the order
 * of the calls, and those of many records into one bulk write. A record has one write under way at a time; while it has,
 * its later changes wait for the next one, and other records go on.
 */
export class ChangeQueue<Living extends LivingRecord> {
  private readonly queued = new PassingLists<string, Asked<Living>>();
  private readonly busy = new Set<string>();
  private readonly again: RecordTurn<Living>[] = [];
  private inFlight = 0;
  private scheduled = false;
  private closed = false;
  private idle: (() => void)[] = [];

  constructor(
    private readonly storage: Storage<Living>,
    private readonly patience: Patience,
  ) {}

  submit<Answer>(id: string, about: readonly string[], decide: Decide<Living, Answer>): Promise<Answer> {
    if (this.closed) return Promise.reject(new Fault('store-closed', 'The connection to MongoDB is being closed.'));
    return new Promise<Answer>((resolve, reject) => {
      // The answer of a change is handed to nobody but its own caller.
      this.queued.add(id, { about, decide, resolve: resolve as (answer: unknown) => void, reject });
      this.schedule();
    });
  }

  /** Takes no more changes; resolves when the callers of all earlier ones were told. */
  async close(): Promise<void> {
    this.closed = true;
    while (this.queued.size > 0 || this.busy.size > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  private schedule(): void {
    if (this.scheduled || this.inFlight >= BULKS_IN_FLIGHT) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      const turns = this.take();
      if (turns.length > 0) void this.run(turns);
    });
  }

  private take(): readonly RecordTurn<Living>[] {
    const turns = this.again.splice(0, MOST_RECORDS_PER_BULK);
    for (const id of this.queued.keys) {
      if (turns.length >= MOST_RECORDS_PER_BULK) break;
      if (this.busy.has(id)) continue;
      this.busy.add(id);
      turns.push(new RecordTurn(id, this.queued.take(id)));
    }
    return turns;
  }

  private async run(turns: readonly RecordTurn<Living>[]): Promise<void> {
    this.inFlight += 1;
    const conclusions = await commitTogether(this.storage, turns);
    this.inFlight -= 1;
    for (const turn of turns) this.goOn(turn, conclusions.get(turn));
    this.scheduleRest();
  }

  private goOn(turn: RecordTurn<Living>, conclusion: Conclusion): void {
    if (conclusion === undefined) {
      const room = this.storage.moving.room(turn.id);
      if (room) void room.then(() => this.free(turn.id));
      else this.free(turn.id);
      return;
    }

    const ms = pauseBefore(turn, conclusion);
    if (performance.now() - turn.begun + ms > this.patience.giveUpAfterMs) {
      turn.fail(conclusion instanceof Fault ? conclusion : contended(turn.id));
      this.free(turn.id);
    } else if (ms === 0) this.tryAgain(turn);
    else setTimeout(() => this.tryAgain(turn), ms);
  }

  private tryAgain(turn: RecordTurn<Living>): void {
    this.again.push(turn);
    this.schedule();
  }

  private free(id: string): void {
    this.busy.delete(id);
    this.scheduleRest();
    if (this.queued.size > 0 || this.busy.size > 0) return;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  private scheduleRest(): void {
    if (this.queued.size > 0 || this.again.length > 0) this.schedule();
  }
}

/** What a pause depends on. */
type Tried = Pick<RecordTurn<LivingRecord>, 'looks' | 'conflicts' | 'failures'>;

function pauseBefore(turn: Tried, again: Again): number {
  if (again instanceof Fault) return pauseAfterFailure(turn);
  if (again === 'look' && turn.looks++ < LOOKS_WITHOUT_PAUSE) return 0;
  return pauseAfterConflict(turn);
}

/** The first time at once. Then by chance, so that those who met once do not meet again. */
function pauseAfterConflict(turn: Tried): number {
  const most = Math.min(2 ** turn.conflicts++, LONGEST_CONFLICT_PAUSE_MS);
  return most === 1 ? 0 : Math.random() * most;
}

function pauseAfterFailure(turn: Tried): number {
  const most = Math.min(50 * 2 ** turn.failures++, LONGEST_FAILURE_PAUSE_MS);
  return most / 2 + (Math.random() * most) / 2;
}

function contended(id: string): Fault {
  return new Fault('store-contended', `Too many writers change "${id}" at the same time.`);
}

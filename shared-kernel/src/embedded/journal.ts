import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fdatasync, fdatasyncSync, fsyncSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Fault } from '../store/fault';
import { contentsOf, frameOf, JournalSegment, seal } from './journal-segment';
import type { FoundFrame, Frame, SegmentContents } from './journal-segment';
import { damagedJournal, StorageFault, storageFailed, storageFault } from './storage-fault';

/** A segment that has grown so large gives way to the other one, as soon as nothing in that is needed any more. */
const SEGMENT_BYTES = 8 * 1024 * 1024;

/** A file whose frames are here. */
export interface JournalMember {
  /** Resolves when nothing of it is being applied; undefined when that is so. */
  idle(): Promise<unknown> | undefined;
  /** Has its SQL hold everything at once. The journal does by then. */
  applyNow(): void;
}

/** Who waits until everything up to a frame is durable. */
interface Waiter {
  readonly number: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Says what is going to be written to SQL files, before it is: one sequence of frames for all files of a folder, each the
 * SQL of one commit of one file. A frame is durable only if all before it are, so whatever rests on a frame cannot survive
 * without it; only who tells the outside must wait for `settled`, and all who wait do so for one fsync. What the SQL files
 * hold durably is not needed here any more: two segments take turns.
 *
 * When a write or an fsync fails, nobody knows what of it is on the disk: from then on everything is refused with that
 * same Fault, until the journal is opened anew.
 */
export class Journal {
  private readonly waiters: Waiter[] = [];
  private appended: Frame[] = [];
  private appendedBytes = 0;
  private last: number;
  private durable: number;
  private syncing: Promise<void> | undefined;
  private broken: StorageFault | undefined;
  private closed = false;
  private readonly members = new Set<JournalMember>();
  /** For each file, up to which frame its SQL holds everything. */
  private readonly held = new Map<string, number>();
  /** While somebody looks at all files, or waits for that: nothing is applied. */
  private looking: Promise<unknown> | undefined;
  /** No sync begins meanwhile. */
  private isStill = false;
  /** In every frame, so that leftovers of an earlier opening never look like frames of this one. */
  private readonly epoch = randomBytes(4).readUInt32LE();

  private constructor(
    /** Where it lies: the segments' names begin like this. */
    readonly path: string,
    /** A journal that was begun anew has another one: the numbers of its frames begin at 1 again. */
    readonly id: string,
    private segment: JournalSegment,
    private other: JournalSegment | undefined,
    /** Frames that an earlier process has left. */
    private left: readonly FoundFrame[],
  ) {
    this.last = left.at(-1)?.number ?? 0;
    this.durable = this.last;
  }

  /**
   * Opens what lies there, or begins anew. Throws a StorageFault: `data-corrupt` when frames are missing that may be needed,
   * because later ones are there.
   */
  static open(path: string): Journal {
    const opened: JournalSegment[] = [];
    const keep = (segment: JournalSegment) => {
      opened.push(segment);
      return segment;
    };
    try {
      mkdirSync(dirname(path), { recursive: true });
      const [newest, older] = segmentsAt(path);
      const left = [...(older?.frames ?? []), ...(newest?.frames ?? [])];
      const id = newest?.id ?? randomBytes(8).toString('hex');
      const segment = keep(
        newest
          ? JournalSegment.goOn(newest)
          : JournalSegment.create(segmentPaths(path)[0], { id, turn: 1, firstBefore: 0 }),
      );
      const other = older && keep(JournalSegment.goOn(older));
      syncFolder(path);
      return new Journal(path, id, segment, other, left);
    } catch (error) {
      for (const segment of opened) segment.close();
      throw storageFault(error, path) ?? error;
    }
  }

  /** Whether a process has left a journal there. */
  static isThere(path: string): boolean {
    return segmentPaths(path).some((each) => existsSync(each));
  }

  /** Takes part in `still` until the answer is called. */
  join(member: JournalMember): () => void {
    this.members.add(member);
    return () => this.members.delete(member);
  }

  /** What an earlier process has left for this file, from behind frame `after` on, in its order. */
  leftFor(file: string, after: number): readonly FoundFrame[] {
    return this.left.filter((frame) => frame.file === file && frame.number > after);
  }

  /** Number of the newest frame. */
  get newest(): number {
    return this.last;
  }

  /** Number of the newest frame that is durable. */
  get newestDurable(): number {
    return this.durable;
  }

  /** Why nothing is taken any more. */
  get failure(): Fault | undefined {
    return this.broken;
  }

  /** Why nothing should be decided now: it could not be written. Makes room where need be, so that a full disk is met here. */
  refusal(): Fault | undefined {
    return this.broken ?? this.segment.makeRoom(this.appendedBytes);
  }

  /**
   * Appends a frame whose SQL these texts are, one behind the other; answers its number, and the bytes of each text. Throws
   * the Fault of a journal that takes nothing any more, or of a disk that is full; then nothing was appended.
   */
  append(file: string, ...sql: readonly string[]): { readonly number: number; readonly parts: readonly Buffer[] } {
    if (this.broken) throw this.broken;
    const frame = frameOf(this.last + 1, this.epoch, file, sql);
    const full = this.segment.makeRoom(this.appendedBytes + frame.bytes.length);
    if (full) throw full;
    this.last = frame.number;
    this.appended.push(frame);
    this.appendedBytes += frame.bytes.length;
    return frame;
  }

  /**
   * Resolves when all that was appended so far is durable, undefined when it is by now; rejects when that will never be
   * known.
   */
  settled(): Promise<void> | undefined {
    if (this.broken) return Promise.reject(this.broken);
    if (this.durable === this.last) return undefined;
    return new Promise((resolve, reject) => {
      this.waiters.push({ number: this.last, resolve, reject });
      this.syncForWaiters();
    });
  }

  /** Resolves when nobody looks at all files any more; undefined when nobody does. Nothing may be applied before. */
  get stillness(): Promise<unknown> | undefined {
    return this.looking;
  }

  /**
   * Has `look` see the SQL of all files as of one moment: nothing is applied while it runs, and everything was that had
   * been appended. Rejects when the disk fails.
   */
  async still<Answer>(look: () => Answer): Promise<Answer> {
    while (this.looking) await this.looking;
    const looked = this.lookWhenIdle(look);
    this.looking = looked.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await looked;
    } finally {
      this.looking = undefined;
    }
  }

  /** The file's SQL holds everything up to this frame, durably. */
  holds(file: string, number: number): void {
    this.held.set(file, number);
    if (this.left.length > 0) this.left = this.left.filter((frame) => frame.file !== file || frame.number > number);
  }

  /** Waits for what was appended; leaves nothing behind when the SQL files hold all of it. */
  async close(): Promise<void> {
    try {
      if (!this.closed) await this.settled();
    } finally {
      await this.syncing;
      this.letGo();
    }
  }

  /** The same, of a journal to which nothing was appended, at once. */
  letGo(): void {
    if (this.closed) return;
    this.closed = true;
    const segments = [this.other, this.segment].filter((segment) => segment !== undefined);
    const isNeeded = this.broken !== undefined || segments.some((segment) => !segment.isHeld(this.held));
    for (const segment of segments) segment.close();
    // The older one first: as long as the newer one is there, the journal goes on behind it.
    if (!isNeeded) for (const { path } of segments) rmSync(path, { force: true });
  }

  private async lookWhenIdle<Answer>(look: () => Answer): Promise<Answer> {
    await Promise.allSettled([...this.members].map(async (member) => member.idle()));
    this.isStill = true;
    try {
      await this.syncing;
      this.settleNow();
      for (const member of this.members) member.applyNow();
      return look();
    } finally {
      this.isStill = false;
      this.syncForWaiters();
    }
  }

  private syncForWaiters(): void {
    if (this.waiters.length > 0 && !this.syncing && !this.isStill && !this.broken) this.sync();
  }

  /** Writes what was appended, and waits for the disk in another thread. */
  private sync(): void {
    const until = this.last;
    try {
      this.turnOver();
      this.writeAppended();
    } catch (error) {
      this.fail(error);
      return;
    }
    this.syncing = new Promise((resolve) => {
      fdatasync(this.segment.descriptor, (error) => {
        this.syncing = undefined;
        if (error) this.fail(error);
        else this.durableUntil(until);
        resolve();
        this.syncForWaiters();
      });
    });
  }

  /** The same at once: everything waits. */
  private settleNow(): void {
    if (this.broken) throw this.broken;
    if (this.durable === this.last) return;
    try {
      this.writeAppended();
      fdatasyncSync(this.segment.descriptor);
    } catch (error) {
      throw this.fail(error);
    }
    this.durableUntil(this.last);
  }

  private writeAppended(): void {
    const frames = this.appended;
    this.appended = [];
    this.appendedBytes = 0;
    seal(frames, this.segment.lastChecksum);
    this.segment.write(frames);
  }

  private durableUntil(number: number): void {
    this.durable = Math.max(this.durable, number);
    while (this.waiters[0] && this.waiters[0].number <= this.durable) this.waiters.shift()!.resolve();
  }

  private turnOver(): void {
    const { segment, other, id } = this;
    if (segment.bytes < SEGMENT_BYTES) return;
    const header = { id, turn: segment.turn + 1, firstBefore: segment.firstNumber };
    if (other && !other.isHeld(this.held)) return;
    if (other) {
      other.beginAnew(header);
      // What waits was promised room: without it here, the one that has it goes on.
      if (other.makeRoom(this.appendedBytes)) return;
      this.segment = other;
    } else {
      const second = this.secondSegment(header);
      if (!second) return;
      this.segment = second;
    }
    this.other = segment;
  }

  /** Undefined when there is no room for it: then the first one goes on. */
  private secondSegment(header: Parameters<typeof JournalSegment.create>[1]): JournalSegment | undefined {
    const path = segmentPaths(this.path).find((each) => each !== this.segment.path)!;
    try {
      const second = JournalSegment.create(path, header, this.appendedBytes);
      syncFolder(this.path);
      return second;
    } catch (error) {
      const fault = storageFault(error, path) ?? error;
      if (!(fault instanceof StorageFault) || fault.code !== 'disk-full') throw error;
      rmSync(path, { force: true });
      return undefined;
    }
  }

  /** Answers why nothing is taken any more. */
  private fail(error: unknown): StorageFault {
    // A full disk is met before anything is decided; here it is unknown too what has become of the frames.
    const fault = error instanceof StorageFault ? error : storageFault(error, this.path);
    this.broken = fault?.code === 'storage-failed' ? fault : storageFailed(this.path, error);
    for (const { reject } of this.waiters.splice(0)) reject(this.broken);
    return this.broken;
  }
}

/** The two files of the journal that lies there. */
export function segmentPaths(path: string): readonly [string, string] {
  return [`${path}.1`, `${path}.2`];
}

/** What lies there: the segment that was begun last, and the one before it. Throws where frames are missing. */
function segmentsAt(path: string): readonly [newest?: SegmentContents, older?: SegmentContents] {
  const [newest, older] = segmentPaths(path)
    .filter((each) => existsSync(each))
    .map(contentsOf)
    .filter((contents) => contents !== undefined)
    .toSorted((one, other) => other.turn - one.turn);
  if (!newest || !older) return newest ? [newest] : [];

  const [first] = newest.frames;
  const isWhole =
    older.id === newest.id &&
    older.frames[0]?.number === newest.firstBefore &&
    (first === undefined || older.frames.at(-1)?.number === first.number - 1);
  if (!isWhole) throw damagedJournal(path);
  return [newest, older];
}

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

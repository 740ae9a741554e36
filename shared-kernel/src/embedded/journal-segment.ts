import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Fault } from '../store/fault';
import { damagedJournal, storageFailed, storageFault } from './storage-fault';

/** One commit of one file. */
export interface Frame {
  /** From 1, without gaps over all files. */
  readonly number: number;
  readonly file: string;
  /** As it lies in a segment. */
  readonly bytes: Buffer;
}

/** A frame that was found in a segment. */
export interface FoundFrame extends Frame {
  readonly sql: string;
}

/** What a segment says of itself at its beginning. */
export interface SegmentHeader {
  /** Of the journal that it belongs to. */
  readonly id: string;
  /** How many segments were begun before it. */
  readonly turn: number;
  /**
   * Number of the first frame in the segment that was filled before this one, by which a start sees that the other file is
   * still that one; 0 when there was none.
   */
  readonly firstBefore: number;
}

/** What a segment was found to hold. */
export interface SegmentContents extends SegmentHeader {
  readonly path: string;
  readonly frames: readonly FoundFrame[];
}

/** Id, turn, number of the first frame before, and a checksum. */
export const HEADER_BYTES = 16 + 8 + 8 + 4;
/** Length of the payload, checksum of all that follows it, number, epoch, length of the file's name; then name and SQL. */
const HEAD_BYTES = 4 + 4 + 8 + 4 + 2;
/** Written ahead, so that a sync has no size to store, and a full disk is met before it matters. */
const CHUNK = Buffer.alloc(1024 * 1024);
/** So much room there is before anything is decided. */
const ROOM_BYTES = 4 * 1024 * 1024;

/**
 * One of the journal's two files: a header, frames one after the other, and behind them whatever was there before. Each
 * checksum goes on from the one before it, so that a leftover never continues what was written since.
 */
export class JournalSegment {
  /** For each file, its newest frame here. */
  private readonly newest = new Map<string, number>();
  /** Checksum of the last frame, or of the header. */
  private chain: number;
  private first: number | undefined;

  private constructor(
    readonly path: string,
    readonly descriptor: number,
    private header: SegmentHeader,
    /** Where the next frame goes. */
    public bytes: number,
    /** What is written already, if only with zeros. */
    private size: number,
  ) {
    this.chain = checksumOf(headerBytes(header));
  }

  /** A new file. Throws the Fault `disk-full` when there is no room for it and what waits. */
  static create(path: string, header: SegmentHeader, waitingBytes = 0): JournalSegment {
    const segment = new JournalSegment(path, openSync(path, 'w'), header, HEADER_BYTES, HEADER_BYTES);
    try {
      segment.writeHeader();
      const full = segment.makeRoom(waitingBytes);
      if (full) throw full;
      return segment;
    } catch (error) {
      segment.close();
      throw error;
    }
  }

  /** Goes on behind the frames that were found in it; what was found is durable then. */
  static goOn({ path, frames, ...header }: SegmentContents): JournalSegment {
    const bytes = frames.reduce((sum, frame) => sum + frame.bytes.length, HEADER_BYTES);
    const segment = new JournalSegment(path, openSync(path, 'r+'), header, bytes, bytes);
    try {
      fdatasyncSync(segment.descriptor);
    } catch (error) {
      segment.close();
      throw error;
    }
    segment.note(frames);
    return segment;
  }

  get turn(): number {
    return this.header.turn;
  }

  /** The first frame in it. */
  get firstNumber(): number {
    return this.first ?? 0;
  }

  /** What the next frame's checksum goes on from. */
  get lastChecksum(): number {
    return this.chain;
  }

  /** Whether the SQL files hold all of it, given up to which frame each does. */
  isHeld(held: ReadonlyMap<string, number>): boolean {
    return [...this.newest].every(([file, number]) => (held.get(file) ?? 0) >= number);
  }

  /** What is in it is not needed any more; that it begins anew is durable when this returns. */
  beginAnew(header: SegmentHeader): void {
    this.newest.clear();
    this.bytes = HEADER_BYTES;
    this.first = undefined;
    this.header = header;
    this.chain = checksumOf(headerBytes(header));
    this.writeHeader();
  }

  /** Has room for what waits and for more; answers why there is none. */
  makeRoom(waitingBytes: number): Fault | undefined {
    try {
      while (this.size - this.bytes - waitingBytes < ROOM_BYTES) {
        this.size += writeSync(this.descriptor, CHUNK, 0, CHUNK.length, this.size);
      }
      return undefined;
    } catch (error) {
      return storageFault(error, this.path) ?? storageFailed(this.path, error);
    }
  }

  write(frames: readonly Frame[]): void {
    const buffer = Buffer.concat(frames.map(({ bytes }) => bytes));
    for (let written = 0; written < buffer.length;) {
      written += writeSync(this.descriptor, buffer, written, buffer.length - written, this.bytes + written);
    }
    this.bytes += buffer.length;
    this.size = Math.max(this.size, this.bytes);
    this.note(frames);
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private note(frames: readonly Frame[]): void {
    for (const { file, number } of frames) this.newest.set(file, number);
    this.first ??= frames[0]?.number;
    this.chain = frames.at(-1)?.bytes.readUInt32LE(4) ?? this.chain;
  }

  private writeHeader(): void {
    writeSync(this.descriptor, headerBytes(this.header), 0, HEADER_BYTES, 0);
    fdatasyncSync(this.descriptor);
  }
}

/**
 * The frames of a segment, up to the first that is torn or belongs to what was there before. Undefined when the process ended
 * while it created the segment; throws the StorageFault `data-corrupt` when it has no header and cannot have been new.
 */
export function contentsOf(path: string): SegmentContents | undefined {
  const buffer = readFileSync(path);
  const frames: FoundFrame[] = [];
  let at = HEADER_BYTES;
  const chain = buffer.length < HEADER_BYTES ? 0 : checksumOf(buffer);
  for (let frame = decode(buffer, at, chain); frame; frame = decode(buffer, at, frame.bytes.readUInt32LE(4))) {
    const before = frames.at(-1);
    if (before && frame.number !== before.number + 1) break;
    frames.push(frame);
    at += frame.bytes.length;
  }

  const isWhole = buffer.length >= HEADER_BYTES && crc32(buffer.subarray(0, HEADER_BYTES - 4)) === chain;
  if (!isWhole && frames.length > 0) throw damagedJournal(path.slice(0, -2));
  if (!isWhole) return undefined;
  return {
    path,
    id: buffer.toString('latin1', 0, 16),
    turn: buffer.readDoubleLE(16),
    firstBefore: buffer.readDoubleLE(24),
    frames,
  };
}

function headerBytes({ id, turn, firstBefore }: SegmentHeader): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write(id, 0, 'latin1');
  header.writeDoubleLE(turn, 16);
  header.writeDoubleLE(firstBefore, 24);
  header.writeUInt32LE(crc32(header.subarray(0, HEADER_BYTES - 4)), HEADER_BYTES - 4);
  return header;
}

function checksumOf(header: Buffer): number {
  return header.readUInt32LE(HEADER_BYTES - 4);
}

/** Frames are put together here, and then have as many bytes as they need. */
let scratch = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * A frame whose SQL these texts are, one behind the other, and where each of them lies in it. Its checksum is still to be
 * sealed.
 */
export function frameOf(
  number: number,
  epoch: number,
  file: string,
  sql: readonly string[],
): Frame & { readonly parts: readonly Buffer[] } {
  const most = HEAD_BYTES + 3 * sql.reduce((sum, text) => sum + text.length, file.length);
  if (most > scratch.length) scratch = Buffer.allocUnsafeSlow(2 * most);

  const nameBytes = scratch.write(file, HEAD_BYTES);
  const starts: number[] = [];
  let end = HEAD_BYTES + nameBytes;
  for (const text of sql) {
    starts.push(end);
    end += scratch.write(text, end);
  }
  scratch.writeUInt32LE(end - HEAD_BYTES, 0);
  scratch.writeDoubleLE(number, 8);
  scratch.writeUInt32LE(epoch, 16);
  scratch.writeUInt16LE(nameBytes, 20);

  const bytes = Buffer.from(scratch.subarray(0, end));
  return { number, file, bytes, parts: starts.map((start, at) => bytes.subarray(start, starts[at + 1] ?? end)) };
}

/** Gives frames that follow each other their checksums, beginning behind this one. */
export function seal(frames: readonly Frame[], checksum: number): void {
  let chain = checksum;
  for (const { bytes } of frames) {
    chain = crc32(bytes.subarray(8), chain);
    bytes.writeUInt32LE(chain, 4);
  }
}

function decode(buffer: Buffer, start: number, chain: number): FoundFrame | undefined {
  const name = start + HEAD_BYTES;
  if (name > buffer.length) return undefined;
  const end = name + buffer.readUInt32LE(start);
  if (end === name || end > buffer.length) return undefined;
  if (crc32(buffer.subarray(start + 8, end), chain) !== buffer.readUInt32LE(start + 4)) return undefined;

  const sql = name + buffer.readUInt16LE(start + 20);
  return {
    number: buffer.readDoubleLE(start + 8),
    file: buffer.toString('utf8', name, sql),
    sql: buffer.toString('utf8', sql, end),
    bytes: buffer.subarray(start, end),
  };
}

type Headers = Readonly<Record<string, string>>;

/**
 * Headers as bytes, for the embedded log. A dozen CloudEvents headers are most of a saga message, and most of what they
 * say is known already: so names and values that always recur are one byte each, ids and times are stored as what they
 * are, an id that stands in several headers is stored once, and so is the key. Whatever else there is comes as UTF-8.
 *
 * The lists below are on people's disks by position: append, never reorder or remove.
 */
const NAMES = [
  '', // position 0 says that the name itself follows
  'ce_specversion',
  'ce_id',
  'ce_source',
  'ce_type',
  'ce_time',
  'ce_subject',
  'content-type',
  'ce_sagaid',
  'ce_correlationid',
  'ce_causationid',
  'ce_awaits',
  'ce_expirytime',
  'ce_announcedtime',
  'ce_participant',
  'traceparent',
  'tracestate',
  'parked_group',
  'parked_topic',
  'parked_partition',
  'parked_offset',
  'parked_time',
  'parked_reason',
  'parked_detail',
  'parked_at',
  'parked_count',
];

const VALUES = [
  '1.0',
  'application/json',
  '/rental-service',
  '/book-service',
  '/member-service',
  '/bestbook-service',
  'ItemRented',
  'ItemRentCancelled',
  'ItemReturned',
  'ItemReturnCancelled',
  'ItemReturnConfirmed',
  'OverdueCleared',
  'OverdueClearCancelled',
  'EventResult',
  'book',
  'member',
  'bestbook',
  'book,member,bestbook',
  'book,member',
];

/** What `ce_subject` puts before the key. */
const CARD = 'rental-cards/';

/** How a value is stored: the byte before it. */
const TEXT = 0;
const KNOWN = 1;
const KEY = 2;
const TIME = 3;
const TRACE = 4;
/** A UUID in 16 bytes, and the text that follows it. */
const UUID = 5;
/** The same UUID as an earlier one, and the text that follows it: these positions count the UUIDs, from 0. */
const SAME_UUID = 6;
const CARD_OF_KEY = 7;

const NAME_AT = new Map(NAMES.map((name, at) => [name, at]));
const VALUE_AT = new Map(VALUES.map((value, at) => [value, at]));

const UUID_LENGTH = 36;
const UUID_GROUPS = [8, 4, 4, 4, 12];
const TRACE_LENGTH = 55;
const TRACE_GROUPS = [2, 32, 16, 2];
const TRACE_BYTES = 26;
const TIME_LENGTH = 24;
/** A time further from the message's own is stored as text, so that no difference outgrows an exact integer. */
const FAR = 2 ** 48;
const LONGEST_KNOWN = Math.max(...VALUES.map((value) => value.length));

/** `time` and `key` are the message's own, and are needed again for reading. */
export function compactHeaders(headers: Headers, key: string | undefined, time: number): Uint8Array {
  const names = Object.keys(headers);
  let room = 0;
  for (const name of names) room += 3 * (name.length + (headers[name]?.length ?? 0)) + 16;
  if (room > scratch.bytes.length) scratch = new Writer(room);

  const out = scratch;
  out.at = 0;
  const uuids: string[] = [];
  for (const name of names) {
    const known = NAME_AT.get(name) ?? 0;
    out.byte(known);
    if (known === 0) out.text(name);
    writeValue(out, headers[name] ?? '', key, time, uuids);
  }
  const compact = Buffer.allocUnsafe(out.at);
  out.bytes.copy(compact, 0, 0, out.at);
  return compact;
}

export function expandHeaders(compact: Uint8Array, key: string | undefined, time: number): Headers {
  const from = new Reader(compact);
  const uuids: string[] = [];
  const headers: Record<string, string> = {};
  while (!from.ended) {
    const known = from.byte();
    const name = known === 0 ? from.text() : (NAMES[known] ?? '');
    const value = readValue(from, key, time, uuids);
    // As a plain assignment it would set the object's prototype, and the header were lost.
    if (name === '__proto__') Object.defineProperty(headers, name, { value, enumerable: true });
    else headers[name] = value;
  }
  return headers;
}

function writeValue(out: Writer, value: string, key: string | undefined, time: number, uuids: string[]): void {
  const known = value.length <= LONGEST_KNOWN ? VALUE_AT.get(value) : undefined;
  if (known !== undefined) {
    out.byte(KNOWN);
    out.byte(known);
    return;
  }
  if (value === key) {
    out.byte(KEY);
    return;
  }
  if (key !== undefined && value.length === CARD.length + key.length && value === CARD + key) {
    out.byte(CARD_OF_KEY);
    return;
  }
  if (value.length === TIME_LENGTH) {
    const instant = instantOf(value);
    if (instant !== undefined && Math.abs(instant - time) < FAR) {
      out.byte(TIME);
      out.signed(instant - time);
      return;
    }
  }
  if (value.length >= UUID_LENGTH && value.charCodeAt(8) === DASH) {
    const earlier = uuids.findIndex((uuid) => value.startsWith(uuid));
    if (earlier >= 0) {
      out.byte(SAME_UUID);
      out.byte(earlier);
      out.text(value.slice(UUID_LENGTH));
      return;
    }
    if (uuids.length < 256 && out.hex(UUID, value, UUID_GROUPS)) {
      uuids.push(value.slice(0, UUID_LENGTH));
      out.text(value.slice(UUID_LENGTH));
      return;
    }
  }
  if (value.length === TRACE_LENGTH && out.hex(TRACE, value, TRACE_GROUPS)) return;
  out.byte(TEXT);
  out.text(value);
}

function readValue(from: Reader, key: string | undefined, time: number, uuids: string[]): string {
  const form = from.byte();
  switch (form) {
    case TEXT:
      return from.text();
    case KNOWN:
      return VALUES[from.byte()] ?? '';
    case KEY:
      return key ?? '';
    case CARD_OF_KEY:
      return CARD + (key ?? '');
    case TIME:
      return new Date(time + from.signed()).toISOString();
    case TRACE: {
      const hex = from.hex(TRACE_BYTES);
      return `${hex.slice(0, 2)}-${hex.slice(2, 34)}-${hex.slice(34, 50)}-${hex.slice(50)}`;
    }
    case UUID: {
      const hex = from.hex(16);
      const uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
      uuids.push(uuid);
      return uuid + from.text();
    }
    case SAME_UUID:
      return (uuids[from.byte()] ?? '') + from.text();
    default:
      throw new Error(`Headers of a newer version: this one does not know form ${form}.`);
  }
}

class Writer {
  readonly bytes: Buffer;
  at = 0;

  constructor(room: number) {
    this.bytes = Buffer.allocUnsafeSlow(room);
  }

  byte(value: number): void {
    this.bytes[this.at++] = value;
  }

  /** Seven bits a byte, the lowest first; plain division, because times need more than 32 bits. */
  number(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  signed(value: number): void {
    this.number(value < 0 ? -2 * value - 1 : 2 * value);
  }

  text(value: string): void {
    if (value.length < 64 && this.ascii(value)) return;
    this.number(Buffer.byteLength(value));
    this.at += this.bytes.write(value, this.at);
  }

  /**
   * Writes `form`, and half a byte for each digit of groups that are joined by dashes; writes nothing when there is another
   * character.
   */
  hex(form: number, value: string, groups: readonly number[]): boolean {
    let to = this.at;
    this.bytes[to++] = form;
    let from = 0;
    for (const length of groups) {
      if (from > 0 && value.charCodeAt(from++) !== DASH) return false;
      for (const end = from + length; from < end; from += 2) {
        const byte = (hexDigit(value.charCodeAt(from)) << 4) | hexDigit(value.charCodeAt(from + 1));
        if (byte < 0) return false;
        this.bytes[to++] = byte;
      }
    }
    this.at = to;
    return true;
  }

  /** The same bytes as `text` would write, without leaving JavaScript, which for a few characters takes longer than they do. */
  private ascii(value: string): boolean {
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      this.bytes[this.at + 1 + i] = code;
    }
    this.bytes[this.at] = value.length;
    this.at += 1 + value.length;
    return true;
  }
}

class Reader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    return this.bytes[this.at++] ?? 0;
  }

  number(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return value;
    }
  }

  signed(): number {
    const value = this.number();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  text(): string {
    const length = this.number();
    return this.bytes.toString('utf8', this.at, (this.at += length));
  }

  hex(bytes: number): string {
    return this.bytes.toString('hex', this.at, (this.at += bytes));
  }
}

const DASH = 0x2d;

/** Negative for what is no lower-case hexadecimal digit; combined with another digit it stays negative. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  if (code >= 0x61 && code <= 0x66) return code - 0x57;
  return -0x100;
}

/** Milliseconds since the epoch, when this is a time exactly as `toISOString` writes it. Asking Date takes ten times as long. */
function instantOf(value: string): number | undefined {
  for (const [at, mark] of TIME_MARKS) if (value[at] !== mark) return undefined;

  const [month, day, hour] = [digits(value, 5, 7), digits(value, 8, 10), digits(value, 11, 13)];
  const [minute, second] = [digits(value, 14, 16), digits(value, 17, 19)];
  const instant = Date.UTC(digits(value, 0, 4), month - 1, day, hour, minute, second, digits(value, 20, 23));
  if (Number.isNaN(instant)) return undefined;

  // Any other day, hour or year may have been rolled over into the next one.
  const plain = month >= 1 && month <= 12 && day >= 1 && day <= 28 && hour < 24 && minute < 60 && second < 60;
  return (plain && value[0] !== '0') || new Date(instant).toISOString() === value ? instant : undefined;
}

const TIME_MARKS = [
  [4, '-'],
  [7, '-'],
  [10, 'T'],
  [13, ':'],
  [16, ':'],
  [19, '.'],
  [23, 'Z'],
] as const;

function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    number = 10 * number + digit;
  }
  return number;
}

/** Headers are written one message after another, so that they can all be written in the same place. */
let scratch = new Writer(4096);

/** A value as it is stored, and since when it waits (milliseconds since the epoch). */
export interface WrittenText {
  readonly since: number;
  readonly text: string;
}

/**
 * JSON of values that never change: what was read, and is written again with its record, keeps its text and its time.
 *
 * Values are stored as text, not as BSON: an object with a key such as `_bsontype` or `$ref`, a key with a NUL, or one that
 * is nested deeper than BSON may be, would come back as something else or not be taken at all.
 */
export class KnownTexts<Value> {
  private readonly known = new WeakMap<object, WrittenText>();

  parse(written: WrittenText): Value {
    const value = valueOf(written.text) as Value;
    if (isObject(value)) this.known.set(value, written);
    return value;
  }

  of(value: Value, now: number): WrittenText {
    if (!isObject(value)) return { since: now, text: textOf(value) };
    let written = this.known.get(value);
    if (!written) {
      written = { since: now, text: textOf(value) };
      this.known.set(value, written);
    }
    return written;
  }
}

/** Stands for undefined, for which JSON has no word. */
const NOTHING = '';

export function textOf(value: unknown): string {
  return value === undefined ? NOTHING : JSON.stringify(value);
}

export function valueOf(text: string): unknown {
  return text === NOTHING ? undefined : JSON.parse(text);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

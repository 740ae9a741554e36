/** What a column can hold. Truth values and times are stored as integers, everything else as JSON text. */
export type SqlValue = string | number | null | Uint8Array;

/** A text that is a literal already. */
export class SqlLiteral {
  constructor(readonly sql: string) {}
}

/** The value as JSON. No need to look whether it can be stored: a NUL and half a surrogate pair are escaped in it. */
export function jsonLiteral(value: unknown): SqlLiteral {
  return new SqlLiteral(quoted(JSON.stringify(value)));
}

/** The values as a row of literals, `(1,'text',X'00',NULL)`. Throws when one of them cannot be stored. */
export function literalRow(values: readonly (SqlValue | SqlLiteral)[]): string {
  let row = '';
  for (const value of values) {
    const text = value instanceof SqlLiteral ? value.sql : literal(value);
    row += row === '' ? text : `,${text}`;
  }
  return `(${row})`;
}

/**
 * The statement with a literal in the place of each `?`. Throws when one of them cannot be stored, or there are more or fewer.
 * Trap: a `?` in quotes is counted, too.
 */
export function literalsIn(sql: string, values: readonly SqlValue[]): string {
  const [begin = '', ...rest] = sql.split('?');
  if (rest.length !== values.length)
    throw new Error(`${rest.length} values are wanted, ${values.length} were given: ${sql}`);
  return values.reduce<string>((text, value, at) => text + literal(value) + rest[at], begin);
}

function literal(value: SqlValue): string {
  const refused = whyRefused(value);
  if (refused) throw new TypeError(`${refused} cannot be stored.`);
  if (value === null) return 'NULL';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : fraction(value);
  if (typeof value === 'string') return quoted(value);
  return `X'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`;
}

function quoted(text: string): string {
  return text.includes("'") ? `'${text.replaceAll("'", "''")}'` : `'${text}'`;
}

/**
 * Trap: of a fraction's decimals, SQLite makes a neighbouring number now and then. A quotient of a whole number and a power
 * of two is exact.
 */
function fraction(value: number): string {
  let whole = value;
  let halvings = 0;
  for (; !Number.isInteger(whole); halvings++) whole *= 2;
  const divisors = '/4294967296.0'.repeat(Math.floor(halvings / 32));
  return `(${whole}.0${divisors}/${2 ** (halvings % 32)}.0)`;
}

/** Trap: a boolean, bound, aborts the process; an object, a NUL in a text or half a surrogate pair is stored as something else. */
export function whyRefused(value: unknown): string | undefined {
  if (value === null || value instanceof Uint8Array) return undefined;
  if (typeof value === 'string') {
    if (value.includes('\0')) return 'A text with a NUL character';
    return (value as WellFormed).isWellFormed() ? undefined : 'A text with half a surrogate pair';
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return `The number ${value}`;
    return Number.isInteger(value) && !Number.isSafeInteger(value) ? `An integer beyond 2^53 (${value})` : undefined;
  }
  return `A value of the type ${value instanceof Date ? 'Date' : typeof value}`;
}

/** Every Node that runs this has it; the library that TypeScript is told to assume does not. */
type WellFormed = string & { isWellFormed(): boolean };

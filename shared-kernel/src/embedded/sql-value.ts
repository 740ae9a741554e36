/** What a column can hold. Truth values and times are stored as integers, everything else as JSON text. */
export type SqlValue = string | number | null | Uint8Array;

/**
 * The values as a row of literals, `(1,'text',X'00',NULL)`; undefined when one of them must be bound to stay what it is.
 * Throws when one of them cannot be stored.
 */
export function literalRow(values: readonly SqlValue[]): string | undefined {
  let row = '';
  for (const value of values) {
    const text = literal(value);
    if (text === undefined) return undefined;
    row += row === '' ? text : `,${text}`;
  }
  return `(${row})`;
}

function literal(value: SqlValue): string | undefined {
  const refused = whyRefused(value);
  if (refused) throw new TypeError(`${refused} cannot be stored.`);
  if (value === null) return 'NULL';
  // Trap: of a fraction's decimals, SQLite makes a neighbouring number now and then.
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : undefined;
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  return `X'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`;
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

/** What the log takes at most, in bytes. */
const LARGEST = 256 * 1024;
/** Deeper than any event, and far too shallow to exhaust a stack. */
const DEEPEST = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads JSON that anybody may have written. Throws a SyntaxError, one sentence for the operator, at whatever two readers
 * could take for two different things, or could not take at all: other encodings, two fields of one name, `__proto__`.
 */
export function parseBounded(bytes: Uint8Array): unknown {
  if (bytes.length > LARGEST) throw new SyntaxError(`The value has ${bytes.length} bytes, more than ${LARGEST}.`);
  const text = decoded(bytes);
  mustBePlain(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`The value is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new SyntaxError('The value is not UTF-8.', { cause: error });
  }
}

/** Before it is parsed, because parsing it might already be too much. */
function mustBePlain(text: string): void {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{' || char === '[') {
      if (open.push(new Set()) > DEEPEST)
        throw new SyntaxError(`The value is nested more than ${DEEPEST} levels deep.`);
    } else if (char === '}' || char === ']') open.pop();
    else if (char === '"') {
      const end = endOfString(text, at);
      if (isName(text, end)) mustBeNew(text.slice(at, end + 1), open.at(-1));
      at = end;
    }
  }
}

function mustBeNew(quoted: string, names: Set<string> | undefined): void {
  const name = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  if (name === '__proto__') throw new SyntaxError('The value has a field "__proto__".');
  if (names?.has(name)) throw new SyntaxError(`The value has two fields "${name.slice(0, 40)}".`);
  names?.add(name);
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at;
  }
  return text.length;
}

/** Whether a colon follows the string that ends here. */
function isName(text: string, end: number): boolean {
  let at = end + 1;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return text[at] === ':';
}

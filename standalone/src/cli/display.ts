/** Characters as a terminal shows them. */

/** Hangul, CJK and emoji take two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const WITHOUT_WIDTH = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;
// The escape sequences are our own: whatever comes from elsewhere has none left.
// oxlint-disable-next-line no-control-regex
const COLOUR = /\u001b\[\d+m/gu;
const INVISIBLE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** How many columns of a terminal the text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text.replaceAll(COLOUR, '')) {
    if (WITHOUT_WIDTH.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** The same data, with what could steer a terminal, or turn its text around, written out: a title must not move the cursor. */
export function visible<Data>(data: Data): Data {
  if (typeof data === 'string') return data.replaceAll(INVISIBLE, (character) => escaped(character)) as Data;
  if (typeof data !== 'object' || data === null) return data;
  if (Array.isArray(data)) return data.map(visible) as Data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [visible(name), visible(value as unknown)]),
  ) as Data;
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Emphasis, where the terminal shows it. */
export interface Paint {
  strong(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

const CODES = { strong: [1, 22], dim: [2, 22], good: [32, 39], warn: [33, 39], bad: [31, 39] } as const;

export function paintFor(isColoured: boolean): Paint {
  const painted = ([on, off]: readonly [number, number]) => {
    return (text: string) => (isColoured && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text);
  };
  return {
    strong: painted(CODES.strong),
    dim: painted(CODES.dim),
    good: painted(CODES.good),
    warn: painted(CODES.warn),
    bad: painted(CODES.bad),
  };
}

type Cell = string | number | undefined;

/** Lines in columns; numbers stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[], paint: Paint): string {
  const isNumeric = head.map((_, at) => rows.every((row) => row[at] === undefined || typeof row[at] === 'number'));
  const texts = rows.map((row) => head.map((_, at) => String(row[at] ?? '')));
  const widths = head.map((name, at) => Math.max(widthOf(name), ...texts.map((row) => widthOf(row[at] ?? ''))));

  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => {
        const padding = ' '.repeat((widths[at] ?? 0) - widthOf(cell));
        return isNumeric[at] ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd();
  const titles = head.some((name) => name !== '') ? [line(head.map((name) => paint.dim(name)))] : [];
  return [...titles, ...texts.map(line)].join('\n');
}

/** Names, and what is said of each, in two columns. */
export function pairs(rows: readonly (readonly [name: string, said: Cell])[]): string {
  const told = rows.filter(([, said]) => said !== undefined);
  const width = Math.max(...told.map(([name]) => widthOf(name)));
  return told.map(([name, said]) => `${name}${' '.repeat(width - widthOf(name))}  ${said}`).join('\n');
}

/** `2 books`, `1 book`. */
export function counted(count: number, thing: string, things = `${thing}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? thing : things}`;
}

/** 90_061_000 is `1 d 1 h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.floor(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** 1_234_567 is `1.2 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [amount, unit] = [count, 0];
  while (amount >= 1_000 && unit < units.length - 1) [amount, unit] = [amount / 1_000, unit + 1];
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
}

import { visible } from '@library/standalone/cli/display';
import { SERVICES } from '../gateway';

/** What a program has said in one line. */
export interface Said {
  readonly level: 'info' | 'warn' | 'error';
  /** Milliseconds since the epoch; undefined when the line does not say it. */
  readonly time?: number;
  readonly message: string;
  /** What went with it, and then where it came from. */
  readonly detail?: string;
  readonly stack?: string;
}

interface PinoLine {
  readonly level: number;
  readonly time: number;
  readonly msg: string;
  readonly err?: { readonly message?: string; readonly stack?: string };
}

const WARN = 40;
const ERROR = 50;
/** What every line of a service has, and what is told in another way. */
const TOLD_OTHERWISE = new Set(['level', 'time', 'msg', 'service', 'err']);

/** Takes a line of pino apart; any other line is a message as it is. */
export function understood(line: string): Said {
  const parsed = pinoLine(line);
  if (parsed === undefined) return { level: 'info', message: line };
  const { level, time, msg, err } = parsed;
  const fields = Object.entries(parsed).filter(([name]) => !TOLD_OTHERWISE.has(name));
  const detail = [...(err?.message === undefined ? [] : [err.message]), ...fields.map(shown)].join(' ');
  return {
    level: level >= ERROR ? 'error' : level >= WARN ? 'warn' : 'info',
    time,
    message: msg,
    ...(detail === '' ? {} : { detail }),
    // Of a warning its sentence is enough: whatever caused it is tried again.
    ...(level >= ERROR && err?.stack !== undefined ? { stack: err.stack } : {}),
  };
}

function pinoLine(line: string): PinoLine | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = JSON.parse(line) as Partial<PinoLine>;
    return typeof parsed.level === 'number' && typeof parsed.msg === 'string' ? (parsed as PinoLine) : undefined;
  } catch {
    return undefined;
  }
}

function shown([name, value]: readonly [string, unknown]): string {
  return `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
}

/** As many columns as the longest name of a service takes. */
const NAME_COLUMNS = Math.max(...SERVICES.map(({ length }) => length));
const NAMES: readonly string[] = SERVICES;
/** Cyan, magenta, blue and green, in the order of the names: yellow and red are for what is wrong. */
const COLOURS = [36, 35, 34, 32];
const [STRONG, DIM, YELLOW, RED] = [1, 2, 33, 31];

/** The line for people, or the lines: when, who, and what. Times are of this machine's zone. */
export function lineOf(speaker: string, said: Said, now: Date, isColoured: boolean): string {
  const paint = (code: number, text: string) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : text);
  const { level, time, message, detail, stack } = visible(said);

  const when = (time === undefined ? now : new Date(time)).toTimeString().slice(0, 8);
  const who = paint(COLOURS[NAMES.indexOf(speaker)] ?? STRONG, speaker.padEnd(NAME_COLUMNS));
  const what = level === 'info' ? message : paint(level === 'warn' ? YELLOW : RED, `${level}: ${message}`);
  const first = [paint(DIM, when), who, what, ...(detail === undefined ? [] : [paint(DIM, `(${detail})`)])].join(' ');
  if (stack === undefined) return first;
  const margin = ' '.repeat('00:00:00 '.length + NAME_COLUMNS + 1);
  return [first, ...(said.stack ?? '').split('\n').map((line) => paint(DIM, margin + visible(line)))].join('\n');
}

import { parseArgs } from 'node:util';
import { misused } from './exit';
import type { Syntax, VerbOption } from './syntax';

/** Options that every verb takes. */
export const COMMON: Readonly<Record<string, VerbOption>> = {
  json: { says: 'Print one JSON document.' },
  url: { takes: 'URL', says: 'Where the library answers; http://127.0.0.1:8080, or as HTTP_HOST and HTTP_PORT say.' },
  help: { says: 'Explain the command.' },
};

const DATA: Readonly<Record<string, VerbOption>> = {
  data: { takes: 'FOLDER', says: 'Its data folder; ./data, or as DATA_DIR says.' },
};

/** All that the verb takes. */
export function optionsOf({ options, data }: Syntax): Readonly<Record<string, VerbOption>> {
  return { ...options, ...COMMON, ...(data === undefined ? {} : DATA) };
}

/** A command line that was understood. */
export interface Understood<Verb extends Syntax = Syntax> {
  readonly verb: Verb;
  readonly words: Readonly<Record<string, string>>;
  readonly texts: Readonly<Record<string, string>>;
  readonly flags: ReadonlySet<string>;
}

/** What was asked for: to do something, to be told how, or which release this is. */
export type Asked<Verb extends Syntax = Syntax> = Understood<Verb> | { readonly helpOn: readonly string[] } | 'version';

/** Throws CannotDo when it is not understood. */
export function understand<Verb extends Syntax>(args: readonly string[], verbs: readonly Verb[]): Asked<Verb> {
  const { words, rest } = leadingWords(args);
  const wantsHelp = rest.includes('--help') || rest.includes('-h');
  if (words[0] === 'help') return { helpOn: words.slice(1) };
  if (words.length === 0 && rest.includes('--version')) return 'version';
  if (words.length === 0)
    return rest.length === 0 || wantsHelp ? { helpOn: [] } : misused('A command is missing. See `library help`.');

  const { verb, used } = verbFor(words, verbs, wantsHelp);
  if (!verb || wantsHelp) return { helpOn: words.slice(0, used) };
  return { verb, ...readFor(verb, withoutLeading(args, used)) };
}

/** The arguments up to the first option that is not common to all, split into words and options. */
function leadingWords(args: readonly string[]): {
  readonly words: readonly string[];
  readonly rest: readonly string[];
} {
  const words: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (!arg.startsWith('-') || /^-\d/.test(arg)) words.push(arg);
    else rest.push(arg);
    // What follows belongs to the option.
    if (arg === '--url' || arg === '--data') at++;
  }
  return { words, rest };
}

/** The arguments without the words that name the verb. */
function withoutLeading(args: readonly string[], count: number): readonly string[] {
  let left = count;
  return args.filter((arg, at) => {
    const isValue = args[at - 1] === '--url' || args[at - 1] === '--data';
    if (left === 0 || arg.startsWith('-') || isValue) return true;
    left--;
    return false;
  });
}

function verbFor<Verb extends Syntax>(
  words: readonly string[],
  verbs: readonly Verb[],
  wantsHelp: boolean,
): { readonly verb?: Verb; readonly used: number } {
  const [first = '', second] = words;
  const long = verbs.find(({ name }) => name === `${first} ${second}`);
  if (long) return { verb: long, used: 2 };

  const family = verbs
    .filter(({ name }) => name.startsWith(`${first} `))
    .map(({ name }) => name.slice(first.length + 1));
  const short = verbs.find(({ name }) => name === first);
  if (short) {
    const meant = second === undefined ? undefined : nearest(second, family);
    if (meant !== undefined)
      misused(`There is no \`library ${first} ${second}\`. Did you mean \`library ${first} ${meant}\`?`);
    return { verb: short, used: 1 };
  }
  if (family.length > 0) {
    if (wantsHelp) return { used: 1 };
    const meant = second === undefined ? undefined : nearest(second, family);
    const what =
      second === undefined ? `\`library ${first}\` needs a word more` : `There is no \`library ${first} ${second}\``;
    misused(
      `${what}: ${family.join(', ')}.${meant === undefined ? '' : ` Did you mean \`library ${first} ${meant}\`?`}`,
    );
  }
  const meant = nearest(first, [...new Set(verbs.flatMap(({ name }) => [name.split(' ')[0]!])), 'help']);
  misused(
    `There is no \`library ${first}\`. ${meant === undefined ? 'See `library help`.' : `Did you mean \`library ${meant}\`?`}`,
  );
}

function readFor(verb: Syntax, args: readonly string[]): Omit<Understood, 'verb'> {
  const known = optionsOf(verb);
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { takes }]) => [
      name,
      { type: takes === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  try {
    // A number below 0 would be taken for options.
    const shielded = args.map((arg) => (/^-\d/.test(arg) ? `${SHIELD}${arg}` : arg));
    const { values, positionals } = parseArgs({ args: shielded, options, allowPositionals: true });
    const given = Object.entries(values);
    const words = positionals.map(unshielded);
    refuseMissing(verb, words, values);
    if (verb.data === 'in-place-of-url' && 'data' in values && 'url' in values)
      misused('Name an address with --url or a folder with --data, not both.');
    return {
      words: wordsFor(verb, words),
      texts: Object.fromEntries(
        given
          .filter((one): one is [string, string] => typeof one[1] === 'string')
          .map(([name, text]) => [name, unshielded(text)]),
      ),
      flags: new Set(given.filter(([, value]) => value === true).map(([name]) => name)),
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    misused(`${unshielded(whyUnread(message, verb, Object.keys(known)))} See \`library ${verb.name} --help\`.`);
  }
}

const SHIELD = '\u{e000}';

function unshielded(text: string): string {
  return text.replaceAll(SHIELD, '');
}

/** Node's sentence goes on with advice that is not for users of this program. */
function whyUnread(message: string, { name }: Syntax, known: readonly string[]): string {
  const [, option] = /^Unknown option '--?([^']+)'/.exec(message) ?? [];
  if (option === undefined) return `${message.split(/[.\n]/)[0]}.`;
  if (option === 'data') return `\`library ${name}\` reads no folder, and takes no --data.`;
  const meant = nearest(option, known);
  return `There is no option --${option} here.${meant === undefined ? '' : ` Did you mean --${meant}?`}`;
}

function refuseMissing(verb: Syntax, words: readonly string[], values: Readonly<Record<string, unknown>>): void {
  const { takes = [], options = {} } = verb;
  const missing = [
    ...takes
      .slice(words.length)
      .filter((word) => !word.endsWith('?'))
      .map((word) => `<${word}>`),
    ...Object.entries(options)
      .filter(([name, { isNeeded }]) => isNeeded && values[name] === undefined)
      .map(([name]) => `--${name}`),
  ];
  const last = missing.pop();
  if (last === undefined) return;
  const what = missing.length === 0 ? `${last} is` : `${missing.join(', ')} and ${last} are`;
  misused(`${what} missing: ${usageOf(verb)}.`);
}

function wordsFor(verb: Syntax, given: readonly string[]): Readonly<Record<string, string>> {
  const takes = verb.takes ?? [];
  if (given.length > takes.length) misused(`"${given[takes.length]}" is one word too many: ${usageOf(verb)}.`);
  return Object.fromEntries(given.map((word, at) => [takes[at]!.replace('?', ''), word]));
}

export function usageOf({ name, takes = [], options = {} }: Syntax): string {
  const words = takes.map((word) => (word.endsWith('?') ? `[${word.slice(0, -1)}]` : `<${word}>`));
  const all = Object.entries(options).map(([option, { takes: value, isNeeded }]) => {
    return { isNeeded, text: `--${option}${value === undefined ? '' : ` ${value}`}` };
  });
  const needed = all.filter(({ isNeeded }) => isNeeded).map(({ text }) => text);
  const others = all.filter(({ isNeeded }) => !isNeeded).map(({ text }) => `[${text}]`);
  return ['library', name, ...words, ...needed, ...others].join(' ');
}

/** What may have been meant: not more than two slips of the fingers away, and not half of the word. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((name) => ({ name, slips: slipsBetween(word, name) }))
    .filter(({ name, slips }) => slips <= 2 && slips * 2 < Math.max(name.length, 3))
    .toSorted((one, other) => one.slips - other.slips);
  return best?.name;
}

/** Letters to put in, leave out, change, or swap with their neighbour. */
function slipsBetween(one: string, other: string): number {
  const slips: number[][] = Array.from({ length: one.length + 1 }, (_, i) =>
    Array.from({ length: other.length + 1 }, (__, j) => i + j),
  );
  const at = (i: number, j: number) => slips[i]?.[j] ?? 0;

  for (let i = 1; i <= one.length; i++) {
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      let least = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
        least = Math.min(least, at(i - 2, j - 2) + 1);
      slips[i]![j] = least;
    }
  }
  return at(one.length, other.length);
}

import { nearest, understand } from '@library/standalone/cli/arguments';
import type { CannotDo } from '@library/standalone/cli/exit';
import type { Verb } from '@library/standalone/cli/verb';

const run = () => Promise.reject(new Error('Not in these tests.'));
const VERBS: readonly Verb[] = [
  {
    name: 'rent',
    takes: ['member', 'bookNo'],
    says: 'Rent a book.',
    options: { name: { takes: 'NAME', says: '.' }, wait: { takes: 'N', says: '.' } },
    run,
  },
  { name: 'saga', takes: ['id'], says: 'Show a saga.', run },
  { name: 'saga ls', says: 'List.', options: { attention: { says: '.' } }, run },
  { name: 'saga watch', takes: ['id'], says: 'Follow.', data: 'in-place-of-url', run },
  {
    name: 'book add',
    takes: ['title'],
    says: 'Add.',
    options: {
      key: { takes: 'KEY', says: '.' },
      author: { takes: 'NAME', says: '.', isNeeded: true },
      isbn: { takes: 'ISBN', says: '.', isNeeded: true },
    },
    run,
  },
  { name: 'book ls', says: 'List.', run },
  { name: 'clock', takes: ['shift?'], says: 'Move.', run },
];

function understood(line: string) {
  const asked = understand(line.split(' ').filter(Boolean), VERBS);
  if (asked === 'version' || 'helpOn' in asked) return asked;
  const { verb, words, texts, flags } = asked;
  return { verb: verb.name, words, texts, flags: [...flags] };
}

function refused(line: string): string {
  try {
    understood(line);
  } catch (error) {
    const { name, exit, message } = error as CannotDo;
    return `${name} ${exit}: ${message}`;
  }
  return 'understood';
}

describe('a command line', () => {
  it('names a verb, its words and its options, in any order', () => {
    const expected = {
      verb: 'rent',
      words: { member: 'jenny', bookNo: '7' },
      texts: { name: '제니', url: 'http://x:1' },
      flags: ['json'],
    };

    expect(understood('rent jenny 7 --name 제니 --json --url http://x:1')).toStrictEqual({
      ...expected,
      texts: { name: '제니', url: 'http://x:1' },
    });
    expect(understood('--json --url http://x:1 rent --name=제니 jenny 7')).toStrictEqual(expected);
    expect(understood('--url http://x:1 rent jenny --json --name 제니 7')).toStrictEqual(expected);
  });

  it('names the longest verb that there is', () => {
    expect(understood('saga ls')).toMatchObject({ verb: 'saga ls', words: {} });
    expect(understood('saga 01936b2e')).toMatchObject({ verb: 'saga', words: { id: '01936b2e' } });
    expect(understood('--data ls saga watch 01936b2e')).toMatchObject({
      verb: 'saga watch',
      words: { id: '01936b2e' },
      texts: { data: 'ls' },
    });
  });

  it('may leave out a word that may be left out, and name a number below 0', () => {
    expect(understood('clock')).toMatchObject({ verb: 'clock', words: {} });
    expect(understood('clock -3h')).toMatchObject({ verb: 'clock', words: { shift: '-3h' } });
    expect(understood('clock +15d')).toMatchObject({ words: { shift: '+15d' } });
    expect(understood('rent jenny 1 --wait -5')).toMatchObject({ texts: { wait: '-5' } });
  });

  it('asks for help', () => {
    expect(understood('')).toStrictEqual({ helpOn: [] });
    expect(understood('help')).toStrictEqual({ helpOn: [] });
    expect(understood('--help')).toStrictEqual({ helpOn: [] });
    expect(understood('help saga watch')).toStrictEqual({ helpOn: ['saga', 'watch'] });
    expect(understood('saga watch --help')).toStrictEqual({ helpOn: ['saga', 'watch'] });
    expect(understood('book --help')).toStrictEqual({ helpOn: ['book'] });
    expect(understood('rent -h')).toStrictEqual({ helpOn: ['rent'] });
  });

  it('asks for the release', () => {
    expect(understood('--version')).toBe('version');
    expect(understood('--json --version')).toBe('version');
  });

  it.each([
    ['retn jenny 1', 'There is no `library retn`. Did you mean `library rent`?'],
    ['sgaa ls', 'There is no `library sgaa`. Did you mean `library saga`?'],
    ['lend jenny 1', 'There is no `library lend`. See `library help`.'],
    ['confiscate', 'There is no `library confiscate`. See `library help`.'],
    ['saga lst', 'There is no `library saga lst`. Did you mean `library saga ls`?'],
    ['book', '`library book` needs a word more: add, ls.'],
    ['book ad', 'There is no `library book ad`: add, ls. Did you mean `library book add`?'],
    ['--json', 'A command is missing. See `library help`.'],
    ['rent jenny', '<bookNo> is missing: library rent <member> <bookNo> [--name NAME] [--wait N].'],
    [
      'book add 토지 --author 박경리',
      '--isbn is missing: library book add <title> --author NAME --isbn ISBN [--key KEY].',
    ],
    [
      'book add',
      '<title>, --author and --isbn are missing: library book add <title> --author NAME --isbn ISBN [--key KEY].',
    ],
    ['rent jenny 1 2', '"2" is one word too many: library rent <member> <bookNo> [--name NAME] [--wait N].'],
    ['rent jenny 1 --nmae x', 'There is no option --nmae here. Did you mean --name? See `library rent --help`.'],
    ['rent jenny 1 --colour', 'There is no option --colour here. See `library rent --help`.'],
    ['saga ls --attention=yes', "Option '--attention' does not take an argument. See `library saga ls --help`."],
    ['rent jenny 1 --name', "Option '--name <value>' argument missing. See `library rent --help`."],
  ])('%s is not understood', (line, why) => {
    expect(refused(line)).toBe(`CannotDo 2: ${why}`);
  });
});

describe('what may have been meant', () => {
  it.each([
    ['verfy', 'verify'],
    ['vreify', 'verify'],
    ['doktor', 'doctor'],
    ['q', undefined],
    ['xyz', undefined],
  ])('by %s is %s', (word, meant) => {
    expect(nearest(word, ['ls', 'verify', 'doctor', 'env'])).toBe(meant);
  });
});

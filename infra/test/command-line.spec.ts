import {
  existingFolder,
  oneOf,
  parsed,
  runProgram,
  numberOfSeconds,
  wholeNumber,
  WrongUsage,
} from '@library/infra/command-line';
import { InfraFailure } from '@library/infra/infra-failure';

const USAGE = 'npm run thing -- [--many 3]';

function understood(args: readonly string[]): number {
  const { values } = parsed({ args: [...args], options: { many: { type: 'string', default: '3' } } });
  return wholeNumber('--many', values.many, 1, 9);
}

async function run(args: readonly string[], main: (many: number) => Promise<number> = async () => 0) {
  const out = jest.spyOn(console, 'log').mockReturnValue();
  const err = jest.spyOn(console, 'error').mockReturnValue();
  const code = await runProgram(USAGE, args, understood, main);
  return { code, out: out.mock.calls.flat(), err: err.mock.calls.flat() };
}

describe('a program of ours', () => {
  afterEach(() => jest.restoreAllMocks());

  it('does what it is asked, and ends with the code of that', async () => {
    expect(await run(['--many', '5'], async (many) => many)).toEqual({ code: 5, out: [], err: [] });
  });

  it.each([[['--help']], [['--many', 'x', '--help']]])('prints its usage when asked %j', async (args) => {
    expect(await run(args)).toEqual({ code: 0, out: [USAGE], err: [] });
  });

  it.each([
    [['--unheard'], "Unknown option '--unheard'."],
    [['--many'], "Option '--many <value>' argument missing."],
    [['more'], "Unexpected argument 'more'."],
    [['--many', '2.5'], '--many is a whole number from 1 to 9, not "2.5".'],
  ])('says what is wrong with %j, and its usage', async (args, sentence) => {
    expect(await run(args)).toEqual({ code: 2, out: [], err: [`${sentence}\n\n${USAGE}`] });
  });

  const bug = new Error('bug');
  it.each([
    ['in a sentence what stands in its way', new InfraFailure('No Java.'), 'No Java.'],
    ['all that is known of a bug', bug, bug],
  ])('says %s', async (_, error, said) => {
    expect(await run([], () => Promise.reject(error))).toEqual({ code: 1, out: [], err: [said] });
  });
});

describe('values of options', () => {
  it('are understood', () => {
    expect(wholeNumber('--many', '0')).toBe(0);
    expect(wholeNumber('--many', '9', 1, 9)).toBe(9);
    expect(numberOfSeconds('--for', '0.5')).toBe(0.5);
    expect(oneOf('--target', 'near', ['near', 'far'])).toBe('near');
    expect(existingFolder('--in', __dirname)).toBe(__dirname);
  });

  it.each(['', ' 1', '-1', '1e3', '0x10', '1.0', '1000000000'])('are no whole number: "%s"', (text) => {
    expect(() => wholeNumber('--many', text)).toThrow(WrongUsage);
  });

  it.each(['', '0', '-1', 'Infinity', '1s'])('are no seconds: "%s"', (text) => {
    expect(() => numberOfSeconds('--for', text)).toThrow(`--for is a number of seconds above 0, not "${text}".`);
  });

  it('are one of those that there are', () => {
    expect(() => oneOf('--target', 'fra', ['near', 'far'])).toThrow('--target is near or far, not "fra".');
    expect(() => existingFolder('--in', __filename)).toThrow(`--in is a folder that exists, not "${__filename}".`);
  });
});

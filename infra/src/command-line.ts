import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { InfraFailure } from './infra-failure';

/** What was asked makes no sense. The message is a sentence that says what is wrong with which value. */
export class WrongUsage extends Error {}

const EXIT = { ok: 0, failed: 1, usage: 2 } as const;
const LARGEST = 999_999_999;

/**
 * Reads what was asked and does it; answers the exit code. `--help` prints the usage, whatever else is asked; what makes no
 * sense is said on stderr, before the usage, and is code 2.
 */
export async function runProgram<Asked>(
  usage: string,
  args: readonly string[],
  understood: (args: readonly string[]) => Asked,
  main: (asked: Asked) => Promise<number>,
): Promise<number> {
  if (args.includes('--help')) {
    console.log(usage);
    return EXIT.ok;
  }
  try {
    return await main(understood(args));
  } catch (error) {
    if (error instanceof WrongUsage) {
      console.error(`${error.message}\n\n${usage}`);
      return EXIT.usage;
    }
    console.error(error instanceof InfraFailure ? error.message : error);
    return EXIT.failed;
  }
}

/** As `parseArgs` of Node, which says its objection in several sentences; the first is enough where the usage follows. */
export function parsed<const Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const [sentence = ''] = (error as Error).message.split(/\.\s/);
    throw new WrongUsage(`${sentence.replace(/\.$/, '')}.`);
  }
}

/** The limits are allowed themselves. */
export function wholeNumber(option: string, text: string, lowest = 0, highest = LARGEST): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= lowest && number <= highest) return number;
  throw new WrongUsage(`${option} is a whole number from ${lowest} to ${highest}, not "${text}".`);
}

/** More than none; a part of a second will do. */
export function numberOfSeconds(option: string, text: string): number {
  const number = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && number > 0) return number;
  throw new WrongUsage(`${option} is a number of seconds above 0, not "${text}".`);
}

export function oneOf<Choice extends string>(option: string, text: string, choices: readonly Choice[]): Choice {
  const choice = choices.find((each) => each === text);
  if (choice !== undefined) return choice;
  throw new WrongUsage(`${option} is ${choices.join(' or ')}, not "${text}".`);
}

export function existingFolder(option: string, text: string): string {
  if (statSync(text, { throwIfNoEntry: false })?.isDirectory()) return text;
  throw new WrongUsage(`${option} is a folder that exists, not "${text}".`);
}

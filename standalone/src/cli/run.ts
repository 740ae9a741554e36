import { StorageFault } from '@library/shared-kernel/embedded/storage-fault';
import { BadEnvironment, readEnvironment, type Environment } from '@library/shared-kernel/service/environment';
import { VERSION } from '@library/shared-kernel/service/version';
import { understand } from './arguments';
import { Call, type Terminal } from './call';
import { paintFor } from './display';
import { CannotDo, EXIT, type Exit } from './exit';
import { helpOn } from './help';
import { NotDoneThere } from './library-api';
import type { Verb } from './verb';

/** Does what the command line says, and answers what it ends with. */
export async function run(args: readonly string[], terminal: Terminal, verbs: readonly Verb[]): Promise<Exit> {
  const isJson = args.includes('--json');
  try {
    const asked = understand(args, verbs);
    if (asked === 'version') {
      terminal.out(`${isJson ? JSON.stringify({ version: VERSION }) : VERSION}\n`);
      return EXIT.ok;
    }
    if ('helpOn' in asked) {
      terminal.out(`${helpOn(asked.helpOn, verbs, paintFor(terminal.isColoured))}\n`);
      return EXIT.ok;
    }
    const { verb, ...given } = asked;
    const call = new Call(given, terminal, environmentFor(verb, terminal));
    try {
      const { data, text, exit } = await verb.run(call);
      if (isJson) terminal.out(`${JSON.stringify(data, null, 2)}\n`);
      else if (text !== '') terminal.out(`${text}\n`);
      return exit;
    } catch (error) {
      throw verb.instead !== undefined && error instanceof NotDoneThere ? turnedAway(error, verb.instead) : error;
    } finally {
      await call.close();
    }
  } catch (error) {
    const refused = asRefusal(error);
    if (!refused) throw error;
    const { exit, message, problem } = refused;
    if (isJson)
      terminal.out(
        `${JSON.stringify({ error: { exit, message, ...(problem === undefined ? {} : { problem }) } }, null, 2)}\n`,
      );
    else terminal.err(`${message}\n`);
    return exit;
  }
}

/** A command that explains the environment, or looks for what is wrong with it, must work whatever is in it. */
function environmentFor({ name }: Verb, { variables }: Terminal): Environment {
  try {
    return readEnvironment(variables);
  } catch (error) {
    if (error instanceof BadEnvironment && (name === 'env' || name === 'doctor')) return readEnvironment({});
    throw error;
  }
}

function turnedAway({ origin, problem }: NotDoneThere, instead: string): CannotDo {
  return new CannotDo(EXIT.unavailable, `${origin} does not do this: ${instead}`, problem);
}

function asRefusal(error: unknown): CannotDo | undefined {
  if (error instanceof CannotDo) return error;
  if (error instanceof BadEnvironment) return new CannotDo(EXIT.usage, error.message);
  return error instanceof StorageFault ? new CannotDo(EXIT.failed, error.message) : undefined;
}

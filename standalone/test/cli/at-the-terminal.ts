import type { Terminal } from '@library/standalone/cli/call';
import { run } from '@library/standalone/cli/run';
import { VERBS } from '@library/standalone/cli/verbs';

/** What a command has said and ended with. */
export interface Ended {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** What it printed as JSON. */
  readonly json: any; // oxlint-disable-line typescript/no-explicit-any
}

/** Runs a command as a person at a terminal would. */
export async function atTheTerminal(args: readonly string[], more: Partial<Terminal> = {}): Promise<Ended> {
  let [out, err] = ['', ''];
  const terminal: Terminal = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    isColoured: false,
    variables: {},
    user: 'minji',
    signal: new AbortController().signal,
    ...more,
  };
  const exit = await run(args, terminal, VERBS);
  return {
    exit,
    out,
    err,
    get json() {
      return JSON.parse(out);
    },
  };
}

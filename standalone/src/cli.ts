import { userInfo } from 'node:os';
import type { Terminal } from './cli/call';
import { run } from './cli/run';
import { VERBS } from './cli/verbs';

const enough = new AbortController();
process.once('SIGINT', () => {
  enough.abort();
  // What does not listen to the signal is ended by it.
  setTimeout(() => process.exit(130), 500).unref();
});
// Whoever reads our output, such as `head`, may have had enough.
process.stdout.on('error', () => process.exit(0));

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  isColoured: process.stdout.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
  variables: process.env,
  user: process.env['USER'] ?? userInfo().username,
  signal: enough.signal,
};

async function main(): Promise<void> {
  try {
    process.exitCode = await run(process.argv.slice(2), terminal, VERBS);
  } catch (error) {
    const said = String((error as Error).stack ?? error);
    process.stderr.write(`Something went wrong that nobody foresaw. Please report it:\n${said}\n`);
    process.exitCode = 1;
  }
}

void main();
